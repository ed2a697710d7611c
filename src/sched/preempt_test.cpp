#include <sched/test_preempt.h>
#include <sched/why.h>

#include <gtest/gtest.h>

namespace sidereal::sched {

using namespace std::chrono_literals;

TEST_F(Preempt, nothing_is_stopped_without_a_rule)
{
    test.rule("");
    test.add_present_node(2);
    test.submit(2);
    test.run();
    test.submit(1, {}, "tier: urgent");
    EXPECT_TRUE(ask().empty());
}

TEST_F(Preempt, nothing_is_stopped_while_there_is_room)
{
    test.add_present_node(3);
    test.submit(2);
    test.run();
    test.submit(1, {}, "tier: urgent");
    test.run();
    EXPECT_TRUE(ask().empty());
}

TEST_F(Preempt, the_youngest_of_a_lower_tier_goes)
{
    test.add_present_node(2);
    auto const old = test.submit(1);
    test.run();
    pass(1h);
    auto const young = test.submit(1);
    test.run();
    pass(1min);
    test.submit(1, {}, "tier: urgent");
    test.run();
    auto const yields = ask();
    ASSERT_EQ(yields.size(), 1u);
    EXPECT_EQ(stopped(yields, young), 1u);
    EXPECT_EQ(stopped(yields, old), 0u);
    EXPECT_EQ(yields[0].to, farm::Tier::urgent);
}

TEST_F(Preempt, the_lowest_tier_goes_first_however_old)
{
    test.add_present_node(2);
    auto const idle = test.submit(1, {}, "tier: idle");
    test.run();
    pass(1h);
    test.submit(1);
    test.run();
    test.submit(1, {}, "tier: high");
    test.run();
    EXPECT_EQ(stopped(ask(), idle), 1u);
}

TEST_F(Preempt, its_own_tier_and_higher_ones_stay)
{
    test.add_present_node(2);
    test.submit(1, {}, "tier: high");
    test.submit(1, {}, "tier: urgent");
    test.run();
    test.submit(1, {}, "tier: high");
    EXPECT_TRUE(ask().empty());
}

TEST_F(Preempt, a_tier_below_the_rules_stops_nothing)
{
    test.add_present_node(1);
    test.submit(1, {}, "tier: idle");
    test.run();
    test.submit(1);
    EXPECT_TRUE(ask().empty());
}

TEST_F(Preempt, resumable_work_goes_before_younger)
{
    test.add_present_node(2);
    auto const resumable = test.submit(1, {}, "steps: {A: {resumable: true}}");
    test.run();
    pass(5h);
    test.submit(1);
    test.run();
    pass(1s);
    test.submit(1, {}, "tier: urgent");
    EXPECT_EQ(stopped(ask(), resumable), 1u);
}

TEST_F(Preempt, no_more_is_stopped_than_is_needed)
{
    test.add_present_node(8);
    auto const small = test.submit(4);
    test.run();
    pass(1s);
    auto const big = test.submit(1, { { "worker.vcpu", 4 } });
    test.run();
    pass(1s);
    test.submit(1, { { "worker.vcpu", 4 } }, "tier: urgent");
    auto const yields = ask();
    EXPECT_EQ(stopped(yields, small) + 4 * stopped(yields, big), 4u);
}

TEST_F(Preempt, the_node_where_least_is_lost)
{
    test.add_present_node(1);
    auto const first = test.submit(1);
    test.run();
    pass(1min);
    test.add_present_node(1);
    auto const second = test.submit(1);
    test.run();
    pass(1min);
    test.submit(1, {}, "tier: urgent");
    auto const yields = ask();
    EXPECT_EQ(stopped(yields, first), 0u);
    EXPECT_EQ(stopped(yields, second), 1u);
}

TEST_F(Preempt, what_ends_soon_is_waited_for_and_its_room_kept)
{
    test.add_present_node(1);
    auto const job = test.submit(10);
    test.run();
    test.finish(job, 10min);
    test.run();
    pass(9min + 30s);
    auto const urgent = test.submit(1, {}, "tier: urgent");
    auto const yields = ask();
    ASSERT_EQ(yields.size(), 1u);
    EXPECT_TRUE(yields[0].stop.empty());
    carry_out(yields);
    test.finish(job, 10min);
    test.run();
    EXPECT_EQ(test.running(urgent), 1u);
}

TEST_F(Preempt, what_outran_its_time_is_stopped_in_the_end)
{
    test.add_present_node(1);
    auto const job = test.submit(10);
    test.run();
    test.finish(job, 10min);
    test.run();
    test.submit(1, {}, "tier: urgent");
    pass(10min + 30s);
    EXPECT_EQ(stopped(ask(), job), 0u);
    pass(1min);
    EXPECT_EQ(stopped(ask(), job), 1u);
}

TEST_F(Preempt, what_is_being_stopped_is_not_asked_for_again)
{
    test.add_present_node(4);
    auto const low = test.submit(10);
    test.run();
    auto const urgent = test.submit(2, {}, "tier: urgent");
    auto const first = ask();
    EXPECT_EQ(stopped(first, low), 2u);
    carry_out(first);
    auto const second = ask();
    EXPECT_EQ(stopped(second, low), 0u);
    ASSERT_EQ(second.size(), 1u);
    end_stopped();
    test.run();
    EXPECT_EQ(test.running(urgent), 2u);
    EXPECT_EQ(test.running(low), 2u);
}

TEST_F(Preempt, work_below_does_not_slip_into_a_hole_that_grows)
{
    test.add_present_node(4);
    auto const low = test.submit(10);
    test.run();
    auto const urgent = test.submit(1, { { "worker.vcpu", 4 } }, "tier: urgent");
    carry_out(ask());
    // One ends before the others do.
    for (auto const& [id, attempt] : test.farm.attempts) {
        if (attempt.preempted) {
            test.finish_attempt(id, 1s, 100, wire::Outcome::canceled, wire::Cause::preempted);
            break;
        }
    }
    test.run();
    EXPECT_EQ(test.running(low), 3u);
    end_stopped();
    test.run();
    EXPECT_EQ(test.running(urgent), 1u);
    EXPECT_EQ(test.farm.jobs.at(low).count(farm::TaskState::failed), 0u);
}

TEST_F(Preempt, what_waits_in_a_nodes_queue_is_called_off)
{
    test.add_present_node(1);
    test.policy.max_ahead = 8;
    auto const low = test.submit(100);
    test.run();
    test.finish(low, 1ms);
    test.run();
    test.run();
    ASSERT_GT(test.running(low), 1u);
    // Long past what it was expected to take.
    pass(10min);
    auto const held = test.running(low);
    test.submit(1, {}, "tier: urgent");
    EXPECT_EQ(stopped(ask(), low), held);
}

TEST_F(Preempt, a_project_without_the_right_to_a_tier_stops_nothing)
{
    test.rule("preemption: {from: high}\nprojects: [{name: lab, max_tier: normal}]\n");
    test.add_present_node(1);
    test.submit(1, {}, "tier: low");
    test.run();
    test.submit(1, {}, "tier: urgent", "lab");
    EXPECT_TRUE(ask().empty());
}

TEST_F(Preempt, why_says_that_room_is_being_made)
{
    test.add_present_node(1);
    test.submit(2);
    test.run();
    auto const urgent = test.submit(1, {}, "tier: urgent");
    auto const text_of = [&](JobId job) {
        return why(test.farm, test.now, test.policy, test.farm.jobs.at(job)).at(0).text;
    };
    EXPECT_EQ(text_of(urgent).find("room is being made"), std::string::npos);
    carry_out(ask());
    EXPECT_NE(text_of(urgent).find("room is being made for it on 1 node,"), std::string::npos);
}

TEST_F(Preempt, what_no_stopping_could_place_stops_nothing)
{
    test.add_present_node(2);
    test.submit(2);
    test.run();
    test.submit(1, { { "worker.vcpu", 4 } }, "tier: urgent");
    EXPECT_TRUE(ask().empty());
}

}
