#include <farm/test_farm.h>

#include <gtest/gtest.h>

#include <algorithm>

namespace sidereal::farm {

namespace {

using States = std::vector<StepState>;

States states_of(TestFarm const& test, JobId job) { return step_states(test.farm.jobs.at(job)); }

// A chain of single-task steps, listed from the last to the first, without a template.
openjd::Job chain(std::size_t length)
{
    openjd::Job job;
    job.steps.resize(length);
    for (std::size_t i = 0; i + 1 < length; ++i)
        job.steps[i].depends_on = { i + 1 };
    return job;
}

}

TEST(StepStates, a_step_waits_for_all_that_it_depends_on)
{
    TestFarm test;
    auto const node = test.add_node(8);
    auto const job = test.add_job({ { "A" }, { "B" }, { "C", 2, { "A", "B" } } });
    EXPECT_EQ(
        states_of(test, job), (States { StepState::ready, StepState::ready, StepState::waiting }));
    test.succeed(test.lease(job, 0, 0, node));
    EXPECT_EQ(states_of(test, job),
        (States { StepState::succeeded, StepState::ready, StepState::waiting }));
    test.succeed(test.lease(job, 1, 0, node));
    EXPECT_EQ(states_of(test, job),
        (States { StepState::succeeded, StepState::succeeded, StepState::ready }));
    auto const first = test.lease(job, 2, 0, node);
    EXPECT_EQ(states_of(test, job)[2], StepState::running);
    test.succeed(first);
    EXPECT_EQ(states_of(test, job)[2], StepState::ready);
    EXPECT_FALSE(is_settled(test.farm.jobs.at(job)));
    test.succeed(test.lease(job, 2, 1, node));
    EXPECT_TRUE(is_settled(test.farm.jobs.at(job)));
}

TEST(StepStates, behind_a_failed_step_all_is_unreachable)
{
    TestFarm test;
    auto const node = test.add_node(8);
    auto const job = test.add_job(
        { { "C", 1, { "B" } }, { "B", 1, { "A" } }, { "A" }, { "D" } }, 0);
    test.fail(test.lease(job, 2, 0, node));
    EXPECT_EQ(states_of(test, job),
        (States {
            StepState::unreachable, StepState::unreachable, StepState::failed, StepState::ready }));
    test.succeed(test.lease(job, 3, 0, node));
    EXPECT_TRUE(is_settled(test.farm.jobs.at(job)));
}

TEST(StepStates, a_step_with_a_failed_task_runs_its_others)
{
    TestFarm test;
    auto const node = test.add_node(8);
    auto const job = test.add_job({ { "A", 2 } }, 0);
    test.fail(test.lease(job, 0, 0, node));
    EXPECT_EQ(states_of(test, job), (States { StepState::ready }));
    test.succeed(test.lease(job, 0, 1, node));
    EXPECT_EQ(states_of(test, job), (States { StepState::failed }));
}

TEST(StepStates, a_chain_of_ten_thousand_steps_is_followed)
{
    constexpr std::size_t length = 10'000;
    Farm farm;
    JobRecord record;
    record.id = { 1 };
    farm.apply(record, std::make_shared<openjd::Job const>(chain(length)));
    auto const& job = farm.jobs.at(record.id);
    ASSERT_EQ(job.order.size(), length);
    EXPECT_EQ(job.order.front(), length - 1);
    EXPECT_EQ(job.order.back(), 0u);
    auto states = step_states(job);
    EXPECT_EQ(states[length - 1], StepState::ready);
    EXPECT_EQ(std::count(states.begin(), states.end(), StepState::waiting), length - 1);

    farm.jobs.at(record.id).steps[length - 1].tasks.set(0, TaskState::failed);
    states = step_states(job);
    EXPECT_EQ(std::count(states.begin(), states.end(), StepState::unreachable), length - 1);
}

TEST(JobState, follows_the_job_through_its_life)
{
    TestFarm test;
    auto const node = test.add_node(1);
    auto const job = test.add_job({ { "A" } });
    auto const state = [&] { return job_state(test.farm.jobs.at(job)); };
    EXPECT_EQ(state(), JobState::queued);
    test.change(job, [](JobRecord& record) { record.paused = true; });
    EXPECT_EQ(state(), JobState::paused);
    test.change(job, [](JobRecord& record) { record.paused = false; });
    auto const attempt = test.lease(job, 0, 0, node);
    EXPECT_EQ(state(), JobState::running);
    test.succeed(attempt);
    test.change(job, [](JobRecord& record) { record.ended_at = Wall(); });
    EXPECT_EQ(state(), JobState::succeeded);
}

TEST(JobState, tells_a_failed_from_a_canceled_job)
{
    TestFarm test;
    auto const node = test.add_node(1);
    auto const failed = test.add_job({ { "A" } }, 0);
    test.fail(test.lease(failed, 0, 0, node));
    test.change(failed, [](JobRecord& record) { record.ended_at = Wall(); });
    EXPECT_EQ(job_state(test.farm.jobs.at(failed)), JobState::failed);
    auto const canceled = test.add_job({ { "A" } });
    test.change(canceled, [](JobRecord& record) {
        record.canceled = true;
        record.ended_at = Wall();
    });
    EXPECT_EQ(job_state(test.farm.jobs.at(canceled)), JobState::canceled);
}

TEST(Step, the_mean_run_time_counts_successes_only)
{
    TestFarm test;
    auto const node = test.add_node(1);
    auto const job = test.add_job({ { "A", 3 } });
    EXPECT_EQ(test.farm.jobs.at(job).steps[0].run_times.mean(), std::nullopt);
    test.fail(test.lease(job, 0, 0, node));
    EXPECT_EQ(test.farm.jobs.at(job).steps[0].run_times.mean(), std::nullopt);
    test.succeed(test.lease(job, 0, 1, node));
    EXPECT_EQ(test.farm.jobs.at(job).steps[0].run_times.mean(), std::chrono::seconds(10));
}

}
