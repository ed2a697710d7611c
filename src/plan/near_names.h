#pragma once

#include <cstddef>
#include <string_view>
#include <vector>

namespace sidereal::plan {

// Names that one may have meant by the word, the nearest first: those that it is a part of,
// those a few letters away, then those that begin alike. Capitals, dashes and dots do not count.
std::vector<std::string_view> near_names(
    std::string_view word, std::vector<std::string_view> const& names, std::size_t most = 5);

}
