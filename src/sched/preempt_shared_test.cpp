// What many nodes share, got from work of lower tiers wherever it runs.
#include <sched/test_preempt.h>
#include <sched/why.h>

#include <gtest/gtest.h>

namespace sidereal::sched {

using namespace std::chrono_literals;

namespace {

farm::Amounts const one_seat { { "limit.maya", 1 } };

void with_watts(wire::NodeFacts& facts) { facts.rate = { 100, 300, 0, 0 }; }

}

TEST_F(Preempt, a_seat_comes_from_whoever_holds_one)
{
    rules("limits: [{name: maya, seats: 1}]\n");
    test.add_present_node(2);
    test.add_present_node(2);
    auto const low = test.submit(3, one_seat);
    test.run();
    ASSERT_EQ(test.running(low), 1u);
    auto const urgent = test.submit(1, one_seat, "tier: urgent");
    test.run();
    auto const yields = ask();
    EXPECT_EQ(stopped(yields, low), 1u);
    carry_out(yields);
    EXPECT_EQ(stopped(ask(), low), 0u) << "once is enough";
    end_stopped();
    test.run();
    EXPECT_EQ(test.running(urgent), 1u);
    EXPECT_EQ(test.running(low), 0u);
}

TEST_F(Preempt, who_holds_the_seat_leaves_the_room_as_well)
{
    rules("limits: [{name: maya, seats: 1}]\n");
    for (int i = 0; i < 8; ++i)
        test.add_present_node(1);
    auto const holder = test.submit(1, one_seat);
    auto const others = test.submit(7);
    test.run();
    test.submit(1, one_seat, "tier: urgent");
    auto const yields = ask();
    EXPECT_EQ(stopped(yields, holder), 1u);
    EXPECT_EQ(stopped(yields, others), 0u);
}

TEST_F(Preempt, a_seat_that_comes_free_before_the_room_is_kept)
{
    rules("limits: [{name: maya, seats: 1}]\n");
    test.add_present_node(1);
    auto const low = test.submit(2, one_seat);
    test.run();
    ASSERT_EQ(test.running(low), 1u);
    test.add_present_node(2);
    test.submit(2);
    test.run();
    // Only there is room enough for it.
    auto const urgent = test.submit(
        1, { { "limit.maya", 1 }, { "worker.vcpu", 2 } }, "tier: urgent");
    carry_out(ask());
    for (auto const& [id, attempt] : test.farm.attempts) {
        if (attempt.record.job == low) {
            ASSERT_TRUE(attempt.preempted);
            test.finish_attempt(id, 1s, 100, wire::Outcome::canceled, wire::Cause::preempted);
            break;
        }
    }
    test.run();
    EXPECT_EQ(test.running(low), 0u);
    auto const text = why(test.farm, test.now, test.policy, test.farm.jobs.at(low)).at(0).text;
    EXPECT_NE(text.find("goes to other work"), std::string::npos) << text;
    carry_out(ask());
    EXPECT_EQ(test.farm.kept.seats.size(), 1u);
    end_stopped();
    test.run();
    EXPECT_EQ(test.running(urgent), 1u);
    carry_out(ask());
    EXPECT_EQ(test.farm.kept, farm::Kept {});
}

TEST_F(Preempt, seats_of_work_as_urgent_are_not_touched)
{
    rules("limits: [{name: maya, seats: 1}]\n");
    test.add_present_node(4);
    test.submit(1, one_seat, "tier: high");
    test.submit(2);
    test.run();
    test.submit(1, one_seat, "tier: high");
    EXPECT_TRUE(ask().empty());
}

TEST_F(Preempt, nobody_is_stopped_for_a_seat_that_is_counted_by_user)
{
    rules("limits: [{name: maya, seats: 1, counted_by: user}]\n");
    test.add_present_node(4);
    auto const low = test.submit(1, one_seat);
    test.farm.jobs.at(low).record.user = "ann";
    test.run();
    test.submit(1, one_seat, "tier: urgent");
    EXPECT_EQ(stopped(ask(), low), 0u);
}

TEST_F(Preempt, a_seat_that_the_licence_server_still_counts_is_not_asked_for_twice)
{
    rules("limits: [{name: maya, seats: 2, poll: {command: [lmstat], "
          "pattern: '(?P<used>\\d+)', every_s: 60}}]\n");
    test.add_present_node(4);
    auto const low = test.submit(2, one_seat);
    test.run();
    ASSERT_EQ(test.running(low), 2u);
    pass(10s);
    test.farm.settle("maya", { 2, 2, test.now.wall });
    test.submit(1, one_seat, "tier: urgent");
    carry_out(ask());
    end_stopped();
    test.run();
    ASSERT_EQ(test.running(low), 1u);
    auto const again = ask();
    EXPECT_EQ(stopped(again, low), 0u);
    carry_out(again);
    EXPECT_EQ(test.farm.kept.seats.size(), 1u);
    pass(10s);
    test.farm.settle("maya", { 1, 2, test.now.wall });
    test.run();
    EXPECT_EQ(test.running({ 2 }), 1u);
    EXPECT_EQ(test.running(low), 1u);
}

TEST_F(Preempt, watts_come_from_another_node_of_the_circuit)
{
    // 200 W idle, 100 W a busy vcpu: two tasks.
    rules("circuits: [{name: wall, breaker_w: 500, nodes: ['*']}]\n");
    test.add_present_node(2, 16, with_watts);
    test.add_present_node(2, 16, with_watts);
    auto const low = test.submit(4);
    test.run();
    ASSERT_EQ(test.running(low), 2u);
    auto const urgent = test.submit(1, {}, "tier: urgent");
    test.run();
    carry_out(ask());
    end_stopped();
    test.run();
    EXPECT_EQ(test.running(urgent), 1u);
    EXPECT_EQ(test.running(low), 1u);
}

TEST_F(Preempt, vcpus_of_a_project_come_from_its_other_work)
{
    rules("projects: [{name: film, max_vcpus: 2}]\n");
    test.add_present_node(8);
    auto const low = test.submit(4, {}, "", "film/comp");
    auto const others = test.submit(2, {}, "", "ad");
    test.run();
    ASSERT_EQ(test.running(low), 2u);
    auto const urgent = test.submit(1, {}, "tier: urgent", "film/light");
    test.run();
    auto const yields = ask();
    EXPECT_EQ(stopped(yields, others), 0u);
    carry_out(yields);
    end_stopped();
    test.run();
    EXPECT_EQ(test.running(urgent), 1u);
    EXPECT_EQ(test.running(low), 1u);
}

TEST_F(Preempt, seats_that_end_soon_are_waited_for)
{
    rules("limits: [{name: maya, seats: 1}]\n");
    test.add_present_node(4);
    auto const low = test.submit(10, one_seat);
    test.run();
    test.finish(low, 10min);
    test.run();
    pass(9min + 30s);
    auto const urgent = test.submit(1, one_seat, "tier: urgent");
    auto const yields = ask();
    EXPECT_EQ(stopped(yields, low), 0u);
    carry_out(yields);
    test.finish(low, 10min);
    test.run();
    EXPECT_EQ(test.running(urgent), 1u);
}

}
