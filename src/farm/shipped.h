#pragma once

#include <string_view>

// A file of catalog/, as it is; the build makes the source file of this.
namespace sidereal::farm::shipped {

extern std::string_view const log_rules;

}
