#pragma once

#include <string_view>

namespace sidereal::plan {

// tests/planner/published.json: measured results that no profile was fitted to, for tests and
// benchmarks.
extern std::string_view const published_points;

// tests/planner/configs.json: what counts of the config.json of published models, and how many
// billions of parameters they are published with.
extern std::string_view const published_configs;

}
