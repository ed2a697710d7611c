#pragma once

#include <base/json.h>

#include <string>

namespace sidereal {

// As compact JSON.
std::string json_text(Json const& value);

}
