#include <plan/facility_plan.h>
#include <plan/power.h>

#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <string>

namespace sidereal::plan {

namespace {

Result<Facility> read(std::string_view json)
{
    auto const parsed = parse_json(json);
    EXPECT_TRUE(parsed) << parsed.error().message;
    return read_facility(parsed->get_object(), "room.json", shipped_catalog());
}

FacilityPlan planned(std::string_view json)
{
    auto const facility = read(json);
    EXPECT_TRUE(facility) << facility.error().message;
    return plan_facility(*facility, shipped_catalog()).value();
}

bool has(FacilityPlan const& plan, Severity severity, std::string_view rule)
{
    return std::any_of(plan.findings.begin(), plan.findings.end(), [&](Finding const& finding) {
        return finding.severity == severity && finding.rule == rule;
    });
}

// Four large cards, a processor and the rest: 2,800 W DC.
std::string dense_node(std::string const& more)
{
    return R"({"nodes": [{"name": "dense", "count": 5,
        "devices": ["4xrtx-5090", "threadripper-7960x"], "other_w": 150)"
        + more + "}]";
}

constexpr auto two_supplies
    = R"(, "psus": {"type": "80plus-titanium-230v", "rated_w": 1600, "count": 2})";

}

TEST(Facility, names_on_circuits_are_those_of_nodes)
{
    auto const plan = planned(dense_node(two_supplies)
        + R"(, "circuits": [{"name": "c", "type": "240v-20a", "nodes": ["dense-1", "dense-9"]}]})");
    auto const unknown = std::count_if(plan.findings.begin(), plan.findings.end(),
        [](Finding const& finding) { return finding.what == "no node is called 'dense-9'"; });
    EXPECT_EQ(unknown, 1);
}

TEST(Facility, what_is_called_alike_is_refused)
{
    auto const fault = [](std::string_view json) {
        auto const facility = read(json);
        return facility ? "" : facility.error().message;
    };
    constexpr std::string_view node = R"({"name": "a", "wall_w": 500})";
    EXPECT_NE(fault(fmt::format(R"({{"nodes": [{}, {}]}})", node, node))
                  .find("nodes[1] 'a': field 'name': stands there twice"),
        std::string::npos);
    constexpr std::string_view circuit = R"({"name": "c", "type": "240v-20a", "nodes": ["a"]})";
    EXPECT_NE(
        fault(fmt::format(R"({{"nodes": [{}], "circuits": [{}, {}]}})", node, circuit, circuit))
            .find("circuits[1] 'c': field 'name': stands there twice"),
        std::string::npos);
}

