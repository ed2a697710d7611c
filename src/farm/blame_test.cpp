#include <farm/test_farm.h>

#include <gtest/gtest.h>

namespace sidereal::farm {

namespace {

using namespace std::chrono_literals;
using wire::Cause;
using wire::Outcome;

// Two nodes, a job of a hundred tasks, and a clock.
struct Blaming : TestFarm {
    NodeId const good { add_node(8) };
    NodeId const bad { add_node(8) };
    JobId const job { add_job({ { "A", 100 } }, 9) };
    Wall now { std::chrono::hours(500'000) };

    void run(std::uint64_t task, NodeId node, Cause cause)
    {
        auto record = farm.attempts.at(lease(job, 0, task, node)).record;
        record.state = AttemptState::ended;
        record.ended_at = now;
        record.cause = cause;
        record.outcome = cause == Cause::none ? Outcome::succeeded : Outcome::failed;
        apply(record);
        now += 1s;
    }

    bool step_blames(NodeId node) const
    {
        auto const& blame = farm.jobs.at(job).steps[0].blame;
        auto const known = blame.find(node);
        return known != blame.end() && known->second.holds(step_blame_limit, now);
    }
    bool all_blame(NodeId node) const
    {
        return farm.nodes.at(node).blame.holds(node_blame_limit, now);
    }
};

}

TEST(Blame, two_tasks_that_fail_on_a_node_keep_the_step_from_it_for_a_while)
{
    Blaming test;
    test.run(0, test.bad, Cause::task_error);
    EXPECT_FALSE(test.step_blames(test.bad));
    test.run(1, test.bad, Cause::timed_out);
    EXPECT_TRUE(test.step_blames(test.bad));
    test.now += 30min;
    EXPECT_FALSE(test.step_blames(test.bad));
}

TEST(Blame, a_task_that_fails_on_two_nodes_is_the_fault_of_neither)
{
    Blaming test;
    test.run(0, test.bad, Cause::task_error);
    test.run(0, test.bad, Cause::task_error);
    EXPECT_TRUE(test.step_blames(test.bad));
    test.run(0, test.good, Cause::task_error);
    EXPECT_FALSE(test.step_blames(test.bad));
    EXPECT_FALSE(test.step_blames(test.good));
    test.run(0, test.good, Cause::task_error);
    test.run(0, test.good, Cause::task_error);
    EXPECT_FALSE(test.step_blames(test.good));
}

TEST(Blame, a_node_that_does_most_of_a_step_well_keeps_it)
{
    Blaming test;
    test.run(0, test.bad, Cause::task_error);
    for (std::uint64_t task = 10; task < 20; ++task)
        test.run(task, test.bad, Cause::none);
    test.run(1, test.bad, Cause::task_error);
    EXPECT_FALSE(test.step_blames(test.bad));
}

TEST(Blame, what_the_log_lays_on_the_node_counts_at_once)
{
    Blaming test;
    test.run(0, test.bad, Cause::node_fault);
    EXPECT_TRUE(test.step_blames(test.bad));
}

TEST(Blame, lost_nodes_licences_and_memory_are_no_sign)
{
    Blaming test;
    auto const causes = { Cause::lost_node, Cause::interrupted, Cause::no_licence,
        Cause::out_of_memory, Cause::out_of_vram, Cause::fatal };
    std::uint64_t task = 0;
    for (auto const cause : causes)
        test.run(task++, test.bad, cause);
    EXPECT_FALSE(test.step_blames(test.bad));
}

TEST(Blame, what_failed_here_and_ran_elsewhere_speaks_against_the_node_in_general)
{
    Blaming test;
    for (std::uint64_t task = 0; task < 5; ++task)
        test.run(task, test.bad, Cause::task_error);
    EXPECT_FALSE(test.all_blame(test.bad));
    for (std::uint64_t task = 0; task < 5; ++task)
        test.run(task, test.good, Cause::none);
    EXPECT_TRUE(test.all_blame(test.bad));
    EXPECT_EQ(test.farm.nodes.at(test.bad).blame.count(test.now), 5u);
    EXPECT_FALSE(test.all_blame(test.good));
    EXPECT_GT(test.farm.nodes.at(test.bad).blame.holds_for(node_blame_limit, test.now), 15min);
}

TEST(Blame, is_forgiven_and_stays_so_after_a_restart)
{
    Blaming test;
    for (std::uint64_t task = 0; task < 5; ++task)
        test.run(task, test.bad, Cause::task_error);
    for (std::uint64_t task = 0; task < 4; ++task)
        test.run(task, test.good, Cause::none);
    EXPECT_TRUE(test.step_blames(test.bad));
    auto record = test.farm.nodes.at(test.bad).record;
    record.forgiven_at = test.now;
    test.apply(record);
    EXPECT_FALSE(test.step_blames(test.bad));
    EXPECT_TRUE(test.farm.nodes.at(test.bad).blame.empty());
    test.now += 1s;
    // It failed before it was forgiven.
    test.run(4, test.good, Cause::none);
    EXPECT_TRUE(test.farm.nodes.at(test.bad).blame.empty());

    // As the store gives it: of a node only the newest record, before all attempts.
    Farm again;
    for (auto const attempts : { false, true }) {
        for (auto const& fact : test.log) {
            if (std::holds_alternative<AttemptRecord>(fact) == attempts) {
                ASSERT_TRUE(again.apply(fact));
            }
        }
    }
    EXPECT_TRUE(again.nodes.at(test.bad).blame.empty());
    EXPECT_TRUE(again.jobs.at(test.job).steps[0].blame.empty());
}

TEST(Blame, does_not_depend_on_the_order_in_which_failures_are_told)
{
    Wall const start { std::chrono::hours(500'000) };
    Blame forward;
    Blame backward;
    for (int i = 0; i < 100; ++i) {
        forward.add_failure(start + i * 1s);
        backward.add_failure(start + (99 - i) * 1s);
    }
    auto const now = start + 1h;
    EXPECT_EQ(forward.count(now), Blame::max_failures);
    EXPECT_EQ(forward.count(now), backward.count(now));
    EXPECT_NEAR(forward.weight(now), backward.weight(now), 1e-9);
}

}
