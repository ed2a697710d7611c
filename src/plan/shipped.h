#pragma once

#include <string_view>

// The files of catalog/, as they are; the build makes the source file of these.
namespace sidereal::plan::shipped {

extern std::string_view const hardware;
extern std::string_view const engines;
extern std::string_view const models;
extern std::string_view const claims;
extern std::string_view const calibration;

}