TEST(Facility, five_dense_nodes_heat_a_room_with_51_000_btu_an_hour)
{
    auto const plan = planned(dense_node(two_supplies) + "}");
    EXPECT_NEAR(plan.nodes[0].dc_w, 2'800, 1e-9);
    EXPECT_NEAR(*plan.nodes[0].psu_load, 0.875, 1e-9);
    // Between 96 % at half load and 91 % at full load, not the 93.7 % that 51,000 BTU/h imply.
    EXPECT_NEAR(plan.nodes[0].efficiency, 0.9225, 1e-9);
    EXPECT_NEAR(plan.wall_w, 5 * 2'800 / 0.9225, 1e-6);
    EXPECT_NEAR(plan.btu_per_h, 51'000, 51'000 * 0.02);
    EXPECT_NEAR(plan.cooling_tons, 4.25, 4.25 * 0.02);
    EXPECT_TRUE(has(plan, Severity::warning, "supply load"));
    EXPECT_FALSE(has(plan, Severity::fault, "supply peaks"));
}

TEST(Facility, four_air_cooled_cards_of_four_slots_do_not_fit_a_4u_chassis)
{
    auto const air = planned(dense_node(R"(, "chassis": "4u-std")") + "}");
    EXPECT_TRUE(has(air, Severity::fault, "slots"));
    EXPECT_TRUE(has(air, Severity::warning, "airflow"));
    EXPECT_EQ(air.nodes[0].slots, 16);
    auto const water = planned(dense_node(R"(, "chassis": "4u-std", "water_cooled": true)") + "}");
    EXPECT_FALSE(has(water, Severity::fault, "slots"));
    EXPECT_EQ(water.nodes[0].slots, 4);
    auto const pro = planned(
        R"({"nodes": [{"name": "pro", "devices": ["4xrtx-6000-ada"], "chassis": "4u-std"}]})");
    EXPECT_TRUE(pro.holds());
    EXPECT_FALSE(has(pro, Severity::warning, "airflow"));
}

TEST(Facility, no_120_volt_circuit_carries_a_dense_node)
{
    auto const plan = planned(dense_node(two_supplies) + "}");
    std::map<std::string, std::int64_t> needed;
    for (auto const& choice : plan.choices)
        needed[choice.type.id] = choice.circuits;
    EXPECT_EQ(needed.at("120v-15a"), 0);
    EXPECT_EQ(needed.at("120v-20a"), 0);
    EXPECT_EQ(needed.at("120v-30a"), 0);
    EXPECT_EQ(needed.at("240v-20a"), 5);
    EXPECT_EQ(needed.at("240v-50a"), 2);
}

TEST(Facility, a_breaker_is_loaded_to_80_percent)
{
    auto const circuits = [&](std::string const& nodes) {
        return planned(dense_node(two_supplies) + R"(, "circuits": [
            {"name": "a", "type": "240v-30a", "nodes": [)"
            + nodes + "]}]}");
    };
    auto const one = circuits("\"dense-1\"");
    EXPECT_FALSE(has(one, Severity::fault, "80 % of a breaker"));
    EXPECT_NEAR(one.circuits[0].amps, 2'800 / 0.9225 / 240, 1e-9);
    EXPECT_TRUE(has(one, Severity::warning, "circuit"));
    EXPECT_TRUE(has(circuits("\"dense-1\", \"dense-2\""), Severity::fault, "80 % of a breaker"));
}

TEST(Facility, both_supplies_of_a_node_belong_on_one_circuit)
{
    std::string const circuits = R"(, "circuits": [
        {"name": "a", "type": "240v-30a", "nodes": ["dense-1"]},
        {"name": "b", "type": "240v-30a", "nodes": ["dense-1"]}]})";
    auto const split = planned(dense_node(two_supplies) + circuits);
    EXPECT_TRUE(has(split, Severity::fault, "common ground"));
    EXPECT_NEAR(split.circuits[0].wall_w, 2'800 / 0.9225 / 2, 1e-6);
}

TEST(Facility, of_two_feeds_each_must_carry_everything)
{
    auto const plan = planned(R"({
        "nodes": [{"name": "n", "count": 2, "devices": ["4xrtx-6000-ada"], "other_w": 400,
            "psus": {"type": "80plus-titanium-230v", "rated_w": 2000, "count": 2,
                     "redundant": true}}],
        "circuits": [{"name": "a", "type": "230v-16a", "nodes": ["*"]},
                     {"name": "b", "type": "230v-16a", "nodes": ["n-*"]}]})");
    EXPECT_FALSE(has(plan, Severity::fault, "common ground"));
    EXPECT_NEAR(*plan.nodes[0].psu_load, 0.8, 1e-9);
    EXPECT_NEAR(plan.circuits[0].wall_w, plan.wall_w, 1e-9);
    EXPECT_NEAR(plan.circuits[1].wall_w, plan.wall_w, 1e-9);
    EXPECT_TRUE(has(plan, Severity::fault, "80 % of a breaker"));
}

TEST(Facility, uneven_phases_are_told)
{
    auto const plan = planned(R"({
        "nodes": [{"name": "n", "count": 5, "wall_w": 1000}],
        "circuits": [{"name": "a", "type": "208v-30a", "phase": "L1-L2",
                      "nodes": ["n-1", "n-2", "n-3"]},
                     {"name": "b", "type": "208v-30a", "phase": "L2-L3", "nodes": ["n-4"]},
                     {"name": "c", "type": "208v-30a", "phase": "L3-L1", "nodes": ["n-5"]}]})");
    EXPECT_TRUE(has(plan, Severity::warning, "phase balance"));
    EXPECT_NEAR(plan.phase_amps.at("L1-L2"), 3000 / 208.0, 1e-9);
}

