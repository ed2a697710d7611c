#include <api/usage.h>

#include <farm/charge.h>

#include <gtest/gtest.h>

namespace sidereal::api {

namespace {

using std::chrono::hours;
using std::chrono::minutes;

constexpr Wall start { hours(470'000) };

// One job handed in at 00:30 whose tasks take half of the one node, which has 2 vcpus.
farm::Farm small_farm()
{
    farm::Farm farm;
    farm::NodeRecord node;
    node.id = { 1 };
    node.key = "key";
    node.facts.name = "node-a";
    node.facts.os_family = "linux";
    node.facts.cpu_arch = "x86_64";
    node.facts.vcpus = 2;
    node.facts.rate.busy_w = 400;
    node.facts.rate.usd_per_kwh = 0.25;
    node.facts.rate.usd_per_h = 1.5;
    farm.apply(node);
    farm::JobRecord job;
    job.id = { 1 };
    job.submitted_at = start + minutes(30);
    job.source = { R"({"specificationVersion":"jobtemplate-2023-09","name":"film",
"steps":[{"name":"Frames","parameterSpace":{"taskParameterDefinitions":[
{"name":"Frame","type":"INT","range":"1-9"}]},
"hostRequirements":{"amounts":[{"name":"amount.worker.vcpu","min":1}]},
"script":{"actions":{"onRun":{"command":"true"}}}}]})",
        "template.json", {} };
    EXPECT_TRUE(farm.apply(job));
    return farm;
}

farm::AttemptRecord ran(farm::Farm const& farm, Wall ended_at, Duration run)
{
    farm::AttemptRecord record;
    record.id = { 1 };
    record.job = { 1 };
    record.node = { 1 };
    record.state = farm::AttemptState::ended;
    record.outcome = wire::Outcome::succeeded;
    record.ended_at = ended_at;
    record.usage.run_time = run;
    farm::charge(farm, record);
    return record;
}

}

TEST(Usage, what_was_running_at_the_start_counts_from_there_and_what_had_ended_not_at_all)
{
    auto const farm = small_farm();
    Usage usage({ start + hours(1), 2 });
    usage.add(farm, ran(farm, start + minutes(50), minutes(20)));
    EXPECT_EQ(usage.hours()[0], UsageHour {});
    usage.add(farm, ran(farm, start + minutes(90), minutes(60)));
    EXPECT_NEAR(usage.hours()[0].node_h, 0.25, 1e-9);
    EXPECT_EQ(usage.hours()[0].attempts, 1u);
}

TEST(Usage, an_attempt_within_an_hour_counts_there_by_its_share_of_the_node)
{
    auto const farm = small_farm();
    Usage usage({ start, 3 });
    usage.add(farm, ran(farm, start + minutes(100), minutes(30)));
    EXPECT_EQ(usage.hours()[0].node_h, 0);
    EXPECT_EQ(usage.hours()[0].submitted_node_h, 0.25);
    auto const& second = usage.hours()[1];
    EXPECT_NEAR(second.node_h, 0.25, 1e-12);
    EXPECT_NEAR(second.energy_wh, 100, 1e-9);
    EXPECT_NEAR(second.cost_usd, 0.1 * 0.25 + 0.25 * 1.5, 1e-6);
    EXPECT_EQ(second.attempts, 1u);
    EXPECT_EQ(usage.hours()[2], UsageHour {});
}

TEST(Usage, an_attempt_over_several_hours_is_divided_among_them)
{
    auto const farm = small_farm();
    Usage usage({ start, 4 });
    auto const record = ran(farm, start + minutes(195), minutes(150));
    usage.add(farm, record);
    EXPECT_NEAR(usage.hours()[0].node_h, 0.5 * 15 / 60, 1e-12);
    EXPECT_NEAR(usage.hours()[1].node_h, 0.5, 1e-12);
    EXPECT_NEAR(usage.hours()[2].node_h, 0.5, 1e-12);
    EXPECT_NEAR(usage.hours()[3].node_h, 0.5 * 15 / 60, 1e-12);
    double energy_wh = 0;
    double cost_usd = 0;
    for (auto const& hour : usage.hours()) {
        energy_wh += hour.energy_wh;
        cost_usd += hour.cost_usd;
    }
    EXPECT_NEAR(energy_wh, record.energy_wh, 1e-9);
    EXPECT_NEAR(cost_usd, record.cost.usd(), 1e-9);
}

TEST(Usage, what_lies_outside_the_span_is_left_out)
{
    auto const farm = small_farm();
    Usage usage({ start + hours(1), 2 });
    usage.add(farm, ran(farm, start + minutes(75), minutes(30)));
    EXPECT_NEAR(usage.hours()[0].node_h, 0.5 * 15 / 60, 1e-12);
    // Handed in before: it was waiting when the span began.
    EXPECT_NEAR(usage.hours()[0].submitted_node_h, 0.25, 1e-12);
    usage.add(farm, ran(farm, start + hours(5), hours(1)));
    usage.add(farm, ran(farm, start + minutes(20), minutes(10)));
    EXPECT_NEAR(usage.hours()[0].node_h, 0.5 * 15 / 60, 1e-12);
    EXPECT_EQ(usage.hours()[1], UsageHour {});
    EXPECT_EQ(usage.hours()[0].attempts, 1u);
}

TEST(Usage, what_has_not_ended_or_has_not_run_adds_nothing)
{
    auto const farm = small_farm();
    Usage usage({ start, 2 });
    auto live = ran(farm, start + minutes(100), minutes(30));
    live.state = farm::AttemptState::leased;
    usage.add(farm, live);
    usage.add(farm, ran(farm, start + minutes(100), {}));
    EXPECT_EQ(usage.hours(), (std::vector<UsageHour>(2)));
}

TEST(Usage, an_attempt_of_centuries_stays_within_the_span)
{
    auto const farm = small_farm();
    Usage usage({ start, 2 });
    usage.add(farm, ran(farm, start + minutes(90), hours(24 * 36'500)));
    EXPECT_NEAR(usage.hours()[0].node_h, 0.5, 1e-6);
    EXPECT_NEAR(usage.hours()[1].node_h, 0.25, 1e-6);
}

}
