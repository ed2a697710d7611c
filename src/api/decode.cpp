#include <api/decode.h>

#include <algorithm>
#include <charconv>

namespace sidereal::api {

namespace {

std::string list_of(Names names)
{
    std::string list;
    for (auto const name : names)
        list += fmt::format("{}{}", list.empty() ? "" : ", ", name);
    return list.empty() ? "none" : list;
}

bool is_among(Names names, std::string_view name)
{
    return std::find(names.begin(), names.end(), name) != names.end();
}

}

Result<JsonObject> decode_body(io::HttpRequest const& request, Names allowed)
{
    if (request.body.find_first_not_of(" \t\r\n") == std::string::npos)
        return JsonObject {};
    auto document = TRY(parse_json(request.body));
    if (!document.is_object())
        return fail(ErrorCode::invalid_input, "body: expected a JSON object");
    for (auto const& field : document.get_object()) {
        if (!is_among(allowed, field.key()))
            return fail(ErrorCode::invalid_input, "unknown field '{}': allowed are {}",
                std::string_view(field.key()), list_of(allowed));
    }
    return std::move(document.get_object());
}

Status allow_query(io::HttpRequest const& request, Names allowed)
{
    for (auto const& [name, value] : request.query) {
        if (!is_among(allowed, name))
            return fail(ErrorCode::invalid_input, "unknown query parameter '{}': allowed are {}",
                name, list_of(allowed));
    }
    return {};
}

Result<std::string> optional_string(JsonObject const& object, std::string_view name)
{
    if (!find(object, name))
        return std::string {};
    return get_string(object, name);
}

Result<bool> optional_bool(JsonObject const& object, std::string_view name)
{
    if (!find(object, name))
        return false;
    return get_bool(object, name);
}

Result<std::optional<std::int64_t>> optional_int(
    JsonObject const& object, std::string_view name, IntRange range)
{
    if (!find(object, name))
        return std::nullopt;
    auto const number = get_int(object, name);
    if (!number || *number < range.min || *number > range.max)
        return fail(ErrorCode::invalid_input, "field '{}': expected a whole number from {} to {}",
            name, range.min, range.max);
    return std::optional<std::int64_t>(*number);
}

std::optional<std::string> query_string(io::HttpRequest const& request, std::string_view name)
{
    auto const found = request.query.find(name);
    if (found == request.query.end())
        return std::nullopt;
    return found->second;
}

Result<std::optional<std::uint64_t>> query_uint(
    io::HttpRequest const& request, std::string_view name)
{
    auto const text = query_string(request, name);
    if (!text)
        return std::nullopt;
    std::uint64_t number = 0;
    auto const* const end = text->data() + text->size();
    auto const [stop, failure] = std::from_chars(text->data(), end, number);
    if (failure != std::errc {} || stop != end || text->empty())
        return fail(ErrorCode::invalid_input,
            "query parameter '{}': expected a whole number, 0 or more, not '{}'", name, *text);
    return std::optional<std::uint64_t>(number);
}

}
