#include <base/json.h>

#include <array>
#include <charconv>
#include <cmath>

namespace sidereal {

namespace {

void append_escaped(std::string& out, std::string_view text)
{
    static constexpr char hex[] = "0123456789abcdef";
    std::size_t clean_from = 0;
    for (std::size_t i = 0; i < text.size(); ++i) {
        auto const byte = static_cast<unsigned char>(text[i]);
        if (byte >= 0x20 && byte != '"' && byte != '\\')
            continue;
        out.append(text, clean_from, i - clean_from);
        clean_from = i + 1;
        switch (byte) {
        case '"': out += "\\\""; break;
        case '\\': out += "\\\\"; break;
        case '\n': out += "\\n"; break;
        case '\r': out += "\\r"; break;
        case '\t': out += "\\t"; break;
        default:
            out += "\\u00";
            out += hex[byte >> 4];
            out += hex[byte & 15];
        }
    }
    out.append(text, clean_from);
}

}

void JsonWriter::separate()
{
    if (needs_comma_)
        out_ += ',';
    needs_comma_ = true;
}

JsonWriter& JsonWriter::begin_object()
{
    separate();
    out_ += '{';
    needs_comma_ = false;
    return *this;
}

JsonWriter& JsonWriter::end_object()
{
    out_ += '}';
    needs_comma_ = true;
    return *this;
}

JsonWriter& JsonWriter::begin_array()
{
    separate();
    out_ += '[';
    needs_comma_ = false;
    return *this;
}

JsonWriter& JsonWriter::end_array()
{
    out_ += ']';
    needs_comma_ = true;
    return *this;
}

JsonWriter& JsonWriter::key(std::string_view name)
{
    separate();
    out_ += '"';
    append_escaped(out_, name);
    out_ += "\":";
    needs_comma_ = false;
    return *this;
}

JsonWriter& JsonWriter::value(std::string_view text)
{
    separate();
    out_ += '"';
    append_escaped(out_, text);
    out_ += '"';
    return *this;
}

JsonWriter& JsonWriter::value(bool truth)
{
    separate();
    out_ += truth ? "true" : "false";
    return *this;
}

JsonWriter& JsonWriter::value(double number)
{
    if (!std::isfinite(number))
        return null();
    separate();
    std::array<char, 32> buffer;
    auto const end = std::to_chars(buffer.data(), buffer.data() + buffer.size(), number).ptr;
    out_.append(buffer.data(), end);
    return *this;
}

JsonWriter& JsonWriter::write_signed(std::int64_t number)
{
    separate();
    std::array<char, 24> buffer;
    auto const end = std::to_chars(buffer.data(), buffer.data() + buffer.size(), number).ptr;
    out_.append(buffer.data(), end);
    return *this;
}

JsonWriter& JsonWriter::write_unsigned(std::uint64_t number)
{
    separate();
    std::array<char, 24> buffer;
    auto const end = std::to_chars(buffer.data(), buffer.data() + buffer.size(), number).ptr;
    out_.append(buffer.data(), end);
    return *this;
}

JsonWriter& JsonWriter::null()
{
    separate();
    out_ += "null";
    return *this;
}

JsonWriter& JsonWriter::raw(std::string_view json)
{
    separate();
    out_ += json;
    return *this;
}

Json const* find(JsonObject const& object, std::string_view name)
{
    auto const* found = object.if_contains(name);
    return found && !found->is_null() ? found : nullptr;
}

Result<std::string> get_string(JsonObject const& object, std::string_view name)
{
    auto const* found = find(object, name);
    if (!found || !found->is_string())
        return fail(ErrorCode::invalid_input, "field '{}': expected a string", name);
    return std::string(found->get_string());
}

Result<std::int64_t> get_int(JsonObject const& object, std::string_view name)
{
    auto const* found = find(object, name);
    boost::json::error_code failure;
    if (found && found->is_number()) {
        auto const number = found->to_number<std::int64_t>(failure);
        if (!failure)
            return number;
    }
    return fail(ErrorCode::invalid_input, "field '{}': expected a whole number", name);
}

Result<std::uint64_t> get_uint(JsonObject const& object, std::string_view name)
{
    auto const* found = find(object, name);
    boost::json::error_code failure;
    if (found && found->is_number()) {
        auto const number = found->to_number<std::uint64_t>(failure);
        if (!failure)
            return number;
    }
    return fail(ErrorCode::invalid_input, "field '{}': expected a whole number, 0 or more", name);
}

Result<double> get_double(JsonObject const& object, std::string_view name)
{
    auto const* found = find(object, name);
    boost::json::error_code failure;
    if (found && found->is_number()) {
        auto const number = found->to_number<double>(failure);
        if (!failure && std::isfinite(number))
            return number;
    }
    return fail(ErrorCode::invalid_input, "field '{}': expected a number", name);
}

Result<bool> get_bool(JsonObject const& object, std::string_view name)
{
    auto const* found = find(object, name);
    if (!found || !found->is_bool())
        return fail(ErrorCode::invalid_input, "field '{}': expected true or false", name);
    return found->get_bool();
}

Result<JsonArray const*> get_array(JsonObject const& object, std::string_view name)
{
    auto const* found = find(object, name);
    if (!found || !found->is_array())
        return fail(ErrorCode::invalid_input, "field '{}': expected a list", name);
    return &found->get_array();
}

Result<JsonObject const*> get_object(JsonObject const& object, std::string_view name)
{
    auto const* found = find(object, name);
    if (!found || !found->is_object())
        return fail(ErrorCode::invalid_input, "field '{}': expected an object", name);
    return &found->get_object();
}

Result<JsonObject const*> as_object(Json const& value, std::string_view what)
{
    if (!value.is_object())
        return fail(ErrorCode::invalid_input, "{}: expected an object", what);
    return &value.get_object();
}

}
