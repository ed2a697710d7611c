#pragma once

#include <cli/output.h>
#include <plan/facility_plan.h>

#include <string>

// What `plan facility` prints.
namespace sidereal::cli {

Table finding_table(plan::FacilityPlan const& plan);
void draw_facility(plan::Facility const& facility, plan::FacilityPlan const& plan, bool explain);
std::string facility_json(
    plan::Facility const& facility, plan::FacilityPlan const& plan, bool explain);

}
