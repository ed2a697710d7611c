#pragma once

#include <base/json.h>

#include <string>

namespace sidereal::cli {

// Block style; text is always quoted, so that nothing in it is taken for something else.
std::string to_yaml(Json const& value);

}
