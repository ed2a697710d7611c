#include <farm/rules.h>
#include <farm/scheduling.h>

#include <gtest/gtest.h>

#include <set>

namespace sidereal::farm {

namespace {

std::string faults_of(std::string_view text)
{
    auto const parsed = parse_scheduling(text, "s.yaml");
    return parsed ? "" : openjd::to_string(parsed.error());
}

}

TEST(Scheduling, survives_being_written_and_read)
{
    auto const parsed = parse_scheduling(R"(
tier: high
not_before: 2026-11-22T20:00:00+02:00
deadline: 2026-11-23T08:00:00.5Z
order: middle_out
caps: {tasks: 5, vcpus: 2.5}
after_jobs: [{job: 3, step: Render, if_failed: go_on}]
after_any: true
steps:
  Comp:
    caps: {nodes: 2, tasks_per_node: 1}
    order: preview
    after_tasks: [{step: Render}, {first: -2, last: -1, any: true}]
    whole_node: true
    nodes: [render-*, big]
)",
        "s.yaml");
    ASSERT_TRUE(parsed) << openjd::to_string(parsed.error());
    EXPECT_EQ(to_rfc3339(*parsed->not_before), "2026-11-22T18:00:00.000Z");
    EXPECT_EQ(parsed->steps.at("Comp").after_tasks[1], (TaskEdge { "Comp", -2, -1, true }));
    auto const again = parse_scheduling(to_json(*parsed), "s.json");
    ASSERT_TRUE(again) << openjd::to_string(again.error());
    EXPECT_EQ(*again, *parsed);
    EXPECT_EQ(to_json({}), "");
}

TEST(Scheduling, tells_every_fault_with_its_place)
{
    EXPECT_EQ(faults_of("tier: top\norder: random\ncaps: {tasks: 0}\nfoo: 1\n"),
        "s.yaml:1:7: tier: 'top' is not known here; allowed: idle, low, normal, high, urgent\n"
        "s.yaml:2:8: order: 'random' is not known here; allowed: listed, reverse, middle_out, "
        "preview\n"
        "s.yaml:3:15: caps.tasks: 0 is outside 1 to 9007199254740992\n"
        "s.yaml:4:1: unknown field 'foo'; known here: tier, not_before, deadline, order, caps, "
        "after_jobs, after_any, steps, log_rules");
    EXPECT_NE(faults_of("not_before: tomorrow\n").find("2026-11-22T20:00:00Z"), std::string::npos);
    EXPECT_NE(faults_of("steps: {A: {after_tasks: [{first: 1, last: 1}]}}").find("earlier ones"),
        std::string::npos);
}

TEST(Scheduling, timeouts_and_log_rules_come_back_as_they_were)
{
    auto const* const text = R"(
log_rules: [{pattern: 'no seat', means: no_licence, limit: maya, even_on_success: true}]
steps:
  A:
    timeouts: {run_s: 60, silent_s: 600.5, run_percent: 400, least_tasks: 5, stuck: true}
)";
    auto const parsed = parse_scheduling(text, "s.yaml");
    ASSERT_TRUE(parsed) << openjd::to_string(parsed.error());
    auto const& timeouts = parsed->steps.at("A").timeouts;
    EXPECT_EQ(timeouts.run, std::chrono::seconds(60));
    EXPECT_EQ(timeouts.silent, std::chrono::milliseconds(600'500));
    EXPECT_EQ(timeouts.least, 5u);
    EXPECT_EQ(parsed->log_rules[0].limit, "maya");
    EXPECT_EQ(parse_scheduling(to_json(*parsed), "s.json").value(), *parsed);
    EXPECT_NE(faults_of("steps: {A: {timeouts: {run_percent: 90}}}").find("above 100"),
        std::string::npos);
    EXPECT_NE(faults_of("steps: {A: {timeouts: {}}}").find("at least one"), std::string::npos);
}

TEST(Scheduling, every_order_is_a_permutation)
{
    for (auto const order :
        { TaskOrder::listed, TaskOrder::reverse, TaskOrder::middle_out, TaskOrder::preview }) {
        for (std::uint64_t count = 1; count < 130; ++count) {
            std::set<std::uint64_t> seen;
            for (std::uint64_t position = 0; position < count; ++position)
                seen.insert(task_at(order, count, position));
            EXPECT_EQ(seen.size(), count) << to_string(order) << " of " << count;
            EXPECT_LT(*seen.rbegin(), count);
        }
    }
}

TEST(Scheduling, times_are_read_as_rfc_3339_says)
{
    EXPECT_EQ(parse_rfc3339("1970-01-01T00:00:01Z"), Wall(std::chrono::seconds(1)));
    EXPECT_EQ(parse_rfc3339("1970-01-01T01:00:00.25+01:00"), Wall(std::chrono::milliseconds(250)));
    for (auto const* text : { "", "2026-11-22", "2026-02-30T00:00:00Z", "2026-11-22T24:00:00Z",
             "2026-11-22T20:00:00", "2026-11-22T20:00:00Zx", "2026-11-22T20:00:00.Z" })
        EXPECT_EQ(parse_rfc3339(text), std::nullopt) << text;
}

TEST(Rules, are_read_as_a_whole)
{
    auto const rules = parse_rules(R"(
projects:
- {name: film, weight: 2, guaranteed_vcpus: 64, max_vcpus: 128, max_tier: high}
- {name: film/seq010}
limits:
- {name: maya, seats: 10, counted_by: node, mode: advisory, soft_seats: 8, exit_codes: [78]}
circuits:
- {name: rack-1, breaker_w: 3680, nodes: [node-a, render-*]}
rooms:
- {name: attic, cooling_w: 5000, nodes: ['*']}
)",
        "rules.yaml");
    ASSERT_TRUE(rules) << openjd::to_string(rules.error());
    EXPECT_EQ(rules->project("film"), &rules->projects[0]);
    EXPECT_EQ(rules->limit("maya")->exit_codes, std::vector<int> { 78 });
    EXPECT_EQ(rules->power[0].usable_w(), 3680 * 0.8);
    EXPECT_EQ(rules->power[1].usable_w(), 5000);
}