TEST(Facility, connectors_carry_what_they_are_made_for)
{
    auto const plan = planned(R"({"nodes": [{"name": "n", "devices": ["2xrtx-5090"],
        "connector": "pcie-8pin"}]})");
    EXPECT_TRUE(has(plan, Severity::fault, "connector"));
    EXPECT_EQ(std::count_if(plan.findings.begin(), plan.findings.end(),
                  [](Finding const& finding) { return finding.rule == "connector"; }),
        1);
    EXPECT_TRUE(has(planned(R"({"nodes": [{"name": "n", "devices": ["rtx-4090"]}]})"),
        Severity::warning, "connector"));
    EXPECT_FALSE(has(planned(R"({"nodes": [{"name": "n", "devices": ["rtx-5090"]}]})"),
        Severity::fault, "connector"));
}

TEST(Facility, older_supplies_are_warned_of_peaks)
{
    auto const plan = planned(dense_node(R"(, "psus": {"type": "80plus-gold-115v",
        "rated_w": 2000, "count": 2, "atx_3_1": false})")
        + "}");
    EXPECT_TRUE(has(plan, Severity::warning, "supply peaks"));
    EXPECT_NEAR(plan.nodes[0].peak_w, 2 * 4 * 575 + 350 + 150, 1e-9);
}

TEST(Facility, cooling_must_take_the_heat_away_even_when_a_unit_fails)
{
    auto const room = [](std::string const& text) {
        return planned(
            R"({"nodes": [{"name": "n", "count": 10, "wall_w": 1000}], "room": )" + text + "}");
    };
    EXPECT_TRUE(has(room(R"({"cooling_w": 10000})"), Severity::fault, "cooling"));
    EXPECT_TRUE(has(room(R"({"cooling_w": 11000})"), Severity::warning, "cooling N+1"));
    EXPECT_TRUE(room(R"({"cooling_w": 11000, "units": 2})").findings.size() == 0);
    EXPECT_TRUE(
        has(room(R"({"cooling_w": 14000, "kind": "comfort"})"), Severity::fault, "cooling"));
}

TEST(Facility, a_ups_lasts_as_long_as_its_battery)
{
    auto const plan = planned(R"({"nodes": [{"name": "n", "wall_w": 1000}],
        "ups": {"rated_w": 1100, "battery_wh": 500}})");
    EXPECT_NEAR(*plan.ups_minutes, 27, 1e-9);
    EXPECT_TRUE(has(plan, Severity::warning, "UPS load"));
}

TEST(Facility, ten_gigabit_starves_cards_that_flash_would_feed)
{
    auto const plan = planned(R"({"nodes": [{"name": "n", "count": 5, "wall_w": 1000}],
        "network": {"node": "10gbe", "server": "25gbe-sfp28", "local": "nvme-seed",
                    "scene_gb": 22}})");
    EXPECT_TRUE(has(plan, Severity::warning, "network"));
    EXPECT_NEAR(plan.network->of_local_share, 1100.0 / 3500, 1e-9);
    EXPECT_NEAR(plan.network->scene_alone_s, 20, 1e-9);
    EXPECT_NEAR(plan.network->scene_all_s, 40, 1e-9);
    EXPECT_FALSE(has(planned(R"({"nodes": [{"name": "n", "wall_w": 1000}],
        "network": {"node": "25gbe-sfp28", "server": "25gbe-sfp28", "local": "nvme-seed"}})"),
        Severity::warning, "network"));
}

TEST(Storage, two_disks_a_group_are_for_safety)
{
    auto const plan = plan_storage({ .disks = 24,
        .disk_tb = 20,
        .disk_mb_per_s = 260,
        .groups = 3,
        .used_tb = 100,
        .growth_gb_per_day = 500 });
    ASSERT_TRUE(plan);
    EXPECT_NEAR(plan->raw_tb, 480, 1e-9);
    EXPECT_NEAR(plan->usable_tb, 18 * 20 * 31.0 / 32, 1e-9);
    EXPECT_NEAR(*plan->days_until_full, (plan->usable_tb * 0.8 - 100) * 2, 1e-9);
    EXPECT_NEAR(plan->read_mb_per_s, 18 * 260, 1e-9);
    EXPECT_FALSE(plan_storage({ .disks = 10, .disk_tb = 20, .disk_mb_per_s = 260, .groups = 4 }));
}

