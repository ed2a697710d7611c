#include <plan/demand.h>

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>

namespace sidereal::plan {

namespace {

Ownership node()
{
    Ownership owned;
    owned.capex_usd = 13'140;
    owned.busy_kw = 2.8;
    owned.idle_kw = 0.2;
    owned.energy_overhead = 4.0 / 3;
    return owned;
}

Rent cloud()
{
    Rent rent;
    rent.usd_per_h = 4;
    return rent;
}

// Two weeks: nights empty, days with four nodes' work, two days of a rush.
Demand two_weeks() { return { { 0, 140 }, { 4, 148 }, { 10.5, 48 } }; }

// What that many nodes cost in a year, counted level by level.
double usd_per_year(Demand const& demand, double nodes)
{
    double observed_h = 0;
    double usd = 0;
    auto const owned = node();
    auto const kwh = owned.usd_per_kwh * owned.energy_overhead;
    for (auto const& level : demand) {
        auto const busy = std::min(level.nodes, nodes);
        usd += level.hours
            * (busy * owned.busy_kw * kwh + (nodes - busy) * owned.idle_kw * kwh
                + (level.nodes - busy) * 4);
        observed_h += level.hours;
    }
    return usd * 8760 / observed_h + nodes * owned.capex_usd / owned.years;
}

}

TEST(Demand, each_size_costs_what_a_count_by_hand_gives)
{
    auto const plan = plan_fleet(two_weeks(), node(), cloud());
    ASSERT_TRUE(plan);
    ASSERT_EQ(plan->fleets.size(), 12U);
    for (auto const& fleet : plan->fleets)
        EXPECT_NEAR(fleet.usd_per_year(),
            usd_per_year(two_weeks(), static_cast<double>(fleet.nodes)), 1e-6);
}

TEST(Demand, the_best_size_owns_the_base_and_rents_the_rush)
{
    auto const plan = plan_fleet(two_weeks(), node(), cloud());
    ASSERT_TRUE(plan);
    EXPECT_EQ(plan->best, 4U);
    EXPECT_GT(plan->regret_of_one_less(), 0);
    EXPECT_GT(plan->regret_of_one_more(), 0);
    // The rule of the marginal node says the same.
    for (auto const& fleet : plan->fleets) {
        if (fleet.nodes > 0) {
            EXPECT_EQ(fleet.last_node_duty >= plan->break_even_duty, fleet.nodes <= 4);
        }
    }
}

TEST(Demand, cheap_rent_leaves_nothing_to_own)
{
    auto rent = cloud();
    rent.usd_per_h = 0.5;
    auto const plan = plan_fleet(two_weeks(), node(), rent);
    ASSERT_TRUE(plan);
    EXPECT_EQ(plan->best, 0U);
    EXPECT_EQ(plan->regret_of_one_less(), 0);
}

TEST(Demand, steady_demand_agrees_with_the_break_even_duty)
{
    auto owned = node();
    auto const duty = break_even_duty(owned, cloud()).value_or(-1);
    auto const at = [&](double share) {
        return plan_fleet({ { 1, share * 1000 }, { 0, (1 - share) * 1000 } }, owned, cloud())->best;
    };
    EXPECT_EQ(at(duty + 1e-6), 1U);
    EXPECT_EQ(at(duty - 1e-6), 0U);
}

TEST(Demand, nonsense_is_refused_by_name)
{
    EXPECT_EQ(
        plan_fleet({}, node(), cloud()).error().message.substr(0, 24), "hours of the demand is 0");
    EXPECT_FALSE(plan_fleet({ { -1, 10 } }, node(), cloud()));
    EXPECT_FALSE(plan_fleet({ { 1, std::nan("") } }, node(), cloud()));
    EXPECT_FALSE(plan_fleet({ { 1e308, 10 } }, node(), cloud()));
}

}
