#pragma once

#include <base/json.h>
#include <openjd/document.h>

// Documents that are not templates.
namespace sidereal::openjd {

// The values alone, without positions. Whole numbers beyond 64 bits become floating ones.
Json to_json(Node const& node);

}
