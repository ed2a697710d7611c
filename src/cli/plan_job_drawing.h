#pragma once

#include <base/result.h>
#include <plan/render_job.h>

#include <string>
#include <vector>

// How `plan job` shows where a job could run.
namespace sidereal::cli {

struct HopelessPlace {
    std::string name;
    std::string why;
};

struct PlannedJob {
    plan::RenderJob job;
    std::string origin;
    std::vector<plan::PricedPlace> places;
    std::vector<HopelessPlace> hopeless;
};

std::string csv_of(PlannedJob const& asked);
std::string json_of(PlannedJob const& asked, bool explain);
// Prints it for people; gives the exit code.
Result<int> draw(PlannedJob const& asked, bool explain);

}
