#include <plan/catalog.h>
#include <plan/power.h>

#include <gtest/gtest.h>

namespace sidereal::plan {

TEST(Power, heat_and_cooling_of_known_loads)
{
    EXPECT_NEAR(btu_per_h(15'000), 51'182.1, 0.05);
    EXPECT_NEAR(cooling_tons(15'000), 4.2652, 5e-5);
    EXPECT_NEAR(btu_per_h(14'946.6), 51'000, 1);
    EXPECT_NEAR(cooling_tons(51'000 / btu_per_h_per_watt), 4.25, 1e-9);
    EXPECT_NEAR(airflow_cfm({ 2'988.3, 20 }), 10'196 / (1.08 * 20), 0.1);
}

TEST(Power, a_node_at_the_wall_draws_more_than_its_parts)
{
    auto const wall = wall_watts({ 2'800, 0.937 });
    EXPECT_NEAR(wall, 2'988.3, 0.05);
    EXPECT_NEAR(btu_per_h(wall), 10'196, 1);
    EXPECT_NEAR(amps({ wall, 240 }), 12.45, 0.005);
    EXPECT_NEAR(amps({ wall, 208 }), 14.37, 0.005);
    EXPECT_NEAR(amps({ wall, 120 }), 24.90, 0.005);
    EXPECT_NEAR(amps({ wall, 208, true }), 14.37 / 1.7320508, 0.005);
}

TEST(Power, circuits_carry_80_percent_for_hours)
{
    auto const watts = [](std::string_view id) {
        return continuous_watts(*entry_of(shipped_catalog().circuits, id));
    };
    EXPECT_NEAR(watts("120v-15a"), 1'440, 1e-9);
    EXPECT_NEAR(watts("120v-20a"), 1'920, 1e-9);
    EXPECT_NEAR(watts("208v-20a"), 3'328, 1e-9);
    EXPECT_NEAR(watts("208v-30a"), 4'992, 1e-9);
    EXPECT_NEAR(watts("240v-20a"), 3'840, 1e-9);
    EXPECT_NEAR(watts("240v-30a"), 5'760, 1e-9);
}

TEST(Power, efficiency_lies_between_the_points_of_the_certificate)
{
    auto const& psu = *entry_of(shipped_catalog().psus, "80plus-titanium-230v");
    EXPECT_NEAR(psu_efficiency(psu, 0.05), 0.90, 1e-9);
    EXPECT_NEAR(psu_efficiency(psu, 0.5), 0.96, 1e-9);
    EXPECT_NEAR(psu_efficiency(psu, 0.75), 0.935, 1e-9);
    EXPECT_NEAR(psu_efficiency(psu, 1.2), 0.91, 1e-9);
}

TEST(Power, a_12v_2x6_connector_holds_600_watts_and_no_more)
{
    auto const& connector = *entry_of(shipped_catalog().connectors, "12v-2x6");
    EXPECT_NEAR(load_connector(connector, 600).amps_per_pin, 8.333, 1e-3);
    EXPECT_TRUE(load_connector(connector, 600).holds);
    EXPECT_FALSE(load_connector(connector, 601).holds);
    EXPECT_TRUE(load_connector(*entry_of(shipped_catalog().connectors, "pcie-8pin"), 150).holds);
    EXPECT_FALSE(load_connector(*entry_of(shipped_catalog().connectors, "pcie-8pin"), 151).holds);
}

}
