#pragma once

#include <base/json.h>

#include <string>

namespace sidereal::plan {

// The quant of the catalogue in which a checkpoint with this config.json is stored; "unknown:WHAT"
// for a method that the catalogue has no sizes of.
std::string quant_of_config(JsonObject const& config);

}
