#pragma once

#include <cstddef>

namespace sidereal::io {

// Raises the number of files that this process may have open as far as it may without asking
// anybody, and to `wanted` if the system lets it; that number.
std::size_t raise_file_limit(std::size_t wanted = 0);

}
