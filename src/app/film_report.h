#pragma once

#include <base/json.h>
#include <base/result.h>

#include <string>

namespace sidereal::app {

// What people want to know at the end: where everything is, what each node did and for how long,
// and what it took in energy and money. `document` is the answer of GET /v1/jobs/{id}.
Result<std::string> film_report(
    Json const& document, std::string const& film_dir, std::string const& data_dir);

}
