#pragma once

#include <farm/farm.h>

#include <string>

namespace sidereal::sim {

// All of a farm that records make, one fact a line: two farms with the same text are the same.
// What is not durable (contact, progress) is left out.
std::string farm_text(farm::Farm const& farm);

// The first line in which two texts differ, "<a> / <b>".
std::string first_difference(std::string_view a, std::string_view b);

}
