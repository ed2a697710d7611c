#include <openjd/document.h>

#include <openjd/text_rules.h>

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>

namespace sidereal::openjd {

namespace {

constexpr std::string_view byte_order_mark = "\xef\xbb\xbf";

bool all_in(std::string_view text, std::string_view set)
{
    return !text.empty() && text.find_first_not_of(set) == std::string_view::npos;
}

bool is_core_int(std::string_view text)
{
    if (text.starts_with("0o"))
        return all_in(text.substr(2), "01234567");
    if (text.starts_with("0x"))
        return all_in(text.substr(2), "0123456789abcdefABCDEF");
    if (text.starts_with('-') || text.starts_with('+'))
        text.remove_prefix(1);
    return all_in(text, "0123456789");
}

// [-+]? ( \. [0-9]+ | [0-9]+ ( \. [0-9]* )? ) ( [eE] [-+]? [0-9]+ )?, infinities and not-a-number
bool is_core_float(std::string_view text)
{
    if (text == ".nan" || text == ".NaN" || text == ".NAN")
        return true;
    if (text.starts_with('-') || text.starts_with('+'))
        text.remove_prefix(1);
    if (text == ".inf" || text == ".Inf" || text == ".INF")
        return true;
    if (text.empty() || text.starts_with('-') || text.starts_with('+'))
        return false;
    auto const exponent = text.find_first_of("eE");
    if (exponent != std::string_view::npos) {
        auto power = text.substr(exponent + 1);
        if (power.starts_with('-') || power.starts_with('+'))
            power.remove_prefix(1);
        if (!all_in(power, "0123456789"))
            return false;
        text = text.substr(0, exponent);
    }
    auto const point = text.find('.');
    if (point == std::string_view::npos)
        return all_in(text, "0123456789");
    auto const fraction = text.substr(point + 1);
    if (point == 0)
        return all_in(fraction, "0123456789");
    return all_in(text.substr(0, point), "0123456789")
        && (fraction.empty() || all_in(fraction, "0123456789"));
}

template<std::size_t count>
bool is_one_of(std::string_view text, std::array<std::string_view, count> const& words)
{
    return std::find(words.begin(), words.end(), text) != words.end();
}

Diagnostic whole_file(std::string_view file_name, std::string message)
{
    return { std::string(file_name), 1, 1, {}, std::move(message) };
}

Diagnostic bad_byte(std::string_view text, std::string_view file_name, std::size_t at)
{
    auto const before = text.substr(0, at);
    auto const line = 1 + std::count(before.begin(), before.end(), '\n');
    auto const line_start = before.rfind('\n') == std::string_view::npos ? 0
                                                                         : before.rfind('\n') + 1;
    auto const column = 1 + count_code_points(before.substr(line_start));
    auto const byte = static_cast<unsigned char>(text[at]);
    auto message = byte == 0
        ? std::string("a NUL character; text files have none")
        : fmt::format("byte 0x{:02x} is not UTF-8; save the file as UTF-8", byte);
    return { std::string(file_name), static_cast<int>(line), static_cast<int>(column), {},
        std::move(message) };
}

}

Node const* Node::find(std::string_view key) const
{
    for (std::size_t i = 0; i < keys.size(); ++i) {
        if (keys[i].text == key)
            return &children[i];
    }
    return nullptr;
}

std::optional<std::int64_t> Node::as_int() const
{
    if (kind != Kind::integer)
        return std::nullopt;
    int const base = text.starts_with("0x") ? 16 : text.starts_with("0o") ? 8 : 10;
    if (base == 10)
        return parse_int(text);
    std::int64_t value = 0;
    auto const* const end = text.data() + text.size();
    auto const parsed = std::from_chars(text.data() + 2, end, value, base);
    if (parsed.ec != std::errc {} || parsed.ptr != end)
        return std::nullopt;
    return value;
}

std::optional<double> Node::as_float() const
{
    if (auto const whole = as_int())
        return static_cast<double>(*whole);
    if (kind != Kind::floating && kind != Kind::integer)
        return std::nullopt;
    return parse_float(text);
}

bool Node::is_true() const
{
    return kind == Kind::boolean && (text == "true" || text == "True" || text == "TRUE");
}

std::string Node::as_text() const
{
    if (auto const whole = as_int())
        return std::to_string(*whole);
    return text;
}

std::string_view describe(Node::Kind kind)
{
    switch (kind) {
    case Node::Kind::null: return "nothing (null)";
    case Node::Kind::boolean: return "true or false";
    case Node::Kind::integer: return "a whole number";
    case Node::Kind::floating: return "a number";
    case Node::Kind::string: return "a string";
    case Node::Kind::list: return "a list";
    case Node::Kind::map: return "an object";
    }
    return "a value";
}

Node::Kind detail::resolve_plain(std::string_view text)
{
    static constexpr std::array<std::string_view, 5> nulls { "", "~", "null", "Null", "NULL" };
    static constexpr std::array<std::string_view, 6> booleans { "true", "True", "TRUE", "false",
        "False", "FALSE" };
    if (is_one_of(text, nulls))
        return Node::Kind::null;
    if (is_one_of(text, booleans))
        return Node::Kind::boolean;
    if (is_core_int(text))
        return Node::Kind::integer;
    if (is_core_float(text))
        return Node::Kind::floating;
    return Node::Kind::string;
}

Checked<Node> parse_document(
    std::string_view text, std::string_view file_name, DocumentLimits const& limits)
{
    if (text.size() > limits.bytes) {
        return tl::unexpected(Diagnostics { whole_file(file_name,
            fmt::format(
                "the document has {} bytes; at most {} are read", text.size(), limits.bytes)) });
    }
    if (auto const bad = find_bad_utf8(text))
        return tl::unexpected(Diagnostics { bad_byte(text, file_name, *bad) });
    auto content = text;
    if (content.starts_with(byte_order_mark))
        content.remove_prefix(byte_order_mark.size());
    auto const name = to_lower(file_name);
    bool const named_yaml = name.ends_with(".yaml") || name.ends_with(".yml");
    if (name.ends_with(".json") || trim(content).starts_with('{')) {
        auto document = detail::parse_json(content, file_name, limits);
        if (document || !named_yaml)
            return document;
    }
    return detail::parse_yaml(content, file_name, limits);
}

}
