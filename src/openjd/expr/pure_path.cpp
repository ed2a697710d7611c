#include <openjd/expr/pure_path.h>

#include <openjd/text_rules.h>

#include <algorithm>
#include <charconv>

namespace sidereal::openjd::expr {

namespace {

bool is_letter(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); }
bool is_digit(char c) { return c >= '0' && c <= '9'; }

// Of the "://" behind a scheme; npos if there is none.
std::size_t scheme_end(std::string_view text)
{
    auto const end = text.find("://");
    if (end == std::string_view::npos || end == 0 || !is_letter(text[0]))
        return std::string_view::npos;
    auto const fits = [](char c) {
        return is_letter(c) || is_digit(c) || c == '+' || c == '.' || c == '-';
    };
    return std::all_of(text.begin(), text.begin() + static_cast<std::ptrdiff_t>(end), fits)
        ? end
        : std::string_view::npos;
}

// All of the text between separators.
std::vector<std::string> split(std::string_view text, char separator)
{
    std::vector<std::string> out;
    for (;;) {
        auto const at = text.find(separator);
        out.emplace_back(text.substr(0, at));
        if (at == std::string_view::npos)
            return out;
        text.remove_prefix(at + 1);
    }
}

void add_parts(PurePath& path, std::string_view text, char separator)
{
    for (auto& part : split(text, separator)) {
        if (!part.empty() && part != ".")
            path.parts.push_back(std::move(part));
    }
}

PurePath parse_uri(std::string_view text)
{
    PurePath out;
    out.is_uri = true;
    auto const slash = text.find('/', scheme_end(text) + 3);
    out.root = text.substr(0, slash);
    if (slash != std::string_view::npos && slash + 1 < text.size())
        out.parts = split(text.substr(slash + 1), '/');
    return out;
}

PurePath parse_posix(std::string_view text)
{
    PurePath out;
    auto const slashes = std::min(text.find_first_not_of('/'), text.size());
    // Two slashes, and only two, mean something else than one.
    out.root = std::string(slashes == 2 ? 2 : slashes > 0 ? 1 : 0, '/');
    add_parts(out, text, '/');
    return out;
}

PurePath parse_windows(std::string_view given)
{
    PurePath out;
    out.format = HostFormat::windows;
    std::string text(given);
    std::replace(text.begin(), text.end(), '/', '\\');
    std::string_view rest(text);
    auto const server_end = rest.starts_with("\\\\") ? rest.find('\\', 2) : std::string::npos;
    if (server_end != std::string::npos && server_end > 2) {
        auto const share_end = std::min(rest.find('\\', server_end + 1), rest.size());
        out.drive = rest.substr(0, share_end);
        out.root = "\\";
        rest.remove_prefix(share_end);
    } else if (rest.size() >= 2 && is_letter(rest[0]) && rest[1] == ':') {
        out.drive = rest.substr(0, 2);
        rest.remove_prefix(2);
    }
    if (rest.starts_with('\\'))
        out.root = "\\";
    add_parts(out, rest, '\\');
    return out;
}

bool same(std::string const& a, std::string const& b, HostFormat format)
{
    return format == HostFormat::windows ? to_lower(a) == to_lower(b) : a == b;
}

}

bool is_uri(std::string_view text, HostFormat format)
{
    auto const end = scheme_end(text);
    return end != std::string_view::npos && (end > 1 || format == HostFormat::posix);
}

PurePath PurePath::parse(std::string_view text, HostFormat format)
{
    if (expr::is_uri(text, format))
        return parse_uri(text);
    return format == HostFormat::windows ? parse_windows(text) : parse_posix(text);
}

std::string PurePath::text() const
{
    auto const separator = is_uri || format == HostFormat::posix ? '/' : '\\';
    auto out = anchor();
    for (std::size_t i = 0; i < parts.size(); ++i) {
        if (i > 0 || is_uri)
            out += separator;
        out += parts[i];
    }
    // A name such as x:y alone would be a drive.
    if (format == HostFormat::windows && !is_uri && out.size() >= 2 && drive.empty() && root.empty()
        && is_letter(out[0]) && out[1] == ':')
        return ".\\" + out;
    return out.empty() ? "." : out;
}

std::string PurePath::name() const { return parts.empty() ? std::string() : parts.back(); }

bool PurePath::is_absolute() const
{
    return is_uri || (!root.empty() && (format == HostFormat::posix || !drive.empty()));
}

PurePath PurePath::joined(PurePath const& other) const
{
    auto const has_other_drive = !other.drive.empty() && !same(drive, other.drive, format);
    if (other.is_uri || has_other_drive
        || (other.format == HostFormat::posix && !other.root.empty()))
        return other;
    auto out = *this;
    if (!other.root.empty())
        out.parts.clear();
    // Below the root of a URI, a root of its own would be one too many.
    if (!other.root.empty() && !is_uri)
        out.root = other.root;
    else if (is_uri && !out.parts.empty() && out.parts.back().empty())
        out.parts.pop_back();
    out.parts.insert(out.parts.end(), other.parts.begin(), other.parts.end());
    return out;
}