TEST(Rules, of_pools_sleep_and_parts_are_read)
{
    auto const rules = parse_rules(R"(
projects:
- {name: film, pools: {lan: {guaranteed_vcpus: 32, max_vcpus: 64}, attic: {max_vcpus: 8}}}
power:
  sleep: {after_s: 600, keep_awake: 0, wake_s: 45, nodes: [render-*, forge]}
step_part_of_node: 0.25
)",
        "rules.yaml");
    ASSERT_TRUE(rules) << openjd::to_string(rules.error());
    EXPECT_EQ(rules->projects[0].pools.at("lan"), (PoolShare { 32, 64 }));
    EXPECT_EQ(rules->projects[0].pools.at("attic"), (PoolShare { 0, 8 }));
    EXPECT_EQ(rules->sleeping->keep_awake, 0u);
    EXPECT_EQ(rules->sleeping->after, std::chrono::minutes(10));
    EXPECT_TRUE(rules->sleeping->applies_to("render-7"));
    EXPECT_FALSE(rules->sleeping->applies_to("forge-2"));
    EXPECT_EQ(rules->step_part_of_node, 0.25);
}

TEST(Rules, of_pools_and_sleep_that_mean_nothing_are_refused)
{
    auto const rules = parse_rules(
        "projects:\n- {name: a, pools: [lan]}\n- {name: b, pools: {lan: {max_vcpus: 1, "
        "guaranteed_vcpus: 2}}}\npower: {sleep: {keep_awake: -1}}\nstep_part_of_node: 2\n",
        "r.yaml");
    ASSERT_FALSE(rules);
    EXPECT_EQ(rules.error().size(), 5u) << openjd::to_string(rules.error());
}

TEST(Rules, tell_every_fault_with_its_place)
{
    auto const rules = parse_rules("projects:\n- {name: a}\n- {name: a}\n- {name: /b}\n"
                                   "- {name: c, guaranteed_vcpus: 5, max_vcpus: 2}\n"
                                   "limits:\n- {name: maya}\n",
        "r.yaml");
    ASSERT_FALSE(rules);
    EXPECT_EQ(rules.error().size(), 4u) << openjd::to_string(rules.error());
}

namespace {

std::string environment_rules(std::string_view parameters)
{
    return "environments:\n"
           "- {name: everybody, template: \"specificationVersion: environment-2023-09\\n"
           "environment: {name: E, variables: {A: b}}\"}\n"
           "- name: conda\n"
           "  projects: [film, ads/car]\n"
           "  template: |\n"
           "    specificationVersion: environment-2023-09\n"
        + std::string(parameters) + "    environment: {name: Conda, variables: {C: d}}\n";
}

std::vector<std::string> names_around(Rules const& rules, std::string_view project)
{
    std::vector<std::string> names;
    for (auto const& around : rules.environments_around(project))
        names.push_back(around.file_name);
    return names;
}

}

TEST(Rules, environments_are_those_of_the_project_and_the_ones_above_it)
{
    auto const rules = parse_rules(environment_rules(""), "rules.yaml");
    ASSERT_TRUE(rules) << openjd::to_string(rules.error());
    std::string const all = "environment 'everybody'", conda = "environment 'conda'";
    EXPECT_EQ(names_around(*rules, ""), std::vector { all });
    EXPECT_EQ(names_around(*rules, "films"), std::vector { all });
    EXPECT_EQ(names_around(*rules, "ads"), std::vector { all });
    EXPECT_EQ(names_around(*rules, "film"), (std::vector { all, conda }));
    EXPECT_EQ(names_around(*rules, "film/seq010/sh020"), (std::vector { all, conda }));
    EXPECT_EQ(names_around(*rules, "ads/car"), (std::vector { all, conda }));
}

TEST(Rules, faults_of_an_environment_template_say_its_line)
{
    auto const rules = parse_rules(
        environment_rules("    parameterDefinitions: [{name: P, type: NUMBER}]\n"), "r.yaml");
    ASSERT_FALSE(rules);
    auto const text = openjd::to_string(rules.error());
    EXPECT_NE(text.find("r.yaml:5:13: environments[1].template: line 2, column 40 of the template: "
                        "parameterDefinitions[0]: 'NUMBER' is no type"),
        std::string::npos)
        << text;
}

TEST(Rules, an_environment_has_no_folder_for_a_default_path)
{
    auto const rules = parse_rules(
        environment_rules("    parameterDefinitions: [{name: P, type: PATH, default: x}]\n"),
        "r.yaml");
    ASSERT_FALSE(rules);
    EXPECT_NE(openjd::to_string(rules.error()).find("parameter 'P' is a path with a default"),
        std::string::npos);
}

}
