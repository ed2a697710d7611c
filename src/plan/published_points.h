#pragma once

#include <string_view>

namespace sidereal::plan {

// tests/planner/published.json: measured results that no profile was fitted to, for tests and
// benchmarks.
extern std::string_view const published_points;

}
