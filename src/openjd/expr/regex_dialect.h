#pragma once

#include <openjd/expr/fault.h>

#include <string>
#include <string_view>

namespace sidereal::openjd::expr {

// The pattern in RE2's syntax; refuses what the specification's dialect has not, although RE2 or
// Python may have it.
Outcome<std::string> translate_pattern(std::string_view pattern);

}
