#include <agent/test_agent.h>

namespace sidereal::agent {

namespace {

using namespace std::chrono_literals;

}

TEST(AgentLease, a_new_epoch_kills_what_runs_and_says_nothing_of_it)
{
    AgentRig rig(1);
    rig.answer({ start(1, film), start(2, film) });
    rig.pass_environments();
    rig.take_trace();
    rig.brain.epoch = 2;
    rig.brain.orders.clear();
    rig.brain.reports.clear();
    rig.answer({ start(3, bare) });
    EXPECT_EQ(rig.take_trace(), Lines { "kill" });
    EXPECT_EQ(rig.agent.holding(), Ids { { 3 } });
    EXPECT_EQ(rig.agent.running(), Ids { { 1 } });
    rig.end_killed(rig.first_action());
    EXPECT_EQ(rig.take_trace(), (Lines { "exit", "make /s/abc-2", "true" }))
        << "the old process is gone before the new one starts";
    rig.answer();
    EXPECT_EQ(rig.started(), Ids { { 3 } });
    EXPECT_EQ(rig.ends().size(), 0U);
    EXPECT_EQ(rig.newest_call().epoch, 2U);
}

TEST(AgentLease, idle_sessions_are_left_at_a_new_epoch)
{
    AgentRig rig(1);
    rig.answer({ start(1, film) });
    rig.pass_environments();
    rig.end(rig.first_action());
    rig.take_trace();
    ++rig.brain.epoch;
    rig.brain.orders.clear();
    rig.answer();
    EXPECT_EQ(rig.take_trace(), Lines { "exit" });
}

TEST(AgentLease, work_goes_on_while_the_brain_restarts)
{
    AgentRig rig(1);
    rig.answer({ start(1, bare), start(2, bare) });
    rig.cut = true;
    while (!rig.calls.empty())
        rig.fail(rig.calls.begin()->first, { ErrorCode::unavailable, "refused" });
    rig.end(rig.first_action());
    EXPECT_EQ(rig.agent.running(), Ids { { 2 } });
    rig.brain.restart();
    rig.brain.reports.clear();
    rig.cut = false;
    rig.wait(50ms);
    EXPECT_EQ(rig.newest_call().holding, (Ids { { 2 }, { 1 } }));
    ASSERT_EQ(rig.ends().size(), 1U);
    rig.answer({ start(3, bare) });
    rig.end(rig.first_action());
    EXPECT_EQ(rig.agent.running(), Ids { { 3 } });
    rig.answer();
    EXPECT_EQ(rig.ends().size(), 2U) << "each end is heard once";
}

TEST(AgentLease, a_lost_answer_does_not_start_anything_twice)
{
    AgentRig rig(2);
    rig.brain.orders.emplace_back(start(1, bare));
    rig.fail(rig.calls.begin()->first, { ErrorCode::timed_out, "no answer" });
    rig.wait(50ms);
    rig.answer();
    rig.answer();
    EXPECT_EQ(rig.started(), Ids { { 1 } });
    EXPECT_EQ(rig.actions.size(), 1U);
}

TEST(AgentLease, after_its_lease_it_begins_nothing_until_the_brain_is_heard_again)
{
    AgentRig rig(1);
    rig.brain.orders = { start(1, bare), start(2, bare) };
    auto leased = rig.brain.reply();
    leased.lease = 30s;
    rig.answer(rig.open_calls().front(), leased);
    rig.cut = true;
    rig.wait(31s);
    rig.take_trace();
    rig.end(rig.first_action());
    EXPECT_EQ(rig.take_trace(), Lines {}) << "it may run elsewhere by now";
    EXPECT_EQ(rig.agent.holding(), Ids { { 2 } });
    rig.cut = false;
    while (rig.trace.empty()) {
        leased = rig.brain.reply();
        leased.lease = 30s;
        ASSERT_LT(rig.calls_made, 20U);
        rig.answer(rig.open_calls().front(), leased);
    }
    EXPECT_EQ(rig.take_trace(), Lines { "true" });
}

TEST(AgentLease, adrift_too_long_it_kills_and_reports_when_it_is_back)
{
    auto settings = config(1);
    settings.adrift_limit = 60s;
    AgentRig rig(settings);
    rig.answer({ start(1, bare), start(2, bare) });
    rig.take_trace();
    rig.cut = true;
    for (int i = 0; i < 70; ++i) {
        while (!rig.calls.empty())
            rig.fail(rig.calls.begin()->first, { ErrorCode::unavailable, "refused" });
        rig.wait(1s);
    }
    EXPECT_EQ(rig.take_trace(), Lines { "kill" });
    rig.end_killed(rig.first_action());
    EXPECT_EQ(rig.agent.holding(), Ids {});
    rig.cut = false;
    while (!rig.calls.empty())
        rig.fail(rig.calls.begin()->first, { ErrorCode::unavailable, "refused" });
    rig.wait(2s);
    ASSERT_EQ(rig.ends().size(), 2U);
    for (auto const& end : rig.ends()) {
        EXPECT_EQ(end.cause, wire::Cause::interrupted);
        EXPECT_EQ(end.message, "the node heard nothing from the brain for 1 m 00 s");
    }
}

}
