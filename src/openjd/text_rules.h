#pragma once

#include <base/result.h>
#include <base/time.h>

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

// What the specification says about text: lengths in code points, names, numbers.
namespace sidereal::openjd {

// Where the text stops being UTF-8 (or holds a NUL); nothing if it is fine.
std::optional<std::size_t> find_bad_utf8(std::string_view text);
// Of text that is UTF-8.
std::size_t count_code_points(std::string_view text);

// [A-Za-z_][A-Za-z0-9_]*
bool is_identifier(std::string_view text);

std::string_view trim(std::string_view text);
std::string to_lower(std::string_view text);
std::string to_upper(std::string_view text);

// Base 10 with an optional sign, in the 64-bit range.
std::optional<std::int64_t> parse_int(std::string_view text);
// Decimal notation with an optional sign and exponent; finite.
std::optional<double> parse_float(std::string_view text);

// Whole seconds from 1 to `most`.
Result<Duration> parse_seconds(std::string_view text, std::int64_t most);

// The candidate that was probably meant by a misspelt word.
std::optional<std::string> nearest(
    std::string_view word, std::vector<std::string_view> const& candidates);
// "; did you mean 'x'?", or nothing.
std::string did_you_mean(std::string_view word, std::vector<std::string_view> const& candidates);
// "a, b, c"
std::string comma_list(std::vector<std::string_view> const& words);
// The text for a message: cut to a bearable length.
std::string excerpt(std::string_view text);

}
