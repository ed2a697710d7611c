#pragma once

#include <base/json.h>
#include <base/result.h>
#include <io/http.h>

#include <cstdint>
#include <initializer_list>
#include <optional>
#include <string>
#include <string_view>

// Strict reading of what people send: what is not known is refused by name, with what is allowed.
namespace sidereal::api {

using Names = std::initializer_list<std::string_view>;

// The body as an object; an empty body is an object without fields.
Result<JsonObject> decode_body(io::HttpRequest const& request, Names allowed);
Status allow_query(io::HttpRequest const& request, Names allowed);

Result<std::string> optional_string(JsonObject const& object, std::string_view name);
Result<bool> optional_bool(JsonObject const& object, std::string_view name);

struct IntRange {
    std::int64_t min { 0 };
    std::int64_t max { 0 };
};
Result<std::optional<std::int64_t>> optional_int(
    JsonObject const& object, std::string_view name, IntRange range);

Result<std::optional<std::uint64_t>> query_uint(
    io::HttpRequest const& request, std::string_view name);
std::optional<std::string> query_string(io::HttpRequest const& request, std::string_view name);

}
