#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

// Letters, digits, blanks and upper and lower case as Python's str methods have them.
namespace sidereal::openjd::expr {

// The code point at `at`, which moves past it. The text is UTF-8.
char32_t decode_utf8(std::string_view text, std::size_t& at);
void append_utf8(std::string& text, char32_t point);

enum class Trait : std::uint8_t {
    alphabetic,
    // Superscripts and the like count, fractions do not.
    digit,
    // Alphabetic or with any numeric value.
    alphanumeric,
    blank,
    upper,
    lower,
    title,
    printable,
};
bool has_trait(char32_t point, Trait trait);
// 0..9 of a decimal digit in any script.
std::optional<int> decimal_value(char32_t point);

// Without blanks at both ends.
std::string_view strip_blanks(std::string_view text);

std::string to_upper(std::string_view text);
// With the final sigma in its place.
std::string to_lower_case(std::string_view text);
std::string to_title(std::string_view text);
std::string capitalize(std::string_view text);

}
