#include <agent/test_agent.h>

#include <algorithm>

namespace sidereal::agent {

namespace {

using namespace std::chrono_literals;

}

TEST(Agent, runs_an_attempt_and_reports_at_once)
{
    AgentRig rig;
    rig.answer({ start(7, film) });
    EXPECT_EQ(rig.started(), Ids { { 7 } }) << "in the call that follows at once";
    EXPECT_EQ(rig.take_trace(), (Lines { "make /s/abc-1", "enter" }));
    EXPECT_EQ(rig.newest_call().holding, Ids { { 7 } });
    EXPECT_EQ(rig.newest_call().jobs_known, (std::vector { film, bare, broken }));
    rig.end(rig.first_action());
    EXPECT_EQ(rig.take_trace(), Lines { "render 8" });
    auto const& run = rig.actions.at(rig.first_action());
    EXPECT_EQ(run.log_path, "/l/1/7.log");
    for (auto const* entry : { "PATH=/bin", "SIDEREAL_JOB=1", "SIDEREAL_ATTEMPT=7",
             "SIDEREAL_STEP=Render", "SIDEREAL_TASK=7" })
        EXPECT_EQ(std::count(run.environment.begin(), run.environment.end(), entry), 1) << entry;
    rig.end(rig.first_action());
    ASSERT_EQ(rig.ends().size(), 1U);
    EXPECT_EQ(rig.ends()[0].outcome, wire::Outcome::succeeded);
    EXPECT_EQ(rig.newest_call().holding, Ids { { 7 } }) << "until the end is acknowledged";
    EXPECT_EQ(rig.agent.holding(), Ids {});
    rig.answer();
    rig.answer();
    EXPECT_EQ(rig.newest_call().holding, Ids {});
}

TEST(Agent, environments_are_entered_once_for_a_hundred_tasks)
{
    AgentRig rig(1);
    std::vector<wire::Order> orders;
    for (std::uint64_t i = 1; i <= 100; ++i)
        orders.push_back(start(i, film));
    rig.answer(orders);
    rig.end(rig.first_action());
    for (int i = 0; i < 100; ++i)
        rig.end(rig.first_action());
    EXPECT_TRUE(rig.actions.empty());
    auto const trace = rig.take_trace();
    EXPECT_EQ(trace.size(), 102U);
    EXPECT_EQ(std::count(trace.begin(), trace.end(), "enter"), 1);
    while (!rig.calls.empty() && rig.brain.reports.size() < 200)
        rig.answer();
    EXPECT_EQ(rig.ends().size(), 100U);
    rig.wait(1500ms);
    rig.pass_environments();
    EXPECT_EQ(rig.take_trace(), (Lines { "exit", "remove /s/abc-1" }));
}

TEST(Agent, the_queue_starts_first_come_first_served)
{
    AgentRig rig(4);
    rig.answer(
        { start(1, bare, 0, 2), start(2, bare, 0, 3), start(3, bare, 0, 1), start(4, bare, 0, 1) });
    EXPECT_EQ(rig.agent.running(), Ids { { 1 } }) << "3 and 4 would fit, 2 is before them";
    rig.end(rig.first_action());
    EXPECT_EQ(rig.agent.running(), (Ids { { 2 }, { 3 } }));
    EXPECT_EQ(rig.agent.holding(), (Ids { { 4 }, { 2 }, { 3 } }));
    rig.end(rig.first_action());
    EXPECT_EQ(rig.agent.running(), (Ids { { 3 }, { 4 } }));
}

TEST(Agent, fractions_of_a_cpu_fill_the_node)
{
    AgentRig rig(1);
    std::vector<wire::Order> orders;
    for (std::uint64_t i = 1; i <= 11; ++i)
        orders.push_back(start(i, bare, 0, 0.1));
    rig.answer(orders);
    EXPECT_EQ(rig.actions.size(), 10U);
}

TEST(Agent, what_can_never_fit_is_sent_back)
{
    AgentRig rig(2);
    rig.answer({ start(1, bare, 0, 3), start(2, bare) });
    ASSERT_EQ(rig.ends().size(), 1U);
    EXPECT_EQ(rig.ends()[0].message, "needs 3 CPUs, this node has 2");
    EXPECT_EQ(rig.agent.running(), Ids { { 2 } });
}

TEST(Agent, exits_do_not_count_against_the_cpus)
{
    AgentRig rig(1);
    rig.answer({ start(1, film), start(2, bare) });
    rig.end(rig.first_action());
    rig.end(rig.first_action(), 1);
    EXPECT_EQ(rig.actions.size(), 2U) << "the exit, and the next attempt";
    EXPECT_EQ(rig.agent.running(), Ids { { 2 } });
}

TEST(Agent, a_failed_enter_fails_the_attempt_and_exits)
{
    AgentRig rig(1);
    rig.answer({ start(1, film) });
    rig.end(rig.first_action(), 3);
    EXPECT_EQ(rig.take_trace(), (Lines { "make /s/abc-1", "enter", "exit" }));
    ASSERT_EQ(rig.ends().size(), 1U);
    EXPECT_EQ(rig.ends()[0].cause, wire::Cause::environment_error);
    EXPECT_EQ(rig.ends()[0].message, "environment 'Licence' failed to enter: exit code 3");
    EXPECT_EQ(rig.actions.at(rig.first_action()).log_path, "/l/1/session-1-exit.log");
    rig.end(rig.first_action());
    EXPECT_EQ(rig.take_trace(), Lines { "remove /s/abc-1" });
}

TEST(Agent, a_session_is_kept_for_its_own_step_only)
{
    AgentRig rig(1);
    rig.answer({ start(1, film), wire::Start { { 2 }, film, 1, 0, 1 }, start(3, film) });
    rig.pass_environments();
    rig.end(rig.first_action());
    rig.pass_environments();
    EXPECT_EQ(rig.take_trace(),
        (Lines { "make /s/abc-1", "enter", "render 2", "make /s/abc-2", "enter", "careful" }));
    rig.end(rig.first_action());
    EXPECT_EQ(rig.take_trace(), Lines { "render 4" }) << "in the first one's session";
}

TEST(Agent, no_more_sessions_lie_idle_than_the_node_has_cpus)
{
    AgentRig rig(1);
    rig.answer({ start(1, bare) });
    rig.end(rig.first_action());
    rig.answer({ wire::Start { { 2 }, film, 1, 0, 1 } });
    rig.pass_environments();
    rig.take_trace();
    rig.end(rig.first_action());
    EXPECT_EQ(rig.take_trace(), Lines { "remove /s/abc-1" });
}

TEST(Agent, logs_are_read_by_request)
{
    AgentRig rig(1);
    rig.answer({ start(1, bare), wire::ReadLog { 9, bare, { 1 }, 100, 50 },
        wire::ReadLog { 10, bare, { 77 }, 0, 50 } });
    ASSERT_EQ(rig.log_reads.size(), 2U);
    EXPECT_EQ(rig.log_reads[0].path, "/l/2/1.log");
    EXPECT_EQ(rig.log_reads[0].request.offset, 100U);
    EXPECT_FALSE(rig.log_reads[0].attempt_ended);
    EXPECT_TRUE(rig.log_reads[1].attempt_ended);
    wire::LogChunk const chunk { 9, 100, 105, false, "12345", "" };
    rig.log_read(chunk);
    EXPECT_EQ(rig.brain.reports.back(), wire::Report { chunk });
}

TEST(Agent, progress_of_a_task_reaches_the_brain)
{
    AgentRig rig(1);
    rig.answer({ start(1, bare) });
    rig.say(rig.first_action(), "Rendered 14400 of 57600 pixels (25%)");
    rig.wait(500ms);
    EXPECT_EQ(rig.brain.reports.back(),
        (wire::Report { wire::Progress { { 1 }, 25, "14400 of 57600 pixels" } }));
    rig.answer();
    rig.say(rig.first_action(), "openjd_progress: 80");
    rig.end(rig.first_action());
    EXPECT_TRUE(std::holds_alternative<wire::Ended>(rig.brain.reports.back()))
        << "no progress after the end";
}

TEST(Agent, a_busy_node_reports_in_batches)
{
    auto settings = config(2);
    settings.report_delay = 3ms;
    AgentRig rig(settings);
    rig.calls_made = 0;
    std::uint64_t attempt = 0;
    for (int tick = 0; tick < 500; ++tick) {
        std::vector<wire::Order> more;
        while (rig.agent.holding().size() + more.size() < 64)
            more.push_back(start(++attempt, bare));
        if (!more.empty() && !rig.calls.empty() && rig.calls.size() == 2)
            rig.answer(more);
        else if (tick == 0)
            rig.answer(more);
        rig.wait(400us);
        while (!rig.actions.empty() && rig.first_action().value <= 2U * static_cast<unsigned>(tick))
            rig.end(rig.first_action());
    }
    EXPECT_LT(rig.calls_made, 100U) << "in 200 ms";
    EXPECT_GT(rig.ends().size(), 400U);
}

}
