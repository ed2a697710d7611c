#include <plan/demand.h>

#include <plan/fields.h>

#include <algorithm>
#include <cmath>
#include <limits>

namespace sidereal::plan {

namespace {

constexpr double max_nodes = 100'000;

Status check_demand(Demand const& demand)
{
    double hours = 0;
    for (auto const& level : demand) {
        TRY(in_range("nodes of a demand level", level.nodes, { 0, max_nodes }));
        TRY(in_range("hours of a demand level", level.hours, { 0, 1e7 }));
        hours += level.hours;
    }
    return in_range("hours of the demand", hours, { 0.01, 1e9 });
}

// For each node, first, second, …: the hours in which it has work.
std::vector<double> hours_of_each(Demand const& demand)
{
    double highest = 0;
    for (auto const& level : demand)
        highest = std::max(highest, level.nodes);
    std::vector<double> ending(static_cast<std::size_t>(std::ceil(highest)) + 1);
    std::vector<double> hours(ending.size() - 1);
    for (auto const& level : demand) {
        auto const whole = static_cast<std::size_t>(level.nodes);
        ending[whole] += level.hours;
        auto const part = level.nodes - static_cast<double>(whole);
        if (part > 0)
            hours[whole] += part * level.hours;
    }
    double above = 0;
    for (std::size_t node = hours.size(); node-- > 0;) {
        above += ending[node + 1];
        hours[node] += above;
    }
    return hours;
}

}

double FleetPlan::regret_of_one_less() const
{
    return best == 0 ? 0 : fleets[best - 1].usd_per_year() - fleets[best].usd_per_year();
}

double FleetPlan::regret_of_one_more() const
{
    return best + 1 >= fleets.size()
        ? 0
        : fleets[best + 1].usd_per_year() - fleets[best].usd_per_year();
}

Result<FleetPlan> plan_fleet(Demand const& demand, Ownership const& owned, Rent const& rent)
{
    TRY(check(owned));
    TRY(check(rent));
    TRY(check_demand(demand));
    double observed_h = 0;
    for (auto const& level : demand)
        observed_h += level.hours;
    auto const per_year = hours_per_year / observed_h;
    // Of a node in a year without work, and of each useful hour beyond that.
    auto always = owned;
    always.duty = 1;
    auto const cost = owned_cost(always);
    auto const idle = owned.idle_kw * owned.usd_per_kwh * owned.energy_overhead;
    auto const standing = (cost.capital + cost.fixed + idle) * hours_per_year;
    auto const useful = cost.energy - idle;
    auto const rented = rented_usd_per_useful_h(rent);

    FleetPlan plan;
    plan.break_even_duty = rented > useful ? standing / hours_per_year / (rented - useful)
                                           : std::numeric_limits<double>::infinity();
    auto const hours = hours_of_each(demand);
    Fleet fleet;
    for (auto const each : hours)
        fleet.rented_h += each * per_year;
    fleet.rented_usd_per_year = fleet.rented_h * rented;
    plan.fleets.push_back(fleet);
    for (auto const each : hours) {
        auto const useful_h = each * per_year;
        ++fleet.nodes;
        fleet.last_node_duty = useful_h / hours_per_year;
        fleet.owned_h += useful_h;
        fleet.rented_h = std::max(0.0, fleet.rented_h - useful_h);
        fleet.owned_usd_per_year += standing + useful_h * useful;
        fleet.rented_usd_per_year = fleet.rented_h * rented;
        plan.fleets.push_back(fleet);
        if (fleet.usd_per_year() < plan.fleets[plan.best].usd_per_year())
            plan.best = plan.fleets.size() - 1;
    }
    return plan;
}

}
