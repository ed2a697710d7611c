#include <cli/bundle.h>

#include <cli/output.h>
#include <io/file.h>
#include <openjd/document.h>
#include <openjd/parameter_value.h>
#include <openjd/text_rules.h>

#include <algorithm>
#include <filesystem>
#include <optional>
#include <utility>

namespace sidereal::cli {

namespace {

namespace fs = std::filesystem;

template<typename T>
using Loaded = tl::expected<T, BundleFault>;

BundleFault fault_of(Error error) { return { {}, std::move(error) }; }

BundleFault fault_of(openjd::Diagnostics faults)
{
    auto message = fmt::format("{}: {} fault{} in it", faults.empty() ? "" : faults.front().file,
        faults.size(), faults.size() == 1 ? "" : "s");
    return { std::move(faults), { ErrorCode::invalid_input, std::move(message) } };
}

// Like TRY, for the two kinds of failure that meet here.
template<typename T, typename E>
Loaded<T> lift(tl::expected<T, E> result)
{
    if (!result)
        return tl::unexpected(fault_of(std::move(result.error())));
    return *std::move(result);
}

struct Files {
    std::string folder;
    std::string template_path;
    std::optional<std::string> values_path;
    std::optional<std::string> assets_path;
    std::optional<std::string> scheduling_path;
};

// `stem`.yaml, .yml or .json in the folder.
std::optional<std::string> find_document(std::string const& folder, std::string_view stem)
{
    for (auto const* extension : { "yaml", "yml", "json" }) {
        auto path = fmt::format("{}/{}.{}", folder, stem, extension);
        if (io::path_exists(path))
            return path;
    }
    return std::nullopt;
}

Result<Files> find_files(std::string const& target)
{
    std::error_code failure;
    if (!io::path_exists(target))
        return fail(ErrorCode::not_found,
            "{}: no such file or folder: give a template file or a job bundle's folder", target);
    auto const absolute = fs::absolute(target, failure).lexically_normal();
    if (!fs::is_directory(absolute, failure))
        return Files { absolute.parent_path().string(), target, {}, {}, {} };
    auto folder = target;
    while (folder.size() > 1 && folder.ends_with('/'))
        folder.pop_back();
    auto const found = template_in(folder);
    if (!found)
        return fail(
            ErrorCode::not_found, "{}: no template.yaml or template.json in this folder", target);
    auto home = absolute;
    if (!home.has_filename())
        home = home.parent_path();
    return Files { home.string(), *found, find_document(folder, "parameter_values"),
        find_document(folder, "asset_references"), find_document(folder, "scheduling") };
}

std::string absolute_in(std::string const& folder, std::string const& path)
{
    return (fs::path(folder) / path).lexically_normal().string();
}

// PATH parameters that the template declares as read by the job.
std::vector<std::string> input_parameters(openjd::JobSource const& source)
{
    std::vector<std::string> names;
    auto const document = openjd::parse_document(source.template_text, source.file_name);
    auto const* definitions = document ? document->find("parameterDefinitions") : nullptr;
    if (!definitions)
        return names;
    auto const says = [](openjd::Node const& node, std::string_view key, std::string_view value) {
        auto const* found = node.find(key);
        return found && found->text == value;
    };
    for (auto const& definition : definitions->children) {
        auto const* name = definition.find("name");
        auto const* type = definition.find("type");
        auto const upper = type ? openjd::to_upper(type->text) : std::string();
        if (name && (upper == "PATH" || upper == "LIST[PATH]")
            && (says(definition, "dataFlow", "IN") || says(definition, "dataFlow", "INOUT")))
            names.push_back(name->text);
    }
    return names;
}

// Values that the bundle gives lie in its folder, those given by hand where the person stands.
Loaded<openjd::JobSource> resolve_paths(openjd::JobSource const& source, std::string const& folder,
    std::string const& working_dir, openjd::ParameterTexts const& given)
{
    auto resolved = TRY(lift(openjd::with_absolute_paths(source, folder, folder)));
    auto const by_hand = TRY(lift(openjd::with_absolute_paths(source, folder, working_dir)));
    for (auto const& [name, value] : given) {
        if (auto const found = by_hand.parameters.find(name); found != by_hand.parameters.end())
            resolved.parameters[name] = found->second;
    }
    return resolved;
}

// Each key of the document is a parameter.
Status add_values(
    openjd::ParameterTexts& values, openjd::Node const& document, std::string_view where)
{
    for (std::size_t i = 0; i < document.keys.size(); ++i) {
        auto const& key = document.keys[i];
        auto text = openjd::parameter_text(document.children[i]);
        if (!text)
            return fail(ErrorCode::invalid_input, "{}:{}:{}: parameter '{}': {}", where, key.line,
                key.column, key.text, text.error().message);
        values[key.text] = std::move(*text);
    }
    return {};
}

Status add_object(openjd::ParameterTexts& values, std::string_view text)
{
    auto const document = openjd::parse_document(text, "-p.json");
    if (document)
        return add_values(values, *document, "-p");
    return fail(ErrorCode::invalid_input,
        "-p {}: expected parameters as {{\"NAME\": \"VALUE\"}}: {}", text,
        document.error().front().message);
}

Status add_file(openjd::ParameterTexts& values, std::string const& path)
{
    auto const text = TRY(io::read_file(path));
    auto const document = openjd::parse_document(text, path);
    if (!document)
        return fail(ErrorCode::invalid_input, "{}", openjd::to_string(document.error()));
    if (document->find("parameterValues")) {
        auto const list = openjd::parse_parameter_values(text, path);
        if (!list)
            return fail(ErrorCode::invalid_input, "{}", openjd::to_string(list.error()));
        for (auto const& [name, value] : list->parameters)
            values[name] = value;
        return {};
    }
    if (document->kind != openjd::Node::Kind::map)
        return fail(ErrorCode::invalid_input, "{}: expected a map of NAME: VALUE", path);
    return add_values(values, *document, path);
}

}

Status add_parameters(openjd::ParameterTexts& values, std::string const& argument)
{
    constexpr std::string_view file_scheme = "file://";
    if (argument.starts_with(file_scheme))
        return add_file(values, argument.substr(file_scheme.size()));
    if (argument.starts_with('{'))
        return add_object(values, argument);
    auto const equals = argument.find('=');
    if (equals == std::string::npos || equals == 0)
        return fail(ErrorCode::invalid_input,
            "-p {}: expected NAME=VALUE, file://FILE or {{\"NAME\": \"VALUE\"}}", argument);
    values[argument.substr(0, equals)] = argument.substr(equals + 1);
    return {};
}

tl::expected<Bundle, BundleFault> load_bundle(std::string const& target,
    std::vector<std::string> const& parameters, std::string const& working_dir,
    std::vector<openjd::TemplateText> around)
{
    auto const files = TRY(lift(find_files(target)));
    Bundle bundle;
    bundle.source.environments = std::move(around);
    bundle.source.file_name = files.template_path;
    bundle.source.template_text = TRY(lift(io::read_file(files.template_path)));
    if (files.values_path) {
        auto const text = TRY(lift(io::read_file(*files.values_path)));
        auto values = TRY(lift(openjd::parse_parameter_values(text, *files.values_path)));
        bundle.source.parameters = std::move(values.parameters);
        bundle.knobs = values.knobs;
    }
    if (files.scheduling_path)
        bundle.scheduling = TRY(lift(io::read_file(*files.scheduling_path)));
    if (files.assets_path) {
        auto const text = TRY(lift(io::read_file(*files.assets_path)));
        auto const assets = TRY(lift(openjd::parse_asset_references(text, *files.assets_path)));
        for (auto const& list : { assets.input_filenames, assets.input_directories }) {
            for (auto const& path : list)
                bundle.inputs.push_back(absolute_in(files.folder, path));
        }
    }
    openjd::ParameterTexts given;
    for (auto const& argument : parameters) {
        if (auto const added = add_parameters(given, argument); !added)
            return tl::unexpected(fault_of(added.error()));
    }
    for (auto const& [name, value] : given)
        bundle.source.parameters[name] = value;
    bundle.source = TRY(resolve_paths(bundle.source, files.folder, working_dir, given));
    auto const job = TRY(lift(openjd::create_job(bundle.source)));
    for (auto const& name : input_parameters(bundle.source)) {
        auto const value = job.parameters.find(name);
        if (value == job.parameters.end())
            continue;
        for (auto& path : openjd::paths_in(value->second))
            bundle.inputs.push_back(std::move(path));
    }
    return bundle;
}

std::optional<std::string> template_in(std::string const& folder)
{
    return find_document(folder, "template");
}

Error shown(BundleFault const& fault, OutputFormat format)
{
    if (fault.diagnostics.empty())
        return fault.error;
    auto lines = openjd::to_string(fault.diagnostics);
    while (lines.ends_with('\n'))
        lines.pop_back();
    if (format == OutputFormat::json)
        return { fault.error.code, fault.error.message + "\n" + lines };
    print(stderr, lines + "\n");
    return fault.error;
}

namespace {

// Where a name holds the number of a frame: ####, %d, %04d. Begin and length.
std::optional<std::pair<std::size_t, std::size_t>> frame_number_place(std::string_view name)
{
    static constexpr std::string_view digits = "0123456789";
    if (auto const at = name.find('#'); at != std::string_view::npos) {
        auto const end = std::min(name.find_first_not_of('#', at), name.size());
        return std::pair(at, end - at);
    }
    auto const at = name.find('%');
    auto const end = at == std::string_view::npos ? at : name.find_first_not_of(digits, at + 1);
    if (end == std::string_view::npos || name[end] != 'd')
        return std::nullopt;
    return std::pair(at, end + 1 - at);
}

// A sequence is there if one of its pictures is.
bool is_there(std::string const& path)
{
    if (io::path_exists(path))
        return true;
    auto const whole = fs::path(path);
    auto const name = whole.filename().string();
    auto const place = frame_number_place(name);
    if (!place)
        return false;
    auto const before = name.substr(0, place->first);
    auto const behind = name.substr(place->first + place->second);
    std::error_code none;
    for (auto const& entry : fs::directory_iterator(whole.parent_path(), none)) {
        auto const found = entry.path().filename().string();
        if (found.size() <= before.size() + behind.size() || !found.starts_with(before)
            || !found.ends_with(behind))
            continue;
        auto const number = found.substr(
            before.size(), found.size() - before.size() - behind.size());
        if (number.find_first_not_of("-0123456789") == std::string::npos)
            return true;
    }
    return false;
}

}

Status check_inputs(Bundle const& bundle)
{
    std::string missing;
    for (auto const& path : bundle.inputs) {
        if (!is_there(path) && missing.find(path) == std::string::npos)
            missing += fmt::format("{}{}", missing.empty() ? "" : ", ", path);
    }
    if (missing.empty())
        return {};
    return fail(ErrorCode::not_found,
        "the job needs {}, which is not there: put it there, or submit with --no-check-inputs if "
        "the nodes have it",
        missing);
}

}
