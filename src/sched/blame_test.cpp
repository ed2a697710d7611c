#include <sched/test_sched.h>
#include <sched/why.h>

#include <gtest/gtest.h>

namespace sidereal::sched {

namespace {

using namespace std::chrono_literals;
using wire::Cause;
using wire::Outcome;

struct Blaming : SchedFarm {
    // What runs on that node fails, what runs elsewhere ends well.
    void end_all(NodeId bad)
    {
        now.wall += 10s;
        std::vector<std::pair<AttemptId, NodeId>> live;
        for (auto const& [id, attempt] : farm.attempts)
            live.emplace_back(id, attempt.record.node);
        for (auto const& [id, node] : live)
            end(id, node == bad ? Cause::task_error : Cause::none);
    }

    void end(AttemptId id, Cause cause)
    {
        finish_attempt(
            id, 10s, 100, cause == Cause::none ? Outcome::succeeded : Outcome::failed, cause);
    }

    std::uint64_t running_on(NodeId node) const { return farm.nodes.at(node).occupying.size(); }
};

}

TEST(Blame, a_task_that_failed_goes_to_another_node)
{
    Blaming test;
    auto const first = test.add_present_node(1);
    auto const second = test.add_present_node(1);
    auto const job = test.submit(1);
    auto const placed = test.run();
    ASSERT_EQ(placed.size(), 1u);
    auto const bad = placed[0].node;
    test.end_all(bad);
    auto const again = test.run();
    ASSERT_EQ(again.size(), 1u);
    EXPECT_EQ(again[0].node, bad == first ? second : first);
    EXPECT_EQ(test.running(job), 1u);
}

TEST(Blame, a_node_that_fails_a_step_gets_no_more_of_it_and_why_says_so)
{
    Blaming test;
    auto const bad = test.add_present_node(4);
    test.add_present_node(1);
    auto const job = test.submit(50);
    test.run();
    EXPECT_EQ(test.running_on(bad), 4u);
    test.end_all(bad);
    test.run();
    EXPECT_EQ(test.running_on(bad), 0u);
    auto const rows = why(test.farm, test.now, test.policy, test.farm.jobs.at(job));
    ASSERT_EQ(rows.size(), 1u);
    EXPECT_TRUE(std::any_of(rows[0].nodes.begin(), rows[0].nodes.end(),
        [](NodeReason const& row) { return row.reason == WaitClass::blamed && row.nodes == 1; }));
    // After a while it may show that it has been mended.
    test.now.wall += 3h;
    test.run();
    EXPECT_EQ(test.running_on(bad), 4u);
}

TEST(Blame, where_all_nodes_fail_the_step_it_is_not_theirs)
{
    Blaming test;
    auto const first = test.add_present_node(2);
    auto const second = test.add_present_node(2);
    test.submit(50);
    for (int round = 0; round < 3; ++round) {
        test.run();
        test.now.wall += 10s;
        std::vector<AttemptId> live;
        for (auto const& [id, attempt] : test.farm.attempts)
            live.push_back(id);
        for (auto const id : live)
            test.end(id, Cause::task_error);
    }
    test.run();
    EXPECT_EQ(test.running_on(first) + test.running_on(second), 4u);
}

TEST(Blame, the_only_node_that_can_run_a_step_keeps_it)
{
    Blaming test;
    auto const big = test.add_present_node(8);
    test.add_present_node(2);
    auto const job = test.submit(10, { { "worker.vcpu", 4 } });
    test.run();
    test.end_all(big);
    test.run();
    EXPECT_EQ(test.running(job), 2u);
}

TEST(Blame, a_bad_node_is_held_back_from_all_work_until_it_is_forgiven)
{
    Blaming test;
    auto const bad = test.add_present_node(4);
    test.add_present_node(4);
    test.add_present_node(4);
    for (int round = 0; round < 6; ++round) {
        test.submit(20);
        test.run();
        test.end_all(bad);
    }
    test.run();
    EXPECT_EQ(test.running_on(bad), 0u);
    auto const& node = test.farm.nodes.at(bad);
    auto const answer = why_idle(test.farm, test.now, test.policy, node);
    EXPECT_NE(answer.text.find("that ran elsewhere"), std::string::npos) << answer.text;
    EXPECT_NE(answer.text.find("sidereal node forgive"), std::string::npos) << answer.text;

    auto record = node.record;
    record.forgiven_at = test.now.wall;
    test.apply(record);
    test.submit(50);
    test.run();
    EXPECT_EQ(test.running_on(bad), 4u);
}

TEST(Blame, no_seat_of_a_limit_without_rule_makes_its_step_try_one_at_a_time)
{
    Blaming test;
    test.add_present_node(8);
    auto const job = test.submit(50);
    test.run();
    EXPECT_EQ(test.running(job), 8u);
    test.now.wall += 10s;
    std::vector<AttemptId> live;
    for (auto const& [id, attempt] : test.farm.attempts)
        live.push_back(id);
    // Two of the eight have found a seat.
    for (std::size_t i = 2; i < live.size(); ++i) {
        auto record = test.farm.attempts.at(live[i]).record;
        record.state = farm::AttemptState::ended;
        record.ended_at = test.now.wall;
        record.cause = Cause::no_licence;
        record.limit = "arnold";
        test.apply(record);
    }
    test.run();
    EXPECT_EQ(test.running(job), 2u);
    auto const rows = why(test.farm, test.now, test.policy, test.farm.jobs.at(job));
    EXPECT_EQ(rows[0].reason, WaitClass::limit);
    EXPECT_NE(rows[0].text.find("arnold"), std::string::npos);
    test.now.wall += 31s;
    test.run();
    EXPECT_EQ(test.running(job), 2u);
    test.now.wall += 15min;
    test.run();
    EXPECT_EQ(test.running(job), 4u);
}

}
