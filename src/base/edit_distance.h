#pragma once

#include <cstddef>
#include <string_view>

namespace sidereal {

// Insertions, deletions, replacements and swaps of neighbours that turn one word into the other, in
// bytes (optimal string alignment).
std::size_t edit_distance(std::string_view a, std::string_view b);

}
