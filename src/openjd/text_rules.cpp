#include <openjd/text_rules.h>

#include <base/edit_distance.h>

#include <algorithm>
#include <charconv>
#include <cmath>
#include <utility>

namespace sidereal::openjd {

namespace {

bool is_letter(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_'; }

bool is_digit(char c) { return c >= '0' && c <= '9'; }

bool is_continuation(unsigned char byte) { return (byte & 0xc0) == 0x80; }

// Length of the well-formed sequence at the front; 0 if there is none.
std::size_t sequence_length(std::string_view text)
{
    auto const byte = [&](std::size_t i) { return static_cast<unsigned char>(text[i]); };
    auto const lead = byte(0);
    if (lead < 0x80)
        return lead == 0 ? 0 : 1;
    std::size_t const length = lead >= 0xf0 ? 4 : lead >= 0xe0 ? 3 : 2;
    if (lead < 0xc2 || lead > 0xf4 || text.size() < length)
        return 0;
    for (std::size_t i = 1; i < length; ++i) {
        if (!is_continuation(byte(i)))
            return 0;
    }
    bool const overlong = (lead == 0xe0 && byte(1) < 0xa0) || (lead == 0xf0 && byte(1) < 0x90);
    bool const surrogate = lead == 0xed && byte(1) >= 0xa0;
    bool const too_big = lead == 0xf4 && byte(1) >= 0x90;
    return overlong || surrogate || too_big ? 0 : length;
}

std::size_t skip_digits(std::string_view text, std::size_t from)
{
    while (from < text.size() && is_digit(text[from]))
        ++from;
    return from;
}

}

std::optional<std::size_t> find_bad_utf8(std::string_view text)
{
    std::size_t at = 0;
    while (at < text.size()) {
        auto const length = sequence_length(text.substr(at));
        if (length == 0)
            return at;
        at += length;
    }
    return std::nullopt;
}

std::size_t count_code_points(std::string_view text)
{
    return static_cast<std::size_t>(std::count_if(text.begin(), text.end(),
        [](char c) { return !is_continuation(static_cast<unsigned char>(c)); }));
}

bool is_identifier(std::string_view text)
{
    return !text.empty() && is_letter(text.front())
        && std::all_of(
            text.begin(), text.end(), [](char c) { return is_letter(c) || is_digit(c); });
}

std::string_view trim(std::string_view text)
{
    auto const first = text.find_first_not_of(" \t\r\n");
    if (first == std::string_view::npos)
        return {};
    return text.substr(first, text.find_last_not_of(" \t\r\n") - first + 1);
}

std::string to_lower(std::string_view text)
{
    std::string out(text);
    for (auto& c : out) {
        if (c >= 'A' && c <= 'Z')
            c = static_cast<char>(c - 'A' + 'a');
    }
    return out;
}

std::string to_upper(std::string_view text)
{
    std::string out(text);
    for (auto& c : out) {
        if (c >= 'a' && c <= 'z')
            c = static_cast<char>(c - 'a' + 'A');
    }
    return out;
}

std::optional<std::int64_t> parse_int(std::string_view text)
{
    if (text.size() > 1 && text[0] == '+' && is_digit(text[1]))
        text.remove_prefix(1);
    std::int64_t value = 0;
    auto const [end, failure] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (failure != std::errc {} || end != text.data() + text.size())
        return std::nullopt;
    return value;
}

std::optional<double> parse_float(std::string_view text)
{
    if (!text.empty() && text[0] == '+')
        text.remove_prefix(1);
    bool const negative = !text.empty() && text[0] == '-';
    std::size_t const start = negative ? 1 : 0;
    auto at = skip_digits(text, start);
    auto digits = at - start;
    if (at < text.size() && text[at] == '.') {
        auto const fraction = at + 1;
        at = skip_digits(text, fraction);
        digits += at - fraction;
    }
    if (digits == 0)
        return std::nullopt;
    bool tiny_exponent = false;
    if (at < text.size() && (text[at] == 'e' || text[at] == 'E')) {
        ++at;
        tiny_exponent = at < text.size() && text[at] == '-';
        if (at < text.size() && (text[at] == '+' || text[at] == '-'))
            ++at;
        auto const exponent = at;
        at = skip_digits(text, exponent);
        if (at == exponent)
            return std::nullopt;
    }
    if (at != text.size())
        return std::nullopt;
    double value = 0;
    auto const failure = std::from_chars(text.data(), text.data() + text.size(), value).ec;
    if (failure == std::errc::result_out_of_range && tiny_exponent)
        return negative ? -0.0 : 0.0;
    if (failure != std::errc {} || !std::isfinite(value))
        return std::nullopt;
    return value;
}

Result<Duration> parse_seconds(std::string_view text, std::int64_t most)
{
    auto const seconds = parse_int(trim(text));
    if (!seconds)
        return fail(ErrorCode::invalid_input, "'{}' is no whole number of seconds", excerpt(text));
    if (*seconds < 1 || *seconds > most)
        return fail(ErrorCode::invalid_input, "{} s is outside 1 to {} s", *seconds, most);
    return std::chrono::seconds(*seconds);
}

std::optional<std::string> nearest(
    std::string_view word, std::vector<std::string_view> const& candidates)
{
    if (word.empty() || word.size() > 200)
        return std::nullopt;
    std::optional<std::string> best;
    // A word of one letter has nothing in common with another.
    auto best_distance = word.size() == 1 ? 1 : std::max<std::size_t>(1, (word.size() + 1) / 3) + 1;
    auto const lower = to_lower(word);
    for (auto const candidate : candidates) {
        if (candidate.size() > 200)
            continue;
        auto const distance = edit_distance(lower, to_lower(candidate));
        if (distance < best_distance) {
            best_distance = distance;
            best = candidate;
        }
    }
    return best;
}

std::string did_you_mean(std::string_view word, std::vector<std::string_view> const& candidates)
{
    auto const found = nearest(word, candidates);
    return found ? "; did you mean '" + *found + "'?" : std::string();
}

std::string comma_list(std::vector<std::string_view> const& words)
{
    std::string out;
    for (auto const word : words) {
        if (!out.empty())
            out += ", ";
        out += word;
    }
    return out;
}

std::string excerpt(std::string_view text)
{
    constexpr std::size_t longest = 80;
    if (text.size() <= longest)
        return std::string(text);
    auto length = longest;
    while (length > 0 && is_continuation(static_cast<unsigned char>(text[length])))
        --length;
    return std::string(text.substr(0, length)) + "…";
}

}
