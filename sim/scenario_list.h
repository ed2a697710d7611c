#pragma once

#include <sim/scenario.h>
#include <sim/stage.h>

#include <cstdint>
#include <span>
#include <string_view>

// The scenarios by theme, each in the file of its name, and what their files share.
namespace sidereal::sim {

std::span<Scenario const> shares_scenarios();
std::span<Scenario const> limits_scenarios();
std::span<Scenario const> placement_scenarios();
std::span<Scenario const> resources_scenarios();
std::span<Scenario const> failures_scenarios();
std::span<Scenario const> foresight_scenarios();

void add_nodes(Stage& stage, int count, NodeShape const& shape);

struct Bound {
    double least { 0 };
    double most { 0 };
};
// Holds where the figure lies within the bound; `what` says what was measured.
Finding within(double measured, Bound const& bound, std::string_view what);

}
