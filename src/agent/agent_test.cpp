#include <agent/fake_shell.h>

#include <gtest/gtest.h>

#include <algorithm>
#include <set>
#include <string>
#include <vector>

namespace sidereal::agent {

namespace {

using namespace std::chrono_literals;
using Lines = std::vector<std::string>;
using Ids = std::vector<AttemptId>;

constexpr auto source = R"(
specificationVersion: jobtemplate-2023-09
name: film
jobEnvironments:
  - name: Licence
    script:
      actions:
        onEnter: {command: enter}
        onExit: {command: exit}
steps:
  - name: Render
    parameterSpace:
      taskParameterDefinitions:
        - {name: Frame, type: INT, range: "1-2000"}
    script:
      actions:
        onRun:
          command: render
          args: ["{{Task.Param.Frame}}"]
  - name: Notified
    script:
      actions:
        onRun:
          command: careful
          cancelation: {mode: NOTIFY_THEN_TERMINATE, notifyPeriodInSeconds: 60}
)";

constexpr auto bare_source = R"(
specificationVersion: jobtemplate-2023-09
name: bare
steps:
  - name: Only
    parameterSpace:
      taskParameterDefinitions:
        - {name: N, type: INT, range: "0-9999"}
    script:
      actions:
        onRun: {command: "true"}
)";

constexpr JobId film { 1 };
constexpr JobId bare { 2 };
constexpr JobId broken { 3 };

Config config(double vcpus)
{
    Config made;
    made.node_key = "key";
    made.instance = 0xabc;
    made.facts.name = "alpha";
    made.facts.vcpus = vcpus;
    made.sessions_dir = "/s";
    made.logs_dir = "/l";
    made.base_environment = { "PATH=/bin" };
    made.report_delay = {};
    return made;
}

wire::Start start(std::uint64_t attempt, JobId job, std::uint32_t step = 0, double vcpus = 1)
{
    return { { attempt }, job, step, attempt % 1000, vcpus };
}

// An agent that was let in and has one call open.
struct Rig : FakeShell {
    explicit Rig(double vcpus = 2)
        : Rig(config(vcpus))
    {
    }
    explicit Rig(Config from)
        : FakeShell(std::move(from))
    {
        brain.jobs = { { film, source, "film.yaml", {} }, { bare, bare_source, "bare.yaml", {} },
            { broken, "steps: 3", "broken.yaml", {} } };
        start_agent();
    }
    void start_agent()
    {
        FakeShell::start();
        answer();
        brain.reports.clear();
    }
    // Everything that ends an enter or an exit at once; tasks go on.
    void pass_environments()
    {
        for (bool any = true; std::exchange(any, false);) {
            for (auto const& [id, run] : std::map(actions)) {
                if (run.argv[0] == "enter" || run.argv[0] == "exit") {
                    end(id);
                    any = true;
                }
            }
        }
    }
    std::vector<wire::Ended> ends() const
    {
        std::vector<wire::Ended> found;
        for (auto const& report : brain.reports) {
            if (auto const* ended = std::get_if<wire::Ended>(&report))
                found.push_back(*ended);
        }
        return found;
    }
    Ids started() const
    {
        Ids found;
        for (auto const& report : brain.reports) {
            if (auto const* began = std::get_if<wire::Started>(&report))
                found.push_back(began->attempt);
        }
        return found;
    }
};

}

wire::Start on_gpu(std::uint64_t attempt, std::string uuid, double part = 1)
{
    auto order = start(attempt, film);
    order.gpus = { { std::move(uuid), 1000 * part, part } };
    return order;
}

Config config_with_gpus()
{
    auto made = config(4);
    made.facts.gpus = { { "GPU-a", "A40", 48ull << 30 }, { "GPU-b", "A40", 48ull << 30 } };
    return made;
}

bool sees(RunAction const& run, std::string const& variable)
{
    return std::find(run.environment.begin(), run.environment.end(), variable)
        != run.environment.end();
}

TEST(AgentGpus, tasks_and_their_environments_see_their_gpus_and_no_others)
{
    Rig rig(config_with_gpus());
    rig.answer({ on_gpu(1, "GPU-b"), start(2, bare) });
    EXPECT_TRUE(sees(rig.actions.begin()->second, "CUDA_VISIBLE_DEVICES=GPU-b"));
    EXPECT_TRUE(rig.actions.begin()->second.has_gpus);
    rig.pass_environments();
    EXPECT_TRUE(sees(rig.actions.rbegin()->second, "CUDA_VISIBLE_DEVICES=GPU-b"));
    EXPECT_TRUE(sees(rig.actions.begin()->second, "CUDA_VISIBLE_DEVICES=-1"));
    EXPECT_FALSE(rig.actions.begin()->second.has_gpus);
}

