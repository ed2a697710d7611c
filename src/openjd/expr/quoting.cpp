#include <openjd/expr/quoting.h>

#include <openjd/expr/costs.h>
#include <openjd/expr/library.h>
#include <openjd/expr/unicode.h>

#include <fmt/format.h>

#include <algorithm>

// repr_sh, repr_py, repr_json, repr_cmd, repr_pwsh
namespace sidereal::openjd::expr {

namespace {

std::string join(
    Value const& list, std::string_view separator, std::string (*quote)(Value const& element))
{
    std::string out;
    for (std::size_t i = 0; i < list.size(); ++i) {
        if (i > 0)
            out += separator;
        out += quote(list.at(i));
    }
    return out;
}

// \u and four digits
void append_hexadecimal(std::string& out, std::uint32_t number)
{
    static constexpr std::string_view digits = "0123456789abcdef";
    out += "\\u";
    for (auto shift = 16U; shift > 0; shift -= 4)
        out += digits[(number >> (shift - 4)) & 0xFU];
}

void append_json_character(std::string& out, char32_t point)
{
    static constexpr std::string_view plain = "\"\\\b\f\n\r\t";
    static constexpr std::string_view letters = "\"\\bfnrt";
    auto const found = point < 0x80 ? plain.find(static_cast<char>(point)) : std::string::npos;
    if (found != std::string_view::npos) {
        out += '\\';
        out += letters[found];
    } else if (point >= 0x10000) {
        auto const rest = static_cast<std::uint32_t>(point - 0x10000);
        append_hexadecimal(out, 0xD800 + (rest >> 10));
        append_hexadecimal(out, 0xDC00 + (rest & 0x3FF));
    } else if (point < 0x20 || point >= 0x80) {
        append_hexadecimal(out, static_cast<std::uint32_t>(point));
    } else {
        out += static_cast<char>(point);
    }
}

std::string json_string(std::string_view text, bool is_ascii_only)
{
    std::string out = "\"";
    for (std::size_t at = 0; at < text.size();) {
        auto const start = at;
        auto const point = decode_utf8(text, at);
        if (point >= 0x80 && !is_ascii_only)
            out += text.substr(start, at - start);
        else
            append_json_character(out, point);
    }
    return out + '"';
}

void append_python_character(std::string& out, char32_t point, char quote)
{
    auto const number = static_cast<std::uint32_t>(point);
    if (point == static_cast<char32_t>(quote) || point == '\\') {
        out += '\\';
        out += static_cast<char>(point);
    } else if (point == '\n' || point == '\r' || point == '\t') {
        out += point == '\n' ? "\\n" : point == '\r' ? "\\r" : "\\t";
    } else if (has_trait(point, Trait::printable)) {
        append_utf8(out, point);
    } else if (point < 0x100) {
        out += fmt::format("\\x{:02x}", number);
    } else if (point < 0x10000) {
        out += fmt::format("\\u{:04x}", number);
    } else {
        out += fmt::format("\\U{:08x}", number);
    }
}

std::string python_string(std::string_view text)
{
    auto const has_single = text.find('\'') != std::string_view::npos;
    auto const has_double = text.find('"') != std::string_view::npos;
    auto const quote = has_single && !has_double ? '"' : '\'';
    std::string out(1, quote);
    for (std::size_t at = 0; at < text.size();)
        append_python_character(out, decode_utf8(text, at), quote);
    return out + quote;
}

std::string powershell_string(std::string_view text)
{
    std::string out = "'";
    for (auto const c : text) {
        out += c;
        if (c == '\'')
            out += c;
    }
    return out + '\'';
}

// Text in full, with everything beyond ASCII as \uXXXX.
std::string json_ascii(Value const& value)
{
    if (value.is(Kind::list))
        return "[" + join(value, ", ", json_ascii) + "]";
    if (value.is(Kind::string) || value.is(Kind::path) || value.is(Kind::range))
        return json_string(value.to_text(), true);
    return value.to_text();
}

template<std::string (*quote)(Value const&)>
Outcome<Value> quoted(Arguments arguments, Runtime& runtime)
{
    TRY(runtime.meter.spend((arguments[0].is(Kind::list) ? 8U : 16U) * cost_of(arguments[0])));
    TRY(runtime.meter.reserve(text_bound(arguments[0])));
    return Value::of(quote(arguments[0]));
}

template<std::string (*quote)(std::string_view)>
std::string words(Value const& value)
{
    if (!value.is(Kind::list))
        return quote(value.text());
    return join(value, " ", [](Value const& word) { return quote(word.text()); });
}

}

std::string quote_json(Value const& value)
{
    if (value.is(Kind::list))
        return "[" + join(value, ", ", quote_json) + "]";
    if (value.is(Kind::string) || value.is(Kind::path) || value.is(Kind::range))
        return json_string(value.to_text(), false);
    return value.to_text();
}

std::string quote_python(Value const& value)
{
    switch (value.kind()) {
    case Kind::null: return "None";
    case Kind::boolean: return value.truth() ? "True" : "False";
    case Kind::list: return "[" + join(value, ", ", quote_python) + "]";
    case Kind::string:
    case Kind::path:
    case Kind::range: return python_string(value.to_text());
    default: return value.to_text();
    }
}

std::string quote_powershell(Value const& value)
{
    switch (value.kind()) {
    case Kind::null: return "$null";
    case Kind::boolean: return value.truth() ? "$true" : "$false";
    case Kind::list:
        // Without the comma a list of one list would be that list.
        return (value.size() == 1 && value.element_type().is_list() ? "@(," : "@(")
            + join(value, ", ", quote_powershell) + ")";
    case Kind::string:
    case Kind::path:
    case Kind::range: return powershell_string(value.to_text());
    default: return value.to_text();
    }
}

std::string quote_shell(std::string_view text)
{
    auto const is_plain = [](char c) {
        return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9')
            || std::string_view("@%+=:,./-_").find(c) != std::string_view::npos;
    };
    if (!text.empty() && std::all_of(text.begin(), text.end(), is_plain))
        return std::string(text);
    std::string out = "'";
    for (auto const c : text) {
        if (c == '\'')
            out += "'\"'\"'";
        else
            out += c;
    }
    return out + '\'';
}

// cmd.exe knows no way to write a line break: it is taken out before anything else is decided.
std::string quote_cmd(std::string_view text)
{
    static constexpr std::string_view special = "&|<>^\"()%! \t\v\f";
    std::string line(text);
    std::erase_if(line, [](char c) { return c == '\n' || c == '\r'; });
    if (!line.empty() && line.find_first_of(special) == std::string::npos)
        return line;
    std::string out = "\"";
    for (auto const c : line) {
        if (c == '^' || c == '"')
            out += '^';
        else if (c == '!')
            out += "^^";
        else if (c == '%')
            out += '%';
        out += c;
    }
    return out + '"';
}

std::uint64_t text_bound(Value const& value)
{
    switch (value.kind()) {
    case Kind::list:
        // The widest element that is no text is a float of 24 characters.
        return 6 * value.bytes() + 32 * value.size() + 4;
    case Kind::string:
    case Kind::path: return 6 * value.text().size() + 2;
    case Kind::range: return 64 * value.range().intervals().size() + 2;
    default: return 64 + value.bytes();
    }
}

void add_quoting(Library& library)
{
    auto const word = string_type | path_type;
    auto const lists = string_type.list() | path_type.list() | empty_list_type;
    for (auto const type : { word, lists }) {
        library.add("repr_sh", { type }, string_type, quoted<words<quote_shell>>);
        library.add("repr_cmd", { type }, string_type, quoted<words<quote_cmd>>);
    }
    library.add("repr_py", { Type::any() }, string_type, quoted<quote_python>);
    library.add("repr_json", { Type::any() }, string_type, quoted<json_ascii>);
    library.add("repr_pwsh", { Type::any() }, string_type, quoted<quote_powershell>);
}

}
