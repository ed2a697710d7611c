#include <sched/forecast.h>
#include <sched/test_sched.h>

#include <base/prng.h>

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>

namespace sidereal::sched {

namespace {

using namespace std::chrono_literals;

// 10 places, and a job whose first ten tasks took 10 s each.
JobId measured_job(SchedFarm& test, std::uint64_t tasks, std::string const& scheduling = "")
{
    auto const job = test.submit(tasks, {}, scheduling);
    test.run();
    test.now.wall += 10s;
    test.finish(job);
    return job;
}

double seconds_of(std::optional<Duration> duration)
{
    return duration ? to_seconds(*duration) : -1;
}

// 400 places of two kinds, shared by projects with limits and caps; some of it has run.
struct MiddleFarm {
    SchedFarm test;
    std::vector<JobId> jobs;

    explicit MiddleFarm(std::uint64_t seed)
    {
        Prng draw(seed);
        test.rule("projects:\n- {name: film, weight: 3}\n- {name: ad, max_vcpus: 80}\n"
                  "limits: [{name: maya, seats: 60}]\n");
        for (int i = 0; i < 80; ++i)
            test.add_present_node(i % 4 == 0 ? 8 : 4, 64, [](wire::NodeFacts& facts) {
                facts.rate = { 100, 360, 0.2, 0.5 };
            });
        char const* const projects[] = { "film", "film/a", "ad", "" };
        for (int i = 0; i < 24; ++i) {
            farm::Amounts wants { { "worker.vcpu", static_cast<double>(draw.between(1, 2)) } };
            if (draw.chance(0.2))
                wants.set("limit.maya", 1);
            jobs.push_back(test.submit(
                static_cast<std::uint64_t>(
                    draw.between(1, 3) == 1 ? draw.between(1, 20) : draw.between(200, 3000)),
                wants, draw.chance(0.15) ? "caps: {tasks: 10}" : "", projects[draw.below(4)],
                static_cast<int>(draw.between(-20, 20))));
        }
        for (int round = 0; round < 3; ++round) {
            test.run();
            for (auto const job : jobs)
                test.finish(job, std::chrono::seconds(60 + job.value % 5 * 120));
            test.now.wall += 5min;
        }
        for (auto const job : jobs)
            if (farm::is_settled(test.farm.jobs.at(job)))
                test.change(job, [&](farm::JobRecord& record) { record.ended_at = test.now.wall; });
        test.run();
    }
};

}

TEST(Forecast, says_nothing_before_any_task_was_measured)
{
    SchedFarm test;
    test.add_present_node(10);
    auto const job = test.submit(100);
    auto const seen = forecast(test.farm, test.now, test.policy);
    EXPECT_FALSE(seen.measured);
    ASSERT_TRUE(seen.job(job));
    EXPECT_FALSE(seen.job(job)->finish.p50);
}

TEST(Forecast, like_tasks_on_like_places_take_as_many_waves_as_there_are)
{
    SchedFarm test;
    test.add_present_node(10);
    auto const job = measured_job(test, 100);
    auto const seen = forecast(test.farm, test.now, test.policy);
    ASSERT_TRUE(seen.job(job));
    EXPECT_NEAR(seconds_of(seen.job(job)->finish.p50), 90, 4);
    EXPECT_GE(seen.job(job)->finish.p90, seen.job(job)->finish.p50);
    EXPECT_LT(seconds_of(seen.job(job)->finish.p90), 100);
    EXPECT_EQ(seen.farm, seen.job(job)->finish);
    EXPECT_TRUE(seen.job(job)->steps.at(0).measured);
    EXPECT_EQ(seen.runs, ForecastLimits().runs);
}

TEST(Forecast, what_runs_already_is_not_run_again)
{
    SchedFarm test;
    test.add_present_node(10);
    auto const job = measured_job(test, 20);
    test.run();
    test.now.wall += 8s;
    EXPECT_NEAR(
        seconds_of(forecast(test.farm, test.now, test.policy).job(job)->finish.p50), 2, 0.5);
    for (auto& [id, attempt] : test.farm.attempts)
        attempt.percent = 50;
    EXPECT_NEAR(seconds_of(forecast(test.farm, test.now, test.policy).job(job)->finish.p50), 8, 0.1)
        << "it says that it is half done after 8 s";
}

TEST(Forecast, work_that_can_never_run_never_ends_and_holds_nothing_else_up)
{
    SchedFarm test;
    test.add_present_node(10);
    auto const stuck = test.submit(5, { { "worker.vcpu", 64 } });
    auto const job = measured_job(test, 100);
    auto const seen = forecast(test.farm, test.now, test.policy);
    EXPECT_FALSE(seen.job(stuck)->finish.p50);
    EXPECT_FALSE(seen.farm.p50);
    EXPECT_TRUE(seen.job(job)->finish.p90);
}

TEST(Forecast, waits_for_times_and_for_other_jobs)
{
    SchedFarm test;
    test.add_present_node(10);
    auto const first = measured_job(test, 100);
    auto const after = test.submit(10, {}, fmt::format("after_jobs: [{{job: {}}}]", first.value));
    auto const later = test.submit(10, {}, "not_before: 2027-01-15T09:00:00Z");
    auto const seen = forecast(test.farm, test.now, test.policy);
    EXPECT_GT(seen.job(after)->finish.p50, seen.job(first)->finish.p50);
    auto const until = *farm::parse_rfc3339("2027-01-15T09:00:00Z") - test.now.wall;
    EXPECT_GT(seen.job(later)->finish.p50, until);
    EXPECT_FALSE(seen.job(after)->steps.at(0).measured) << "taken to be like the others";
}

TEST(Forecast, big_pieces_come_to_the_same)
{
    SchedFarm test;
    for (int i = 0; i < 4; ++i)
        test.add_present_node(4);
    auto const small = test.submit(50);
    auto const big = measured_job(test, 20'000);
    test.finish(small);
    auto const coarse = forecast(test.farm, test.now, test.policy, { 10, 10, 500, 1'000'000 });
    auto const fine = forecast(test.farm, test.now, test.policy, { 10, 10, 1'000'000, 1'000'000 });
    for (auto const job : { small, big })
        EXPECT_NEAR(seconds_of(coarse.job(job)->finish.p50) / seconds_of(fine.job(job)->finish.p50),
            1, 0.05);
    EXPECT_NEAR(coarse.energy_wh, fine.energy_wh, fine.energy_wh * 0.05);
}

TEST(Forecast, is_the_same_for_the_same_farm_and_leaves_it_as_it_is)
{
    SchedFarm test;
    test.add_present_node(10);
    measured_job(test, 1000);
    test.run();
    auto const revision = test.farm.revision;
    EXPECT_EQ(
        forecast(test.farm, test.now, test.policy), forecast(test.farm, test.now, test.policy));
    EXPECT_EQ(test.farm.revision, revision);
    EXPECT_EQ(farm::broken_invariant(test.farm), "");
}

TEST(Forecast, energy_and_money_are_those_of_the_nodes)
{
    SchedFarm test;
    test.add_present_node(10, 16, [](wire::NodeFacts& facts) {
        facts.rate = { 100, 360, 0.5, 1.0 };
    });
    measured_job(test, 1010);
    auto const seen = forecast(test.farm, test.now, test.policy);
    // 1,000 tasks of 10 s on a tenth of the node: 1,000 s of all of it.
    EXPECT_NEAR(seen.energy_wh, 100, 2);
    EXPECT_NEAR(seen.cost.usd(), 0.1 * 0.5 + 1000.0 / 3600, 0.01);
}

TEST(Forecast, a_sample_agrees_with_the_whole)
{
    std::vector<double> errors;
    for (std::uint64_t seed = 1; seed <= 6; ++seed) {
        MiddleFarm const farm(seed);
        auto const& test = farm.test;
        ForecastLimits limits { .runs = 7, .least_runs = 7, .places = 1'000'000 };
        auto const whole = forecast(test.farm, test.now, test.policy, limits);
        limits.places = 100;
        auto const part = forecast(test.farm, test.now, test.policy, limits);
        EXPECT_EQ(whole.part, 1);
        ASSERT_TRUE(whole.farm.p50 && part.farm.p50);
        EXPECT_LE(part.part, 0.5);
        auto const ratio = [](std::optional<Duration> one, std::optional<Duration> other) {
            return seconds_of(one) / seconds_of(other);
        };
        EXPECT_NEAR(ratio(part.farm.p50, whole.farm.p50), 1, 0.08) << "seed " << seed;
        EXPECT_NEAR(ratio(part.farm.p90, whole.farm.p90), 1, 0.08) << "seed " << seed;
        EXPECT_NEAR(part.energy_wh / whole.energy_wh, 1, 0.07) << "seed " << seed;
        EXPECT_NEAR(part.cost.usd() / whole.cost.usd(), 1, 0.07) << "seed " << seed;
        for (auto const id : farm.jobs) {
            if (test.farm.open_jobs.contains(id))
                errors.push_back(
                    std::abs(ratio(part.job(id)->finish.p50, whole.job(id)->finish.p50) - 1));
        }
    }
    std::sort(errors.begin(), errors.end());
    EXPECT_LE(errors[errors.size() / 2], 0.08);
    EXPECT_LE(errors[errors.size() * 8 / 10], 0.25);
}

TEST(WhatIf, more_nodes_end_sooner_and_a_drained_one_later)
{
    SchedFarm test;
    auto const node = test.add_present_node(5);
    test.add_present_node(5);
    auto const job = measured_job(test, 1000);
    auto const ends = [&](WhatIf const& change) {
        auto const then = changed(test.farm, change);
        EXPECT_TRUE(then);
        return seconds_of(forecast(*then, test.now, test.policy).job(job)->finish.p50);
    };
    EXPECT_NEAR(ends({}), 990, 30);
    EXPECT_NEAR(ends({ .add_nodes = 2 }), 495, 20);
    EXPECT_NEAR(ends({ .without = { node } }), 1980, 60);
}

TEST(WhatIf, a_few_nodes_more_show_in_a_sample_too)
{
    MiddleFarm const farm(3);
    auto const& test = farm.test;
    ForecastLimits const limits { .runs = 5, .places = 100 };
    auto const now = forecast(test.farm, test.now, test.policy, limits);
    auto const then = forecast(
        *changed(test.farm, { .add_nodes = 4 }), test.now, test.policy, limits);
    EXPECT_LT(then.part, 1);
    ASSERT_TRUE(now.farm.p50 && then.farm.p50);
    // 32 CPUs more than 400.
    EXPECT_LT(seconds_of(then.farm.p50), seconds_of(now.farm.p50));
    EXPECT_GT(seconds_of(then.farm.p50), seconds_of(now.farm.p50) * 0.8);
}

TEST(WhatIf, priority_moves_one_job_forward_and_the_other_back)
{
    SchedFarm test;
    test.add_present_node(10);
    auto const first = measured_job(test, 500);
    auto const second = test.submit(500);
    auto const now = forecast(test.farm, test.now, test.policy);
    auto const then = forecast(
        *changed(test.farm, { .job = second, .priority = 100 }), test.now, test.policy);
    EXPECT_LT(then.job(second)->finish.p50, now.job(second)->finish.p50);
    EXPECT_GT(then.job(first)->finish.p50, now.job(first)->finish.p50);
    auto const urgent = forecast(
        *changed(test.farm, { .job = second, .tier = farm::Tier::urgent }), test.now, test.policy);
    EXPECT_LE(urgent.job(second)->finish.p50, then.job(second)->finish.p50);
}

TEST(WhatIf, tells_how_many_nodes_a_deadline_takes)
{
    SchedFarm test;
    test.add_present_node(10);
    auto const job = measured_job(test, 1010);
    WhatIf change { .job = job, .deadline = test.now.wall + 260s };
    // 10,000 s of work on 10 places each: 39 places come to 256 s at best.
    auto const nodes = nodes_for_deadline(test.farm, test.now, test.policy, change, 64);
    ASSERT_TRUE(nodes);
    EXPECT_GE(*nodes, 3u);
    EXPECT_LE(*nodes, 4u);
    change.deadline = test.now.wall + 5s;
    EXPECT_FALSE(nodes_for_deadline(test.farm, test.now, test.policy, change, 64));
    change.deadline = test.now.wall + 5000s;
    EXPECT_EQ(nodes_for_deadline(test.farm, test.now, test.policy, change, 64), 0u);
}

TEST(WhatIf, names_what_is_not_there)
{
    SchedFarm test;
    EXPECT_EQ(changed(test.farm, { .job = JobId { 9 } }).error().code, ErrorCode::not_found);
    EXPECT_EQ(changed(test.farm, { .without = { { 7 } } }).error().code, ErrorCode::not_found);
    EXPECT_EQ(changed(test.farm, { .add_nodes = 1 }).error().code, ErrorCode::invalid_input);
    auto const only = test.add_present_node(1);
    EXPECT_TRUE(check(test.farm, { .add_nodes = 1 }));
    EXPECT_EQ(check(test.farm, { .add_nodes = 1, .without = { only } }).error().code,
        ErrorCode::invalid_input);
}

}
