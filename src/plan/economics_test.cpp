#include <plan/economics.h>
#include <plan/rules_of_thumb.h>

#include <gtest/gtest.h>

#include <cmath>

namespace sidereal::plan {

namespace {

// A node of four large cards, with air conditioning of COP 3 or none.
Ownership node(double capex, double kw, double overhead)
{
    Ownership owned;
    owned.capex_usd = capex;
    owned.busy_kw = kw;
    owned.energy_overhead = overhead;
    return owned;
}

Rent cloud(double usd_per_h)
{
    Rent rent;
    rent.usd_per_h = usd_per_h;
    return rent;
}

constexpr double cop_3 = 1 + 1.0 / 3;

}

TEST(Economics, an_owned_hour_costs_1_06_usd_under_four_sets_of_assumptions)
{
    struct Row {
        double kw;
        double overhead;
        double running;
        double capex;
    };
    for (auto const& row : { Row { 2.8, 1, 0.560, 13'140 }, Row { 2.8, cop_3, 0.747, 8'235 },
             Row { 2.5, cop_3, 0.667, 10'337 }, Row { 2.0, cop_3, 0.533, 13'841 } }) {
        auto const owned = node(row.capex, row.kw, row.overhead);
        EXPECT_NEAR(running_usd_per_h(owned), row.running, 5e-4);
        EXPECT_NEAR(owned_cost(owned).total(), 1.06, 5e-5);
        EXPECT_NEAR(implied_capex_usd(owned, 1.06), row.capex, 1);
    }
}

TEST(Economics, at_a_duty_of_35_percent_the_same_node_costs_more_an_hour)
{
    auto owned = node(13'140, 2.8, 1);
    owned.duty = 0.35;
    EXPECT_NEAR(owned_cost(owned).total(), 1.9886, 5e-5);
    owned = node(8'235, 2.8, cop_3);
    owned.duty = 0.35;
    EXPECT_NEAR(owned_cost(owned).total(), 1.642, 1e-4);
}

TEST(Economics, break_even_takes_the_running_cost_alone)
{
    EXPECT_NEAR(*break_even_hours(node(8'235, 2.8, cop_3), cloud(3.0)), 3655, 1);
    EXPECT_NEAR(*break_even_hours(node(8'235, 2.8, cop_3), cloud(3.5)), 2991, 1);
    EXPECT_NEAR(*break_even_hours(node(13'140, 2.8, 1), cloud(4.0)), 3820, 1);
    EXPECT_NEAR(*break_even_hours(node(13'140, 2.8, 1), cloud(5.0)), 2959, 1);
}

TEST(Economics, a_duty_of_nothing_is_refused_in_words)
{
    Ownership owned;
    owned.duty = 0;
    auto const answer = buy_or_rent(owned, cloud(3.43), {});
    ASSERT_FALSE(answer);
    EXPECT_NE(answer.error().message.find("duty is 0: expected more than 0 and at most 1"),
        std::string::npos)
        << answer.error().message;
}

TEST(Economics, at_the_break_even_duty_both_cost_the_same)
{
    auto owned = node(13'140, 2.8, cop_3);
    owned.idle_kw = 0.3;
    owned.install_usd = 500;
    owned.residual = 0.2;
    owned.staff_usd_per_year = 400;
    owned.spares = 0.05;
    owned.loan_rate = 0.07;
    auto rent = cloud(4);
    rent.spot_discount = 0.2;
    rent.interruptions_per_h = 0.05;
    rent.lost_h_per_interruption = 0.5;
    rent.boot_h = 0.05;
    rent.storage_usd_per_month = 20;
    owned.duty = break_even_duty(owned, rent).value_or(-1);
    auto const answer = buy_or_rent(owned, rent, {});
    ASSERT_TRUE(answer);
    EXPECT_NEAR(answer->saving_usd_per_h(), 0, 1e-9);
    EXPECT_NEAR(answer->payback_months.value_or(-1), 36, 1e-6);
}

TEST(Economics, the_35_percent_rule_is_payback_within_one_year)
{
    auto const owned = node(8'235, 2.8, cop_3);
    auto one_year = owned;
    one_year.years = 1;
    // Somewhere among the prices at which the hours are 3,000 to 4,000.
    EXPECT_NEAR(*break_even_duty(one_year, cloud(3.43)), 0.35, 0.002);
    EXPECT_NEAR(*break_even_duty(owned, cloud(3.43)), 0.35 / 3, 0.001);
}

TEST(Economics, payback_in_months_of_a_small_machine)
{
    auto spark = node(3'999, 0.24, 1);
    spark.duty = 4.0 / 24;
    // A month of 30.44 days against a twelfth of 365 days: 0.07 %.
    EXPECT_NEAR(*payback_months(spark, cloud(4)), 8.3, 0.05);
    EXPECT_NEAR(*payback_months(spark, cloud(2)), 16.8, 0.05);
    spark.capex_usd = 3'000;
    EXPECT_NEAR(*payback_months(spark, cloud(4)), 6.23, 0.02);
}

TEST(Economics, rent_below_the_energy_never_breaks_even)
{
    auto const owned = node(8'235, 2.8, cop_3);
    EXPECT_FALSE(break_even_hours(owned, cloud(0.7)));
    EXPECT_FALSE(payback_months(owned, cloud(0.7)));
    auto const answer = buy_or_rent(owned, cloud(0.7), {});
    ASSERT_TRUE(answer);
    EXPECT_LT(answer->npv_usd, -8'235);
}

TEST(Economics, a_slower_rented_machine_costs_more_for_the_same_work)
{
    auto rent = cloud(4);
    rent.performance_ratio = 0.5;
    EXPECT_NEAR(rented_usd_per_useful_h(rent), 2, 1e-12);
    rent.spot_discount = 0.65;
    EXPECT_NEAR(rented_usd_per_useful_h(rent), 0.7, 1e-12);
}

TEST(Economics, without_interest_value_and_saving_agree)
{
    auto owned = node(13'140, 2.8, cop_3);
    owned.duty = 0.5;
    auto const answer = buy_or_rent(owned, cloud(4), { 0, 0 });
    ASSERT_TRUE(answer);
    EXPECT_NEAR(answer->npv_usd, answer->saving_usd_per_h() * 3 * 8760 * 0.5, 1e-6);
    EXPECT_NEAR(answer->lease_usd_per_month, 13'140 / 36.0, 1e-9);
    EXPECT_NEAR(answer->leased_usd_per_h, answer->owned.total(), 1e-9);
}

TEST(Economics, a_lease_at_interest_costs_more_than_cash)
{
    auto const answer = buy_or_rent(node(13'140, 2.8, cop_3), cloud(4), { 0.08, 0.08 });
    ASSERT_TRUE(answer);
    EXPECT_GT(answer->leased_usd_per_h, answer->owned.total());
    EXPECT_NEAR(answer->lease_usd_per_month, 411.76, 0.01);
}

TEST(Tornado, each_bar_is_what_the_input_alone_does)
{
    auto owned = node(13'140, 2.8, cop_3);
    owned.duty = 0.35;
    auto const bars = tornado(owned, cloud(4));
    ASSERT_TRUE(bars);
    EXPECT_EQ(bars->front().input, "rent USD/h");
    for (std::size_t i = 1; i < bars->size(); ++i)
        EXPECT_GE(std::abs((*bars)[i - 1].saving_at_high_usd_per_h
                      - (*bars)[i - 1].saving_at_low_usd_per_h),
            std::abs((*bars)[i].saving_at_high_usd_per_h - (*bars)[i].saving_at_low_usd_per_h));
    for (auto const& bar : *bars) {
        if (bar.input != "capex USD")
            continue;
        EXPECT_NEAR(bar.low, 13'140 * 0.7, 1e-9);
        owned.capex_usd = bar.low;
        EXPECT_NEAR(bar.saving_at_low_usd_per_h, 4 - owned_cost(owned).total(), 1e-12);
    }
}

TEST(Tornado, a_duty_stays_within_all_hours)
{
    auto owned = node(13'140, 2.8, cop_3);
    owned.duty = 0.9;
    auto const bars = tornado(owned, cloud(4));
    ASSERT_TRUE(bars);
    for (auto const& bar : *bars) {
        if (bar.input == "duty") {
            EXPECT_EQ(bar.high, 1);
        }
    }
}

TEST(Chances, the_same_seed_draws_the_same)
{
    auto owned = node(13'140, 2.8, cop_3);
    owned.duty = 0.2;
    auto const once = chances(owned, cloud(4), { 10'000, 7, 0.3 });
    auto const again = chances(owned, cloud(4), { 10'000, 7, 0.3 });
    auto const other = chances(owned, cloud(4), { 10'000, 8, 0.3 });
    ASSERT_TRUE(once && again && other);
    EXPECT_EQ(once->median_usd_per_h, again->median_usd_per_h);
    EXPECT_NE(once->median_usd_per_h, other->median_usd_per_h);
    EXPECT_NEAR(once->owning_is_cheaper, other->owning_is_cheaper, 0.03);
    EXPECT_LT(once->low_10_usd_per_h, once->median_usd_per_h);
    EXPECT_LT(once->median_usd_per_h, once->high_90_usd_per_h);
}

TEST(Chances, are_even_where_both_cost_the_same_and_sure_far_from_there)
{
    auto owned = node(13'140, 2.8, cop_3);
    auto const rent = cloud(4);
    owned.duty = break_even_duty(owned, rent).value_or(-1);
    EXPECT_NEAR(chances(owned, rent, {})->owning_is_cheaper, 0.5, 0.1);
    owned.duty = 1;
    EXPECT_EQ(chances(owned, rent, {})->owning_is_cheaper, 1);
    owned.duty = 0.01;
    EXPECT_EQ(chances(owned, rent, {})->owning_is_cheaper, 0);
    owned.duty = 1;
    EXPECT_EQ(chances(owned, rent, { 100, 1, 0 })->owning_is_cheaper, 1);
}

TEST(Economics, nonsense_is_refused_by_name)
{
    auto const refused = [](auto change, std::string_view name) {
        auto owned = node(13'140, 2.8, 1);
        auto rent = cloud(4);
        change(owned, rent);
        auto const found = buy_or_rent(owned, rent, {});
        ASSERT_FALSE(found) << name;
        EXPECT_EQ(found.error().message.substr(0, name.size()), name);
        EXPECT_FALSE(tornado(owned, rent));
        EXPECT_FALSE(chances(owned, rent, {}));
    };
    refused([](Ownership& owned, Rent&) { owned.duty = 1.01; }, "duty is 1.01");
    refused([](Ownership& owned, Rent&) { owned.duty = 0; }, "duty is 0");
    refused([](Ownership& owned, Rent&) { owned.years = 0; }, "years is 0");
    refused([](Ownership& owned, Rent&) { owned.capex_usd = -1; }, "capex is -1");
    refused([](Ownership& owned, Rent&) { owned.capex_usd = 1e308; }, "capex is 1e+308");
    refused(
        [](Ownership& owned, Rent&) { owned.usd_per_kwh = std::nan(""); }, "price of a kWh is nan");
    refused([](Ownership& owned, Rent&) { owned.energy_overhead = 0.9; }, "energy overhead is 0.9");
    refused([](Ownership&, Rent& rent) { rent.usd_per_h = -4; }, "rent an hour is -4");
    refused([](Ownership&, Rent& rent) { rent.usd_per_h = 0; }, "rent an hour is 0");
    refused([](Ownership&, Rent& rent) { rent.spot_discount = 1; }, "spot discount is 1");
    refused([](Ownership&, Rent& rent) { rent.performance_ratio = 0; }, "performance ratio is 0");
    refused([](Ownership&, Rent& rent) { rent.session_h = 0; }, "hours a session is 0");
}

TEST(RulesOfThumb, hold_together_under_stated_assumptions_only)
{
    auto const rules = rules_of_thumb(0.20);
    ASSERT_EQ(rules.size(), 4U);
    EXPECT_NEAR(rules[0].capex_usd, 13'140, 1);
    EXPECT_NEAR(rules[1].capex_usd, 8'235, 1);
    EXPECT_NEAR(rules[0].rent_for_high_usd_per_h, 3.85, 0.01);
    EXPECT_NEAR(rules[0].rent_for_low_usd_per_h, 4.94, 0.01);
    EXPECT_NEAR(rules[1].rent_for_high_usd_per_h, 2.80, 0.01);
    EXPECT_NEAR(rules[1].rent_for_low_usd_per_h, 3.49, 0.01);
    EXPECT_NEAR(rules[0].usd_per_h_at_thumb_duty, 1.99, 0.005);
    EXPECT_NEAR(thumb_duty_h_per_year, 3'066, 1e-9);
    EXPECT_NEAR(thumb_break_even_duty(3).low, 0.114, 5e-4);
    EXPECT_NEAR(thumb_break_even_duty(3).high, 0.152, 5e-4);
}

}
