#include <agent/test_agent.h>

namespace sidereal::agent {

namespace {

using namespace std::chrono_literals;

}

TEST(AgentStop, cancel_of_a_queued_attempt_ends_it_at_once)
{
    AgentRig rig(1);
    rig.answer({ start(1, bare), start(2, bare), wire::Cancel { { 2 }, "not wanted" },
        wire::Cancel { { 55 }, "never heard of" } });
    ASSERT_EQ(rig.ends().size(), 1U);
    EXPECT_EQ(rig.ends()[0].attempt, AttemptId { 2 });
    EXPECT_EQ(rig.ends()[0].outcome, wire::Outcome::canceled);
    EXPECT_EQ(rig.ends()[0].message, "not wanted");
    EXPECT_EQ(rig.agent.holding(), Ids { { 1 } });
}

TEST(AgentStop, cancel_of_a_running_attempt_follows_its_mode)
{
    AgentRig rig(1);
    rig.answer({ wire::Start { { 1 }, film, 1, 0, 1 } });
    rig.pass_environments();
    rig.answer({ wire::Cancel { { 1 }, "not wanted" } });
    EXPECT_EQ(rig.trace.back(), "terminate");
    rig.wait(59s);
    EXPECT_EQ(rig.trace.back(), "terminate");
    rig.wait(1s);
    EXPECT_EQ(rig.trace.back(), "kill");
    EXPECT_EQ(rig.agent.running(), Ids { { 1 } });
    rig.end_killed(rig.first_action());
    ASSERT_EQ(rig.ends().size(), 1U);
    EXPECT_EQ(rig.ends()[0].outcome, wire::Outcome::canceled);
    EXPECT_EQ(rig.trace.back(), "exit");
}

TEST(AgentStop, stop_ends_everything_in_order)
{
    AgentRig rig(2);
    rig.answer({ wire::Start { { 1 }, film, 1, 0, 1 }, start(2, bare), start(3, bare) });
    rig.pass_environments();
    rig.take_trace();
    rig.stop();
    EXPECT_EQ(rig.take_trace(), (Lines { "terminate", "kill" }));
    EXPECT_EQ(rig.agent.holding(), (Ids { { 1 }, { 2 } })) << "3 is dropped";
    rig.end_killed(rig.first_action());
    rig.wait(4s);
    EXPECT_EQ(rig.trace.back(), "kill") << "four seconds of notice at most";
    EXPECT_FALSE(rig.newest_call().leaving);
    rig.end_killed(rig.first_action());
    EXPECT_EQ(rig.trace.back(), "exit");
    rig.answer({ start(4, bare) });
    EXPECT_EQ(rig.agent.holding(), Ids {}) << "no new work";
    rig.pass_environments();
    EXPECT_EQ(rig.trace.back(), "remove /s/abc-1");
    while (!rig.newest_call().leaving)
        rig.answer();
    EXPECT_FALSE(rig.stopped);
    EXPECT_EQ(rig.ends().size(), 2U);
    EXPECT_EQ(rig.ends()[0].cause, wire::Cause::interrupted);
    rig.answer();
    rig.answer();
    EXPECT_TRUE(rig.stopped);
    EXPECT_EQ(rig.agent.next_wake(), std::nullopt);
}

TEST(AgentStop, stop_gives_up_on_a_silent_brain_after_ten_seconds)
{
    AgentRig rig(1);
    rig.cut = true;
    rig.stop();
    rig.wait(9s);
    EXPECT_FALSE(rig.stopped);
    rig.wait(1s);
    EXPECT_TRUE(rig.stopped);
}

}
