#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace sidereal::wire {

// RFC 4648, the standard alphabet with padding.
std::string to_base64(std::string_view bytes);
// Nothing for text that is not exactly what to_base64 makes.
std::optional<std::string> from_base64(std::string_view text);

}
