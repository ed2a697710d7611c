#include <sched/test_sched.h>

#include <gtest/gtest.h>

namespace sidereal::sched {

namespace {

using namespace std::chrono_literals;

// One node that runs short tasks of a job, and has as many as it may hold ahead.
struct AheadTest : testing::Test {
    SchedFarm test;
    NodeId node;
    JobId first;

    void fill(std::string const& project = "")
    {
        test.policy.max_ahead = 64;
        node = test.add_present_node(2);
        first = test.submit(10'000, {}, "", project);
        test.run();
        test.finish(first, 1ms);
        test.run();
        test.run();
    }

    // The node's tasks end one by one, and a plan follows each.
    void go_on(int tasks)
    {
        for (int i = 0; i < tasks; ++i) {
            auto const& occupying = test.farm.nodes.at(node).occupying;
            ASSERT_FALSE(occupying.empty());
            test.finish_attempt(*occupying.begin(), 1ms, 1);
            test.run();
        }
    }
};

}

TEST_F(AheadTest, short_tasks_go_ahead_of_a_nodes_room)
{
    fill();
    EXPECT_GT(test.farm.nodes.at(node).queue.size(), 10u);
    go_on(20);
    EXPECT_GT(test.farm.nodes.at(node).queue.size(), 10u);
}

TEST_F(AheadTest, they_keep_no_more_urgent_work_out)
{
    fill();
    auto const wide = test.submit(1, { { "worker.vcpu", 2 } }, "tier: high");
    go_on(static_cast<int>(test.farm.nodes.at(node).queue.size()) + 1);
    test.finish(first, 1ms);
    test.run();
    EXPECT_EQ(test.running(wide), 1u);
}

TEST_F(AheadTest, nor_another_project)
{
    fill("a");
    auto const other = test.submit(10'000, {}, "", "b");
    go_on(80);
    EXPECT_GT(test.running(other), 0u);
}

TEST_F(AheadTest, a_later_job_alike_waits_its_turn)
{
    fill();
    auto const other = test.submit(10'000);
    go_on(80);
    EXPECT_EQ(test.running(other), 0u);
    EXPECT_GT(test.farm.nodes.at(node).queue.size(), 10u);
}

TEST_F(AheadTest, nothing_goes_ahead_where_room_is_being_made)
{
    fill();
    test.farm.nodes.at(node).yields_to = farm::Tier::urgent;
    auto const before = test.farm.nodes.at(node).queue.size();
    go_on(5);
    EXPECT_EQ(test.farm.nodes.at(node).queue.size(), before - 5);
}

}