TEST(AgentGpus, a_session_is_not_shared_by_tasks_with_different_gpus)
{
    Rig rig(config_with_gpus());
    rig.answer({ on_gpu(1, "GPU-a") });
    rig.pass_environments();
    rig.end(rig.first_action());
    rig.take_trace();
    // The same GPU: it goes on. Another one: it enters anew.
    rig.answer({ on_gpu(2, "GPU-a"), on_gpu(3, "GPU-b") });
    EXPECT_EQ(rig.actions.size(), 2u);
    EXPECT_EQ(rig.actions.begin()->second.argv[0], "render");
    EXPECT_EQ(rig.actions.rbegin()->second.argv[0], "enter");
}

TEST(AgentGpus, a_task_waits_until_another_steps_session_has_left_its_gpu)
{
    Rig rig(config_with_gpus());
    rig.answer({ on_gpu(1, "GPU-a") });
    rig.pass_environments();
    rig.end(rig.first_action());
    auto other = on_gpu(2, "GPU-a");
    other.job = bare;
    rig.answer({ other });
    ASSERT_EQ(rig.actions.size(), 1u);
    EXPECT_EQ(rig.actions.begin()->second.argv[0], "exit");
    rig.end(rig.first_action());
    ASSERT_EQ(rig.actions.size(), 1u);
    EXPECT_EQ(rig.actions.begin()->second.argv[0], "true");
}

TEST(AgentGpus, parts_of_one_gpu_run_side_by_side)
{
    Rig rig(config_with_gpus());
    rig.answer({ on_gpu(1, "GPU-a", 0.25), on_gpu(2, "GPU-a", 0.25) });
    EXPECT_EQ(rig.actions.size(), 2u);
}

TEST(Agent, runs_an_attempt_and_reports_at_once)
{
    Rig rig;
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
    Rig rig(1);
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
    Rig rig(4);
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
    Rig rig(1);
    std::vector<wire::Order> orders;
    for (std::uint64_t i = 1; i <= 11; ++i)
        orders.push_back(start(i, bare, 0, 0.1));
    rig.answer(orders);
    EXPECT_EQ(rig.actions.size(), 10U);
}

TEST(Agent, what_can_never_fit_is_sent_back)
{
    Rig rig(2);
    rig.answer({ start(1, bare, 0, 3), start(2, bare) });
    ASSERT_EQ(rig.ends().size(), 1U);
    EXPECT_EQ(rig.ends()[0].message, "needs 3 CPUs, this node has 2");
    EXPECT_EQ(rig.agent.running(), Ids { { 2 } });
}

TEST(Agent, exits_do_not_count_against_the_cpus)
{
    Rig rig(1);
    rig.answer({ start(1, film), start(2, bare) });
    rig.end(rig.first_action());
    rig.end(rig.first_action(), 1);
    EXPECT_EQ(rig.actions.size(), 2U) << "the exit, and the next attempt";
    EXPECT_EQ(rig.agent.running(), Ids { { 2 } });
}

TEST(Agent, a_failed_enter_fails_the_attempt_and_exits)
{
    Rig rig(1);
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
    Rig rig(1);
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
    Rig rig(1);
    rig.answer({ start(1, bare) });
    rig.end(rig.first_action());
    rig.answer({ wire::Start { { 2 }, film, 1, 0, 1 } });
    rig.pass_environments();
    rig.take_trace();
    rig.end(rig.first_action());
    EXPECT_EQ(rig.take_trace(), Lines { "remove /s/abc-1" });
}

TEST(Agent, a_released_job_is_left_and_forgotten)
{
    Rig rig(1);
    rig.answer({ start(1, film) });
    rig.pass_environments();
    rig.end(rig.first_action());
    rig.brain.jobs.clear();
    rig.take_trace();
    rig.answer({ wire::ReleaseJob { film } });
    EXPECT_EQ(rig.take_trace(), Lines { "exit" });
    rig.answer();
    rig.answer();
    EXPECT_EQ(rig.newest_call().jobs_known, (std::vector { bare, broken }));
    rig.pass_environments();
    EXPECT_EQ(rig.take_trace(), Lines { "remove /s/abc-1" });
}

TEST(Agent, a_job_released_while_it_runs_is_forgotten_afterwards)
{
    Rig rig(1);
    rig.brain.jobs.clear();
    rig.answer({ start(1, bare), wire::ReleaseJob { bare } });
    rig.answer();
    EXPECT_EQ(rig.newest_call().jobs_known, (std::vector { film, bare, broken }));
    rig.end(rig.first_action());
    rig.answer();
    EXPECT_EQ(rig.newest_call().jobs_known, (std::vector { film, broken }));
    EXPECT_EQ(rig.trace.back(), "remove /s/abc-1");
}

