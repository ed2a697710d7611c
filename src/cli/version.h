#pragma once

#include <string_view>

namespace sidereal::cli {

// As in the project() line of CMakeLists.txt.
constexpr std::string_view version = "0.1.0";

}