TEST(Storage, metadata_on_one_device_is_a_fault_and_a_large_l2arc_eats_memory)
{
    auto const plan = planned(R"({"nodes": [{"name": "n", "wall_w": 1000}],
        "storage": {"disks": 8, "disk_tb": 20, "disk": "hdd-enterprise", "metadata": "single",
            "metadata_tb": 1, "l2arc_tb": 32, "memory_gib": 64, "used_tb": 110}})");
    EXPECT_TRUE(has(plan, Severity::fault, "metadata tier"));
    EXPECT_TRUE(has(plan, Severity::warning, "L2ARC"));
    EXPECT_TRUE(has(plan, Severity::warning, "80 % of a pool"));
}

TEST(Facility, rules_for_the_farm_carry_names_and_watts)
{
    auto const facility = read(R"({"nodes": [{"name": "n", "wall_w": 1000}],
        "circuits": [{"name": "rack's", "type": "240v-20a", "nodes": ["n", "m-*"]}],
        "room": {"name": "attic", "cooling_w": 2000}})");
    ASSERT_TRUE(facility);
    auto const plan = plan_facility(*facility, shipped_catalog());
    EXPECT_EQ(facility_rules_yaml(*facility, *plan),
        "circuits:\n"
        "- {name: 'rack''s', breaker_w: 4800, nodes: ['n', 'm-*']}\n"
        "rooms:\n"
        "- {name: 'attic', cooling_w: 1900, nodes: ['*']}\n");
}

TEST(Facility, rules_of_a_room_without_circuits_are_an_empty_document)
{
    auto const facility = read(R"({"nodes": null})");
    ASSERT_TRUE(facility) << facility.error().message;
    auto const plan = plan_facility(*facility, shipped_catalog());
    ASSERT_TRUE(plan);
    EXPECT_EQ(facility_rules_yaml(*facility, *plan), "{}\n");
}

TEST(Facility, faults_of_a_file_are_told_by_place)
{
    auto const refused = [](std::string_view json, std::string_view message) {
        auto const found = read(json);
        ASSERT_FALSE(found) << json;
        EXPECT_NE(found.error().message.find(message), std::string::npos) << found.error().message;
    };
    refused(R"({"nodes": [{"devices": ["t4"]}]})", "room.json: nodes[0]: field 'name': is missing");
    refused(R"({"nodes": [{"name": "n"}]})", "room.json: nodes[0] 'n': field 'devices'");
    refused(R"({"nodes": [{"name": "n", "devices": ["rtx-1"]}]})", "no device 'rtx-1'");
    refused(R"({"nodes": [{"name": "n", "wall_w": -1}]})", "field 'wall_w': expected a number");
    refused(R"({"nodes": [{"name": "n", "wall_w": 1, "count": 6000}]})", "field 'count'");
    refused(R"({"nodes": [{"name": "n", "wall_w": 1, "psus": {"type": "best", "rated_w": 1}}]})",
        "no type 'best'");
    refused(R"({"circuits": [{"name": "c", "type": "240v-20a"}]})", "field 'nodes'");
    refused(R"({"nodes": [{"name": "\u007f", "wall_w": 1}]})",
        "field 'name': expected a text without control characters");
    refused(R"({"circuits": [{"name": "c", "type": "240v-20a", "nodes": ["\u0085"]}]})",
        "field 'nodes': expected a text without control characters");
    refused(R"({"rooms": {}})", "field 'rooms': is not known here");
    refused(R"({"room": []})", "field 'room': expected an object");
    refused(R"({"storage": {"disks": 7, "disk_tb": 1, "disk": "hdd-enterprise", "groups": 2}})",
        "room.json: storage: groups is 2");
}

}
