#include <farm/test_farm.h>

#include <gtest/gtest.h>

namespace sidereal::farm {

namespace {

using States = std::vector<StepState>;

States states_of(TestFarm const& test, JobId job) { return step_states(test.farm.jobs.at(job)); }

// One after the other.
std::vector<StepShape> const chain { { "A", 2 }, { "B", 2, { "A" } }, { "C", 2, { "B" } } };

struct Edges : testing::Test {
    TestFarm test;
    NodeId node { test.add_node(8) };

    JobId add(std::string_view scheduling) { return test.add_job(chain, 0, scheduling); }
    void succeed(JobId job, std::uint32_t step, std::uint64_t task)
    {
        test.succeed(test.lease(job, step, task, node));
    }
    void fail(JobId job, std::uint32_t step, std::uint64_t task)
    {
        test.fail(test.lease(job, step, task, node));
    }
    std::optional<std::uint64_t> next(JobId job, std::size_t step) const
    {
        auto const found = next_task(test.farm.jobs.at(job), step, 0);
        return found ? std::optional(found->task) : std::nullopt;
    }
    bool settled(JobId job) const { return is_settled(test.farm.jobs.at(job)); }
};

}

TEST_F(Edges, what_was_skipped_counts_as_done)
{
    auto const job = add("");
    succeed(job, 0, 0);
    test.skip(job, 0, 1);
    EXPECT_EQ(states_of(test, job),
        (States { StepState::succeeded, StepState::ready, StepState::waiting }));
    test.skip(job, 1, 0, 2);
    EXPECT_EQ(states_of(test, job),
        (States { StepState::succeeded, StepState::skipped, StepState::ready }));
    succeed(job, 2, 0);
    succeed(job, 2, 1);
    EXPECT_TRUE(settled(job));
    test.change(job, [](JobRecord& record) { record.ended_at = Wall(); });
    EXPECT_EQ(job_state(test.farm.jobs.at(job)), JobState::succeeded);
}

TEST_F(Edges, skipping_what_failed_lets_those_behind_it_go_on)
{
    auto const job = add("");
    succeed(job, 0, 0);
    fail(job, 0, 1);
    EXPECT_EQ(states_of(test, job)[1], StepState::unreachable);
    test.skip(job, 0, 1);
    EXPECT_EQ(states_of(test, job)[1], StepState::ready);
    EXPECT_TRUE(test.farm.jobs.at(job).failures.empty());
    test.reset(job, 0, 1);
    EXPECT_EQ(states_of(test, job)[0], StepState::ready);
}

TEST_F(Edges, an_edge_may_wait_for_what_was_skipped)
{
    auto const job = add("steps: {B: {after_steps: [{step: A, if_skipped: wait}]}}");
    succeed(job, 0, 0);
    test.skip(job, 0, 1);
    EXPECT_EQ(states_of(test, job),
        (States { StepState::succeeded, StepState::unreachable, StepState::unreachable }));
    EXPECT_TRUE(settled(job));
}

TEST_F(Edges, an_edge_may_go_on_after_a_failure)
{
    auto const job = add("steps: {B: {after_steps: [{step: A, if_failed: go_on}]}}");
    fail(job, 0, 0);
    EXPECT_EQ(states_of(test, job)[1], StepState::waiting) << "A still has a task";
    succeed(job, 0, 1);
    EXPECT_EQ(
        states_of(test, job), (States { StepState::failed, StepState::ready, StepState::waiting }));
}

TEST_F(Edges, nor_does_it_wait_for_what_has_no_turn_to_come)
{
    auto const job = add("steps: {C: {after_steps: [{step: B, if_failed: go_on}]}}");
    fail(job, 0, 0);
    succeed(job, 0, 1);
    EXPECT_EQ(states_of(test, job),
        (States { StepState::failed, StepState::unreachable, StepState::ready }));
}

TEST_F(Edges, one_step_of_several_is_enough_if_it_says_so)
{
    std::vector<StepShape> const fan { { "A" }, { "B" }, { "C", 1, { "A", "B" } } };
    auto const job = test.add_job(fan, 0, "steps: {C: {after_any: true}}");
    EXPECT_EQ(states_of(test, job)[2], StepState::waiting);
    fail(job, 0, 0);
    EXPECT_EQ(states_of(test, job)[2], StepState::waiting);
    succeed(job, 1, 0);
    EXPECT_EQ(states_of(test, job)[2], StepState::ready);
    auto const hopeless = test.add_job(fan, 0, "steps: {C: {after_any: true}}");
    fail(hopeless, 0, 0);
    fail(hopeless, 1, 0);
    EXPECT_EQ(states_of(test, hopeless)[2], StepState::unreachable);
}

TEST_F(Edges, task_by_task_a_skipped_one_frees_its_own)
{
    auto const job = add("steps: {B: {after_tasks: [{step: A}]}}");
    EXPECT_EQ(next(job, 1), std::nullopt);
    test.skip(job, 0, 1);
    EXPECT_EQ(next(job, 1), 1u);
}

TEST_F(Edges, task_by_task_it_may_wait_for_a_skipped_one)
{
    auto const job = add("steps: {B: {after_tasks: [{step: A, if_skipped: wait}]}}");
    test.skip(job, 0, 1);
    succeed(job, 0, 0);
    EXPECT_EQ(next(job, 1), 0u);
    succeed(job, 1, 0);
    EXPECT_EQ(next(job, 1), std::nullopt);
    EXPECT_TRUE(settled(job));
}

TEST_F(Edges, task_by_task_it_may_go_on_after_a_failure)
{
    auto const job = add("steps: {B: {after_tasks: [{step: A}]}, "
                         "C: {after_tasks: [{step: B, if_failed: go_on}]}}");
    fail(job, 0, 0);
    EXPECT_EQ(next(job, 2), std::nullopt) << "B's second task may still run";
    succeed(job, 0, 1);
    EXPECT_EQ(next(job, 2), std::nullopt);
    succeed(job, 1, 1);
    EXPECT_EQ(next(job, 2), 0u) << "B's first task never will";
    succeed(job, 2, 0);
    succeed(job, 2, 1);
    EXPECT_EQ(states_of(test, job),
        (States { StepState::failed, StepState::unreachable, StepState::succeeded }));
    EXPECT_TRUE(settled(job));
}

TEST_F(Edges, are_read_back_as_they_were_written)
{
    auto const text = "after_jobs: [{job: 3, if_failed: go_on, if_skipped: wait}]\n"
                      "steps: {B: {after_any: true, after_steps: [{step: A, if_failed: go_on}], "
                      "after_tasks: [{first: -1, last: -1, if_skipped: wait}]}}";
    auto const read = parse_scheduling(text, "s.yaml");
    ASSERT_TRUE(read);
    EXPECT_TRUE(read->steps.at("B").after_any);
    EXPECT_EQ(read->after_jobs[0].meaning.if_skipped, IfSkipped::wait);
    auto const again = parse_scheduling(to_json(*read), "s.json");
    ASSERT_TRUE(again);
    EXPECT_EQ(*again, *read);
}

TEST_F(Edges, to_a_step_that_it_does_not_depend_on_are_refused)
{
    auto const scheduling = parse_scheduling("steps: {A: {after_steps: [{step: C}]}}", "s");
    ASSERT_TRUE(scheduling);
    auto const& spec = *test.farm.jobs.at(add("")).spec;
    auto const made = make_steps(spec, *scheduling);
    ASSERT_FALSE(made);
    EXPECT_NE(made.error().message.find("add the dependency to the template"), std::string::npos);
}

}
