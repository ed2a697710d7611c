#pragma once

#include <plan/speed.h>

#include <vector>

namespace sidereal::plan {

// Each number of the plan with its formula (the inputs in it), source and confidence.
std::vector<Explained> explain_plan(ModelPlan const& plan, SpeedInput const& input);

}
