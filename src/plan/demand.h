#pragma once

#include <plan/economics.h>

#include <cstdint>
#include <vector>

// How many nodes to own when demand comes and goes, with rent for what exceeds them.
namespace sidereal::plan {

// For how many hours that many nodes could have been kept busy.
struct DemandLevel {
    double nodes { 0 };
    double hours { 0 };
};
using Demand = std::vector<DemandLevel>;

struct Fleet {
    std::int64_t nodes { 0 };
    double owned_usd_per_year { 0 };
    double rented_usd_per_year { 0 };
    // Node-hours a year.
    double owned_h { 0 };
    double rented_h { 0 };
    // Useful hours of the last node owned, of all hours.
    double last_node_duty { 0 };

    double usd_per_year() const { return owned_usd_per_year + rented_usd_per_year; }
};

struct FleetPlan {
    // With 0, 1, 2 … nodes up to the highest demand.
    std::vector<Fleet> fleets;
    std::size_t best { 0 };
    // At which a node more costs what it saves.
    double break_even_duty { 0 };

    // What one node less or more than the best costs in a year; 0 where there is none.
    double regret_of_one_less() const;
    double regret_of_one_more() const;
};

// The machine's duty is of no account here: it follows from the demand. invalid_input names the
// field.
Result<FleetPlan> plan_fleet(Demand const& demand, Ownership const& owned, Rent const& rent);

}
