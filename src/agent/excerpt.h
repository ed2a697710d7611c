#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace sidereal::agent {

// At most that many bytes of UTF-8 text, no character cut in two.
std::string first_bytes(std::string_view text, std::size_t limit);
std::string last_bytes(std::string_view text, std::size_t limit);

}
