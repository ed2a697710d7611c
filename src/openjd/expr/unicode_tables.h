#pragma once

#include <cstdint>
#include <span>

// Unicode's data beyond ASCII, sorted by code point.
namespace sidereal::openjd::expr::tables {

// first, first + step, ... last
struct Span {
    char32_t first;
    char32_t last;
    std::uint32_t step;
};
// The same, and how far away the other case is.
struct Shift {
    char32_t first;
    char32_t last;
    std::uint32_t step;
    std::int32_t distance;
};
// One code point that becomes several.
struct Expansion {
    char32_t point;
    char32_t const* text;
};
struct Casing {
    std::span<Shift const> shifts;
    std::span<Expansion const> expansions;
};

extern std::span<Span const> const alphabetic;
extern std::span<Span const> const digit;
// What is alphanumeric without being alphabetic.
extern std::span<Span const> const numeric;
extern std::span<Span const> const blank;
extern std::span<Span const> const upper;
extern std::span<Span const> const lower;
extern std::span<Span const> const title;
extern std::span<Span const> const unprintable;
extern std::span<Span const> const case_ignorable;
// The zero of each script's ten decimal digits.
extern std::span<char32_t const> const decimal_zeros;

extern Casing const upper_casing;
extern Casing const lower_casing;
extern Casing const title_casing;

}
