#pragma once

#include <string>
#include <string_view>

namespace sidereal::wire {

bool is_utf8(std::string_view text);
// The text with every byte that is not part of valid UTF-8 replaced by U+FFFD.
std::string scrubbed_utf8(std::string_view text);

}