TEST(Agent, a_job_whose_text_comes_again_is_kept_until_it_is_released_again)
{
    Rig rig(1);
    rig.answer({ start(1, bare), wire::ReleaseJob { bare } });
    // The job was retried: its text comes once more.
    rig.answer({ start(2, bare) });
    rig.brain.jobs.clear();
    rig.end(rig.first_action());
    rig.end(rig.first_action());
    rig.answer();
    rig.answer();
    EXPECT_EQ(rig.newest_call().jobs_known, (std::vector { film, bare, broken }));
    rig.answer({ wire::ReleaseJob { bare } });
    rig.answer();
    EXPECT_EQ(rig.newest_call().jobs_known, (std::vector { film, broken }));
}

TEST(Agent, a_text_outlives_the_release_that_comes_with_it)
{
    Rig rig(1);
    rig.take_trace();
    rig.answer({ wire::ReleaseJob { bare }, start(1, bare) });
    EXPECT_EQ(rig.take_trace(), (Lines { "make /s/abc-1", "true" }));
}

TEST(Agent, attempts_that_cannot_be_made_end_with_the_reason)
{
    Rig rig(2);
    rig.brain.jobs.clear();
    rig.answer({ start(1, broken), start(2, { 99 }), start(3, film, 9),
        wire::Start { { 4 }, film, 0, 5000, 1 } });
    auto const ends = rig.ends();
    ASSERT_EQ(ends.size(), 4U);
    EXPECT_EQ(ends[0].cause, wire::Cause::not_started);
    EXPECT_NE(ends[0].message.find("broken.yaml"), std::string::npos) << ends[0].message;
    EXPECT_EQ(ends[1].cause, wire::Cause::interrupted);
    EXPECT_EQ(ends[2].cause, wire::Cause::not_started);
    EXPECT_EQ(ends[3].cause, wire::Cause::not_started);
    EXPECT_EQ(rig.started(), Ids {});
}

TEST(Agent, cancel_of_a_queued_attempt_ends_it_at_once)
{
    Rig rig(1);
    rig.answer({ start(1, bare), start(2, bare), wire::Cancel { { 2 }, "not wanted" },
        wire::Cancel { { 55 }, "never heard of" } });
    ASSERT_EQ(rig.ends().size(), 1U);
    EXPECT_EQ(rig.ends()[0].attempt, AttemptId { 2 });
    EXPECT_EQ(rig.ends()[0].outcome, wire::Outcome::canceled);
    EXPECT_EQ(rig.ends()[0].message, "not wanted");
    EXPECT_EQ(rig.agent.holding(), Ids { { 1 } });
}

TEST(Agent, cancel_of_a_running_attempt_follows_its_mode)
{
    Rig rig(1);
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

TEST(Agent, a_new_epoch_kills_what_runs_and_says_nothing_of_it)
{
    Rig rig(1);
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

TEST(Agent, idle_sessions_are_left_at_a_new_epoch)
{
    Rig rig(1);
    rig.answer({ start(1, film) });
    rig.pass_environments();
    rig.end(rig.first_action());
    rig.take_trace();
    ++rig.brain.epoch;
    rig.brain.orders.clear();
    rig.answer();
    EXPECT_EQ(rig.take_trace(), Lines { "exit" });
}

TEST(Agent, work_goes_on_while_the_brain_restarts)
{
    Rig rig(1);
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

TEST(Agent, a_lost_answer_does_not_start_anything_twice)
{
    Rig rig(2);
    rig.brain.orders.emplace_back(start(1, bare));
    rig.fail(rig.calls.begin()->first, { ErrorCode::timed_out, "no answer" });
    rig.wait(50ms);
    rig.answer();
    rig.answer();
    EXPECT_EQ(rig.started(), Ids { { 1 } });
    EXPECT_EQ(rig.actions.size(), 1U);
}

TEST(Agent, after_its_lease_it_begins_nothing_until_the_brain_is_heard_again)
{
    Rig rig(1);
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

TEST(Agent, adrift_too_long_it_kills_and_reports_when_it_is_back)
{
    auto settings = config(1);
    settings.adrift_limit = 60s;
    Rig rig(settings);
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

TEST(Agent, logs_are_read_by_request)
{
    Rig rig(1);
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
    Rig rig(1);
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
    Rig rig(settings);
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

TEST(Agent, stop_ends_everything_in_order)
{
    Rig rig(2);
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

TEST(Agent, stop_gives_up_on_a_silent_brain_after_ten_seconds)
{
    Rig rig(1);
    rig.cut = true;
    rig.stop();
    rig.wait(9s);
    EXPECT_FALSE(rig.stopped);
    rig.wait(1s);
    EXPECT_TRUE(rig.stopped);
}

}
