#pragma once

#include <cstddef>

namespace sidereal::io {

// Raises the number of files that this process may have open as far as it may without asking
// anybody; that number.
std::size_t raise_file_limit();

}
