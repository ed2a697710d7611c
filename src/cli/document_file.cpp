#include <cli/document_file.h>

#include <io/file.h>
#include <openjd/document_value.h>

// As headers alone, which give errors as values: the library is built to throw.
#define TOML_EXCEPTIONS 0
#include <toml++/toml.h>

#include <sstream>

namespace sidereal::cli {

namespace {

constexpr std::size_t max_bytes = 1 << 20;

Result<JsonObject> object_of(Json value, std::string const& path)
{
    if (!value.is_object())
        return fail(ErrorCode::invalid_input, "{}: expected fields with names at the top", path);
    return std::move(value.get_object());
}

Result<JsonObject> read_toml(std::string const& text, std::string const& path)
{
    auto const parsed = toml::parse(text, path);
    if (!parsed) {
        auto const& where = parsed.error().source().begin;
        return fail(ErrorCode::invalid_input, "{}:{}:{}: {}", path, where.line, where.column,
            parsed.error().description());
    }
    std::ostringstream json;
    json << toml::json_formatter { parsed.table() };
    auto value = parse_json(json.str());
    if (!value)
        return fail(ErrorCode::invalid_input, "{}: {}", path, value.error().message);
    return object_of(std::move(*value), path);
}

}

Result<JsonObject> read_document_file(std::string const& path)
{
    auto const text = TRY(io::read_file(path, max_bytes));
    if (path.ends_with(".toml"))
        return read_toml(text, path);
    auto const document = openjd::parse_document(text, path);
    if (!document)
        return fail(ErrorCode::invalid_input, "{}", to_string(document.error()));
    return object_of(openjd::to_json(*document), path);
}

}
