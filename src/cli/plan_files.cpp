#include <cli/plan_input.h>

#include <io/file.h>
#include <plan/gguf.h>
#include <plan/model_config.h>
#include <plan/safetensors.h>

#include <filesystem>

namespace sidereal::cli {

namespace {

constexpr std::size_t max_json_bytes = 8 << 20;

Result<plan::ByteSource> open_source(std::string const& path)
{
    auto const size = TRY(io::file_size(path));
    return plan::ByteSource { path, size, [path](std::uint64_t offset, std::size_t bytes) {
                                 return io::read_file_range(path, offset, bytes);
                             } };
}

std::string beside(std::string const& path, std::string const& name)
{
    return (std::filesystem::path(path).parent_path() / name).string();
}

// "x-00001-of-00003.gguf" and the number of another part.
Result<std::string> part_path(std::string const& path, std::int64_t part, std::int64_t count)
{
    auto const ending = fmt::format("-00001-of-{:05}.gguf", count);
    if (!path.ends_with(ending))
        return fail(ErrorCode::invalid_input, "{}: is a part of {}: give the first one, named …{}",
            path, count, ending);
    return path.substr(0, path.size() - ending.size())
        + fmt::format("-{:05}-of-{:05}.gguf", part, count);
}

Status check_whole(plan::GgufHeader const& header, std::string const& path)
{
    if (header.missing_bytes == 0)
        return {};
    return fail(ErrorCode::invalid_input, "{}: {} bytes are missing at its end: download it again",
        path, header.missing_bytes);
}

Result<plan::Model> load_gguf(std::string const& path, plan::Catalog const& catalog)
{
    auto const source = TRY(open_source(path));
    auto const header = TRY(plan::read_gguf(source, catalog));
    TRY(check_whole(header, path));
    auto model = TRY(plan::model_of(header, source, catalog));
    auto const parts = plan::split_count(header);
    for (std::int64_t part = 2; part <= parts; ++part) {
        auto const name = TRY(part_path(path, part, parts));
        auto const other = TRY(open_source(name));
        auto const more = TRY(plan::read_gguf(other, catalog));
        TRY(check_whole(more, name));
        TRY(plan::add_split_part(model, more, catalog));
    }
    TRY(plan::check_model(model));
    return model;
}

Result<plan::Model> load_config(std::string const& path)
{
    auto const text = TRY(io::read_file(path, max_json_bytes));
    return plan::read_model_config(text, path);
}

Result<plan::Model> config_beside(std::string const& path)
{
    auto const config = beside(path, "config.json");
    if (!io::path_exists(config))
        return fail(ErrorCode::not_found,
            "{}: tells sizes but no shape: put the checkpoint's config.json beside it", path);
    return load_config(config);
}

Result<plan::Model> load_safetensors(std::string const& path)
{
    auto const source = TRY(open_source(path));
    auto const header = TRY(plan::read_safetensors(source));
    auto model = TRY(config_beside(path));
    plan::set_bytes(model, header);
    return model;
}

// The shards' own headers where they are, else the index's total.
Result<plan::Model> load_index(std::string const& path)
{
    auto const text = TRY(io::read_file(path, max_json_bytes));
    auto const index = TRY(plan::read_safetensors_index(text, path));
    auto model = TRY(config_beside(path));
    for (auto const& file : index.files) {
        if (io::path_exists(beside(path, file)))
            continue;
        if (index.total_bytes)
            plan::set_total_bytes(model, *index.total_bytes);
        return model;
    }
    for (auto const& file : index.files) {
        auto const source = TRY(open_source(beside(path, file)));
        auto const header = TRY(plan::read_safetensors(source));
        plan::set_bytes(model, header);
    }
    return model;
}

Result<plan::Model> load_folder(std::string const& path)
{
    for (auto const* name : { "model.safetensors.index.json", "model.safetensors" }) {
        auto const file = path + "/" + name;
        if (io::path_exists(file))
            return file.ends_with(".json") ? load_index(file) : load_safetensors(file);
    }
    return load_config(path + "/config.json");
}

}

Result<plan::Model> load_model(std::string const& text, plan::Catalog const& catalog)
{
    std::error_code ignored;
    if (std::filesystem::is_directory(text, ignored))
        return load_folder(text);
    if (text.ends_with(".gguf"))
        return load_gguf(text, catalog);
    if (text.ends_with(".safetensors"))
        return load_safetensors(text);
    if (text.ends_with(".index.json"))
        return load_index(text);
    if (text.ends_with(".json"))
        return load_config(text);
    // Ollama keeps its models under their hashes.
    if (auto const begin = io::read_file_range(text, 0, 4); begin && *begin == "GGUF")
        return load_gguf(text, catalog);
    auto const entry = plan::find_model(catalog, text);
    if (!entry)
        return fail(ErrorCode::not_found,
            "{}; a file is told by its name: .gguf, .safetensors, .index.json or .json",
            entry.error().message);
    return plan::model_of(**entry);
}

}