std::optional<std::size_t> PurePath::covered_by(PurePath const& other) const
{
    if (is_uri != other.is_uri || !same(drive, other.drive, format) || root != other.root
        || other.parts.size() > parts.size())
        return std::nullopt;
    for (std::size_t i = 0; i < other.parts.size(); ++i) {
        if (!same(parts[i], other.parts[i], is_uri ? HostFormat::posix : format))
            return std::nullopt;
    }
    return other.parts.size();
}

std::string normal_path(std::string_view text, HostFormat format)
{
    // Parsing would drop what a URI ends with.
    return is_uri(text, format) ? std::string(text) : PurePath::parse(text, format).text();
}

NameParts split_name(std::string_view name)
{
    auto const dot = name.rfind('.');
    if (dot == std::string_view::npos || dot == 0 || dot + 1 == name.size())
        return { std::string(name), {} };
    return { std::string(name.substr(0, dot)), std::string(name.substr(dot)) };
}

std::vector<std::string> suffixes_of(std::string_view name)
{
    if (name.ends_with('.'))
        return {};
    name.remove_prefix(std::min(name.find_first_not_of('.'), name.size()));
    auto const pieces = split(name, '.');
    std::vector<std::string> out;
    for (std::size_t i = 1; i < pieces.size(); ++i)
        out.push_back("." + pieces[i]);
    return out;
}

std::optional<std::string> apply_rule(
    PathRule const& rule, std::string_view text, HostFormat format)
{
    auto const is_uri_rule = rule.format == PathFormat::uri;
    auto const source_format = rule.format == PathFormat::windows ? HostFormat::windows
                                                                  : HostFormat::posix;
    if (is_uri_rule != is_uri(text, source_format))
        return std::nullopt;
    auto source = PurePath::parse(rule.source, source_format);
    if (is_uri_rule && !source.parts.empty() && source.parts.back().empty())
        source.parts.pop_back();
    auto const path = PurePath::parse(text, source_format);
    auto const covered = path.covered_by(source);
    if (!covered)
        return std::nullopt;
    auto out = PurePath::parse(rule.destination, format);
    out.parts.insert(out.parts.end(), path.parts.begin() + static_cast<std::ptrdiff_t>(*covered),
        path.parts.end());
    auto mapped = out.text();
    auto const ends_open = text.ends_with('/')
        || (source_format == HostFormat::windows && text.ends_with('\\'));
    auto const separator = out.is_uri || format == HostFormat::posix ? '/' : '\\';
    if (ends_open && mapped.back() != separator)
        mapped += separator;
    return mapped;
}

namespace {

constexpr std::size_t max_padding = 32;

struct Placeholder {
    std::size_t begin;
    std::size_t width;
};

// %d or %04d that the text ends with.
std::optional<Placeholder> printf_place(std::string_view stem)
{
    auto const percent = stem.rfind('%');
    if (percent == std::string_view::npos || !stem.ends_with('d'))
        return std::nullopt;
    auto const digits = stem.substr(percent + 1, stem.size() - percent - 2);
    if (digits.empty())
        return Placeholder { percent, 0 };
    if (digits[0] != '0' || !std::all_of(digits.begin(), digits.end(), is_digit))
        return std::nullopt;
    std::size_t width = 0;
    auto const read = std::from_chars(digits.data(), digits.data() + digits.size(), width);
    return Placeholder { percent, read.ec == std::errc {} ? width : max_padding + 1 };
}

template<typename Fits>
Placeholder run_at_end(std::string_view stem, Fits fits)
{
    auto begin = stem.size();
    while (begin > 0 && fits(stem[begin - 1]))
        --begin;
    return { begin, stem.size() - begin };
}

std::string padded(std::int64_t number, std::size_t width)
{
    auto digits = std::to_string(number);
    auto const sign = number < 0 ? 1U : 0U;
    if (digits.size() < width)
        digits.insert(sign, width - digits.size(), '0');
    return digits;
}

}

Outcome<std::string> number_name(std::string_view name, std::int64_t number)
{
    auto const parts = split_name(name);
    std::string_view const stem(parts.stem);
    auto place = run_at_end(stem, is_digit);
    if (place.width == 0) {
        place = run_at_end(stem, [](char c) { return c == '#'; });
        if (auto const printf = printf_place(stem); printf && place.width == 0)
            place = *printf;
        if (place.width > max_padding)
            return bad_value("a number is padded to {} digits at most, not {}", max_padding,
                excerpt(stem.substr(place.begin)));
    }
    auto const has_place = place.begin < stem.size();
    return std::string(stem.substr(0, place.begin)) + (has_place ? "" : "_")
        + padded(number, has_place ? place.width : 4) + parts.suffix;
}

}
