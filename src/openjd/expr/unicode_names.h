#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string_view>

namespace sidereal::openjd::expr {

// The character that Unicode calls so, as \N{...} has it: in any case, aliases too.
std::optional<char32_t> character_named(std::string_view name);

namespace detail {

// Rising: 43 bits of a name's FNV-1a, then 21 bits of the code point.
extern std::span<std::uint64_t const> const name_rows;

}

}
