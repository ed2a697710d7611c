#pragma once

#include <base/result.h>

#include <boost/json/object.hpp>
#include <boost/json/value.hpp>

#include <concepts>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace sidereal {

using Json = boost::json::value;
using JsonObject = boost::json::object;
using JsonArray = boost::json::array;

// Strict JSON with a depth limit; the error gives the byte offset. For documents that a person
// wrote (positions, duplicate keys) openjd has its own reader.
Result<Json> parse_json(std::string_view text);

// Writes compact JSON. Commas are its own business; keys and values must alternate inside objects.
// Doubles are the shortest text that reads back the same; not-a-number and infinities become null.
class JsonWriter {
public:
    JsonWriter& begin_object();
    JsonWriter& end_object();
    JsonWriter& begin_array();
    JsonWriter& end_array();
    JsonWriter& key(std::string_view name);

    JsonWriter& value(std::string_view text);
    JsonWriter& value(char const* text) { return value(std::string_view(text)); }
    JsonWriter& value(bool truth);
    JsonWriter& value(double number);
    template<std::integral T>
    JsonWriter& value(T number)
    {
        if constexpr (std::signed_integral<T>)
            return write_signed(number);
        else
            return write_unsigned(number);
    }
    JsonWriter& null();
    // Text that is JSON already.
    JsonWriter& raw(std::string_view json);

    template<typename T>
    JsonWriter& field(std::string_view name, T const& content)
    {
        return key(name).value(content);
    }
    template<typename T>
    JsonWriter& field(std::string_view name, std::optional<T> const& content)
    {
        key(name);
        return content ? value(*content) : null();
    }

    std::string take() { return std::move(out_); }
    std::string_view view() const { return out_; }

private:
    JsonWriter& write_signed(std::int64_t number);
    JsonWriter& write_unsigned(std::uint64_t number);
    void separate();

    std::string out_;
    bool needs_comma_ { false };
};

// Readers for a decoded object: a missing or mistyped field is an error that names it.
Result<std::string> get_string(JsonObject const& object, std::string_view name);
Result<std::int64_t> get_int(JsonObject const& object, std::string_view name);
Result<std::uint64_t> get_uint(JsonObject const& object, std::string_view name);
Result<double> get_double(JsonObject const& object, std::string_view name);
Result<bool> get_bool(JsonObject const& object, std::string_view name);
Result<JsonArray const*> get_array(JsonObject const& object, std::string_view name);
Result<JsonObject const*> get_object(JsonObject const& object, std::string_view name);
Result<JsonObject const*> as_object(Json const& value, std::string_view what);
// Null and absent are the same: nothing there.
Json const* find(JsonObject const& object, std::string_view name);

}
