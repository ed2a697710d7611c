#include <agent/session.h>

#include <fmt/ranges.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <string>
#include <vector>

namespace sidereal::agent {

namespace {

using namespace std::chrono_literals;
using Lines = std::vector<std::string>;

openjd::FormatString text(std::string_view source)
{
    return openjd::FormatString::parse(source).value();
}

openjd::Action command(std::string_view first, std::vector<std::string> const& rest = {})
{
    openjd::Action action;
    action.command = text(first);
    for (auto const& argument : rest)
        action.args.push_back(text(argument));
    return action;
}

openjd::Action notified(openjd::Action action, Duration period)
{
    action.cancelation = openjd::Cancelation { openjd::Cancelation::Mode::notify_then_terminate,
        period };
    return action;
}

openjd::Environment environment(std::string const& name)
{
    openjd::Environment made;
    made.name = name;
    made.on_enter = command("enter", { name });
    made.on_exit = command("exit", { name });
    return made;
}

openjd::Job job_with(std::vector<openjd::Environment> environments)
{
    openjd::Job job;
    job.environments = std::move(environments);
    job.steps.resize(1);
    job.steps[0].name = "Render";
    job.steps[0].on_run = command("render");
    return job;
}

std::string told(Effect const& effect)
{
    if (auto const* run = std::get_if<RunAction>(&effect))
        return fmt::format("{}", fmt::join(run->argv, " "));
    if (auto const* signal = std::get_if<SignalAction>(&effect))
        return signal->signal == Signal::kill ? "kill" : "terminate";
    if (auto const* made = std::get_if<MakeSessionDir>(&effect))
        return "make " + made->path;
    if (auto const* removed = std::get_if<RemoveSessionDir>(&effect))
        return "remove " + removed->path;
    return "?";
}

// Drives one session; every method returns what the session asked for because of it.
struct Rig {
    explicit Rig(openjd::Job job)
        : session(prepare(std::move(job)), 0, { "/s", "/log/exit", { "HOME=/root", "PATH=/bin" } })
    {
    }

    template<typename Event>
    Lines event(Event what)
    {
        effects = {};
        Turn turn { now, last_action, effects };
        what(turn);
        if (turn.ended)
            ended = turn.ended;
        Lines lines;
        for (auto const& effect : effects.list)
            lines.push_back(told(effect));
        return lines;
    }

    Lines run(std::uint64_t task = 0)
    {
        ended.reset();
        return event([&](Turn& turn) {
            session.run(
                { { 7 }, task, { "SIDEREAL_TASK=" + std::to_string(task) }, "/log/7" }, turn);
        });
    }
    Lines run_step(std::size_t step)
    {
        ended.reset();
        return event([&](Turn& turn) {
            TaskRun task { { 7 }, 0, {}, "/log/7" };
            task.step = step;
            session.run(std::move(task), turn);
        });
    }
    Lines done(int exit_code = 0)
    {
        ActionEnd end;
        end.exit_code = exit_code;
        return over(end);
    }
    Lines over(ActionEnd const& end)
    {
        return event([&](Turn& turn) { session.on_action_ended(end, turn); });
    }
    Lines killed()
    {
        ActionEnd end;
        end.signal = 9;
        return over(end);
    }
    Lines line(std::string_view line)
    {
        return event([&](Turn& turn) { progress = session.on_line(line, turn); });
    }
    Lines close()
    {
        return event([&](Turn& turn) { session.close(turn); });
    }
    Lines stop(StopRequest const& request)
    {
        return event([&](Turn& turn) { session.stop(request, turn); });
    }
    Lines cancel()
    {
        return stop({ StopRequest::How::by_its_mode, wire::Outcome::canceled, wire::Cause::canceled,
            "not wanted" });
    }
    Lines after(Duration wait)
    {
        now.mono += wait;
        now.wall += wait;
        return event([&](Turn& turn) { session.on_tick(turn); });
    }
    RunAction const& action() const { return std::get<RunAction>(effects.list.back()); }
    std::string variable(std::string const& name) const
    {
        for (auto const& entry : action().environment) {
            if (entry.starts_with(name + '='))
                return entry.substr(name.size() + 1);
        }
        return "-";
    }

    Session session;
    std::uint64_t last_action { 0 };
    Now now {};
    Effects effects;
    std::optional<wire::Ended> ended;
    std::optional<ProgressLine> progress;
};

wire::Ended ended_with(wire::Outcome outcome, wire::Cause cause, std::string message)
{
    wire::Ended end;
    end.attempt = { 7 };
    end.outcome = outcome;
    end.cause = cause;
    end.message = std::move(message);
    return end;
}

}

TEST(Session, enters_runs_and_exits_in_order)
{
    auto job = job_with({ environment("A") });
    job.steps[0].environments = { environment("B") };
    Rig rig(std::move(job));
    EXPECT_EQ(rig.run(), (Lines { "make /s", "enter A" }));
    EXPECT_EQ(rig.done(), Lines { "enter B" });
    EXPECT_EQ(rig.done(), Lines { "render" });
    EXPECT_EQ(rig.done(), Lines {});
    EXPECT_EQ(rig.ended->outcome, wire::Outcome::succeeded);
    EXPECT_TRUE(rig.session.takes_task());
    EXPECT_EQ(rig.close(), Lines { "exit B" });
    EXPECT_EQ(rig.done(), Lines { "exit A" });
    EXPECT_EQ(rig.done(), Lines { "remove /s" });
    EXPECT_TRUE(rig.session.closed());
}

TEST(Session, environments_are_entered_once_for_many_tasks)
{
    Rig rig(job_with({ environment("A") }));
    rig.run();
    rig.done();
    rig.done();
    for (int i = 0; i < 100; ++i) {
        EXPECT_EQ(rig.run(), Lines { "render" });
        rig.done();
        EXPECT_EQ(rig.ended->outcome, wire::Outcome::succeeded);
    }
}

TEST(Session, exits_run_in_reverse_after_a_failed_task)
{
    Rig rig(job_with({ environment("A"), environment("B") }));
    rig.run();
    rig.done();
    rig.done();
    rig.done(3);
    EXPECT_EQ(rig.ended->message, "exit code 3");
    EXPECT_EQ(rig.ended->exit_code, 3);
    EXPECT_FALSE(rig.session.takes_task());
    EXPECT_EQ(rig.close(), Lines { "exit B" });
    EXPECT_EQ(rig.done(), Lines { "exit A" });
    EXPECT_EQ(rig.done(), Lines { "remove /s" });
}

TEST(Session, an_environment_that_failed_to_enter_is_exited_and_those_after_it_are_not)
{
    Rig rig(job_with({ environment("A"), environment("B"), environment("C") }));
    rig.run();
    rig.done();
    ActionEnd end;
    end.exit_code = 3;
    end.tail = "no licence";
    EXPECT_EQ(rig.over(end), Lines {});
    auto expected = ended_with(wire::Outcome::failed, wire::Cause::environment_error,
        "environment 'B' failed to enter: exit code 3");
    expected.exit_code = 3;
    expected.log_tail = "no licence";
    EXPECT_EQ(rig.ended, expected);
    EXPECT_EQ(rig.close(), Lines { "exit B" });
    EXPECT_EQ(rig.done(), Lines { "exit A" });
    EXPECT_EQ(rig.done(), Lines { "remove /s" });
}

TEST(Session, a_failed_exit_does_not_keep_the_others_from_running)
{
    Rig rig(job_with({ environment("A"), environment("B") }));
    rig.run();
    rig.done();
    rig.done();
    rig.done();
    rig.close();
    EXPECT_EQ(rig.done(1), Lines { "exit A" });
    ASSERT_EQ(rig.effects.notes.size(), 1U);
    EXPECT_EQ(rig.effects.notes[0].event, "environment_exit_failed");
    EXPECT_EQ(rig.done(), Lines { "remove /s" });
    EXPECT_TRUE(rig.session.failed());
}

TEST(Session, close_while_a_task_runs_waits_for_it)
{
    Rig rig(job_with({ environment("A") }));
    rig.run();
    rig.done();
    EXPECT_EQ(rig.close(), Lines {});
    EXPECT_EQ(rig.done(), Lines { "exit A" });
    EXPECT_EQ(rig.ended->outcome, wire::Outcome::succeeded);
}

TEST(Session, an_environment_of_variables_only_runs_nothing)
{
    openjd::Environment only_variables;
    only_variables.name = "Vars";
    only_variables.variables = { { "SCENE", text("{{Session.WorkingDirectory}}/a.blend") } };
    Rig rig(job_with({ only_variables }));
    EXPECT_EQ(rig.run(), (Lines { "make /s", "render" }));
    EXPECT_EQ(rig.variable("SCENE"), "/s/a.blend");
    rig.done();
    EXPECT_EQ(rig.close(), Lines { "remove /s" });
}

TEST(Session, a_session_that_never_ran_leaves_no_folder)
{
    Rig rig(job_with({ environment("A") }));
    EXPECT_EQ(rig.close(), Lines {});
    EXPECT_TRUE(rig.session.closed());
}

TEST(Session, variables_of_definitions_and_directives_last_until_their_environment_exits)
{
    auto first = environment("A");
    first.variables = { { "LEVEL", text("a") }, { "HOME", text("/a") } };
    auto second = environment("B");
    Rig rig(job_with({ first, second }));
    rig.run();
    EXPECT_EQ(rig.variable("LEVEL"), "a");
    rig.line("openjd_env: FROM_A=1");
    rig.line("openjd_unset_env: PATH");
    rig.done();
    EXPECT_EQ(rig.variable("FROM_A"), "1");
    EXPECT_EQ(rig.variable("PATH"), "-");
    EXPECT_EQ(rig.variable("HOME"), "/a");
    rig.line("openjd_env: LEVEL=b");
    rig.line("openjd_env: PATH=/b");
    rig.done();
    EXPECT_EQ(rig.variable("LEVEL"), "b");
    EXPECT_EQ(rig.variable("PATH"), "/b");
    EXPECT_EQ(rig.variable("OPENJD_SESSION_WORKING_DIR"), "/s");
    EXPECT_EQ(rig.variable("SIDEREAL_TASK"), "0");
    rig.done();
    rig.close();
    EXPECT_EQ(rig.variable("LEVEL"), "b");
    EXPECT_EQ(rig.variable("SIDEREAL_TASK"), "-");
    rig.done();
    EXPECT_EQ(rig.variable("LEVEL"), "a");
    EXPECT_EQ(rig.variable("PATH"), "-");
}

TEST(Session, a_redacted_variable_is_hidden_from_there_on_and_set_where_the_extension_is_declared)
{
    for (bool const declared : { true, false }) {
        auto outer = environment("A");
        outer.sets_redacted = declared;
        Rig rig(job_with({ outer }));
        rig.run();
        rig.line("openjd_redacted_env: KEY=hunter2");
        rig.done();
        EXPECT_EQ(rig.variable("KEY"), declared ? "hunter2" : "-");
        rig.line("openjd_status: logged in with hunter2");
        EXPECT_EQ(rig.progress, (ProgressLine { std::nullopt, "logged in with ********", true }));
        rig.line("openjd_fail: hunter2 is refused");
        ActionEnd end;
        end.exit_code = 1;
        end.tail = "using hunter2\n";
        rig.over(end);
        EXPECT_EQ(rig.ended->message, "******** is refused");
        EXPECT_EQ(rig.ended->log_tail, "using ********\n");
    }
}

TEST(Session, what_a_task_declares_secret_is_hidden_although_it_sets_nothing)
{
    Rig rig(job_with({}));
    rig.run();
    rig.line("openjd_redacted_env: KEY=hunter2");
    rig.line("openjd_env: no hunter2 assignment");
    rig.killed();
    EXPECT_EQ(rig.ended->message.find("hunter2"), std::string::npos) << rig.ended->message;
    EXPECT_NE(rig.ended->message.find("********"), std::string::npos) << rig.ended->message;
    EXPECT_EQ(rig.session.secrets().hide_in_line("the hunter2"), "the ********");
}

TEST(Session, unset_beats_set_inside_one_environment)
{
    Rig rig(job_with({ environment("A") }));
    rig.run();
    rig.line("openjd_unset_env: NAME");
    rig.line("openjd_env: NAME=value");
    rig.done();
    EXPECT_EQ(rig.variable("NAME"), "-");
}

TEST(Session, a_task_sets_no_variables)
{
    Rig rig(job_with({}));
    rig.run();
    rig.line("openjd_env: NAME=value");
    rig.done();
    rig.run();
    EXPECT_EQ(rig.variable("NAME"), "-");
}

TEST(Session, a_malformed_variable_ends_and_fails_the_action)
{
    Rig rig(job_with({ environment("A") }));
    rig.run();
    EXPECT_EQ(rig.line("openjd_env: no assignment"), Lines { "kill" });
    rig.killed();
    EXPECT_EQ(rig.ended->cause, wire::Cause::environment_error);
    EXPECT_NE(rig.ended->message.find("no assignment"), std::string::npos) << rig.ended->message;
}

TEST(Session, openjd_fail_fails_an_action_that_ended_well)
{
    Rig rig(job_with({}));
    rig.run();
    rig.line("openjd_fail: no texture");
    rig.done(0);
    auto expected = ended_with(wire::Outcome::failed, wire::Cause::task_error, "no texture");
    expected.exit_code = 0;
    EXPECT_EQ(rig.ended, expected);
}

TEST(Session, progress_and_status_come_out)
{
    Rig rig(job_with({}));
    rig.run();
    rig.line("openjd_progress: 12.5");
    EXPECT_EQ(rig.progress, (ProgressLine { 12.5, std::nullopt, true }));
    rig.line("openjd_status: baking");
    EXPECT_EQ(rig.progress, (ProgressLine { std::nullopt, "baking", true }));
}

TEST(Session, embedded_files_are_written_for_each_action)
{
    auto job = job_with({ environment("A") });
    job.environments[0].files = { { "Init", "init.sh", true, text("in {{Env.File.Init}}") } };
    job.environments[0].on_enter = command("{{Env.File.Init}}");
    job.steps[0].files = { { "Run", "", false, text("task") },
        { "Init", "init.sh", false, text("x") } };
    job.steps[0].on_run = command("sh", { "{{Task.File.Run}}", "{{Task.File.Init}}" });
    Rig rig(std::move(job));

    EXPECT_EQ(rig.run(), (Lines { "make /s", "make /s/task-files", "/s/init.sh" }));
    ASSERT_EQ(rig.action().files.size(), 2U);
    EXPECT_EQ(rig.action().files[0].path, "/s/path_mapping_rules.json");
    EXPECT_EQ(rig.action().files[0].data, "{}");
    EXPECT_EQ(rig.action().files[1], (FileToWrite { "/s/init.sh", "in /s/init.sh", true }));
    EXPECT_EQ(rig.action().log_path, "/log/7");
    EXPECT_EQ(rig.action().working_dir, "/s");

    EXPECT_EQ(rig.done(), Lines { "sh /s/task-Run /s/task-files/init.sh" });
    auto const expected = std::vector<FileToWrite> { { "/s/task-Run", "task", false },
        { "/s/task-files/init.sh", "x", false } };
    EXPECT_EQ(rig.action().files, expected);
    rig.done();
    rig.close();
    EXPECT_EQ(rig.action().files.size(), 1U);
    EXPECT_EQ(rig.action().log_path, "/log/exit");
}

TEST(Session, a_name_that_resolves_to_nothing_ends_the_task_before_it_starts)
{
    auto job = job_with({ environment("A") });
    job.steps[0].on_run = command("render", { "{{Task.Param.Missing}}" });
    Rig rig(std::move(job));
    rig.run();
    EXPECT_EQ(rig.done(), Lines {});
    EXPECT_EQ(rig.ended->cause, wire::Cause::not_started);
    EXPECT_TRUE(rig.ended->message.starts_with("cannot start: ")) << rig.ended->message;
    EXPECT_EQ(rig.close(), Lines { "exit A" });
}

TEST(Session, a_command_that_is_not_there_is_not_started)
{
    Rig rig(job_with({}));
    rig.run();
    ActionEnd end;
    end.not_started = "render: no such program";
    rig.over(end);
    EXPECT_EQ(rig.ended,
        ended_with(wire::Outcome::failed, wire::Cause::not_started,
            "cannot start: render: no such program"));
}

TEST(Session, a_timeout_kills_and_names_the_limit)
{
    auto job = job_with({});
    job.steps[0].on_run.timeout = 5s;
    Rig rig(std::move(job));
    rig.run();
    EXPECT_EQ(rig.session.next_wake(), Mono {} + 5s);
    EXPECT_EQ(rig.after(4s), Lines {});
    EXPECT_EQ(rig.after(1s), Lines { "kill" });
    EXPECT_EQ(rig.session.next_wake(), std::nullopt);
    EXPECT_EQ(rig.after(1s), Lines {});
    rig.killed();
    EXPECT_EQ(rig.ended->cause, wire::Cause::timed_out);
    EXPECT_EQ(rig.ended->message, "ran longer than its limit of 5.0 s");
    EXPECT_EQ(rig.ended->usage.run_time, 6s);
}

TEST(Session, a_timeout_while_entering_fails_the_environment)
{
    auto job = job_with({ environment("A") });
    job.environments[0].on_enter->timeout = 5s;
    Rig rig(std::move(job));
    rig.run();
    EXPECT_EQ(rig.after(5s), Lines { "kill" });
    rig.killed();
    EXPECT_EQ(rig.ended->cause, wire::Cause::environment_error);
    EXPECT_EQ(
        rig.ended->message, "environment 'A' failed to enter: ran longer than its limit of 5.0 s");
    EXPECT_EQ(rig.close(), Lines { "exit A" });
}

TEST(Session, an_exit_without_a_limit_gets_five_minutes)
{
    Rig rig(job_with({ environment("A") }));
    rig.run();
    rig.done();
    rig.done();
    rig.close();
    EXPECT_EQ(rig.session.next_wake(), Mono {} + 300s);
    EXPECT_EQ(rig.after(300s), Lines { "kill" });
    EXPECT_EQ(rig.killed(), Lines { "remove /s" });
}

TEST(Session, notify_then_terminate_tells_gives_time_and_kills)
{
    auto job = job_with({});
    job.steps[0].on_run = notified(command("render"), 30s);
    Rig rig(std::move(job));
    rig.run();
    EXPECT_EQ(rig.cancel(), Lines { "terminate" });
    auto const& signal = std::get<SignalAction>(rig.effects.list.back());
    EXPECT_EQ(signal.cancel_info,
        (FileToWrite { "/s/cancel_info.json", R"({"NotifyEnd":"1970-01-01T00:00:30Z"})", false }));
    EXPECT_EQ(rig.cancel(), Lines {}) << "a second wish changes nothing";
    EXPECT_EQ(rig.after(29s), Lines {});
    EXPECT_EQ(rig.after(1s), Lines { "kill" });
    rig.killed();
    EXPECT_EQ(rig.ended->outcome, wire::Outcome::canceled);
    EXPECT_EQ(rig.ended->message, "not wanted");
}

TEST(Session, a_shorter_notice_tells_again)
{
    auto job = job_with({});
    job.steps[0].on_run = notified(command("render"), 120s);
    Rig rig(std::move(job));
    rig.run();
    rig.cancel();
    EXPECT_EQ(rig.stop({ StopRequest::How::by_its_mode, wire::Outcome::canceled,
                  wire::Cause::interrupted, "stopped", 4s }),
        Lines { "terminate" });
    EXPECT_EQ(rig.after(4s), Lines { "kill" });
    rig.killed();
    EXPECT_EQ(rig.ended->cause, wire::Cause::canceled) << "the first reason counts";
}

TEST(Session, cancel_while_entering_cancels_the_task)
{
    Rig rig(job_with({ environment("A"), environment("B") }));
    rig.run();
    EXPECT_EQ(rig.cancel(), Lines { "kill" });
    EXPECT_EQ(rig.killed(), Lines {});
    auto expected = ended_with(wire::Outcome::canceled, wire::Cause::canceled, "not wanted");
    expected.signal = 9;
    EXPECT_EQ(rig.ended, expected);
    EXPECT_EQ(rig.close(), Lines { "exit A" });
}

TEST(Session, stop_without_an_action_does_nothing)
{
    Rig rig(job_with({}));
    EXPECT_EQ(rig.cancel(), Lines {});
    EXPECT_TRUE(rig.session.takes_task());
}

TEST(Session, usage_sums_the_actions_of_the_attempt)
{
    Rig rig(job_with({ environment("A") }));
    rig.run();
    rig.now.mono += 2s;
    ActionEnd end;
    end.exit_code = 0;
    end.cpu = 1s;
    end.max_rss_bytes = 500;
    rig.over(end);
    rig.now.mono += 3s;
    end.max_rss_bytes = 400;
    end.max_vram_bytes = 7;
    rig.over(end);
    EXPECT_EQ(rig.ended->usage, (wire::Usage { 5s, 2s, 500, 2s, 7 }));
    rig.run();
    rig.now.mono += 1s;
    rig.over(end);
    EXPECT_EQ(rig.ended->usage, (wire::Usage { 1s, 1s, 400, 0s, 7 }));
}

TEST(ActionEnd, is_told_in_words)
{
    ActionEnd end;
    end.exit_code = 0;
    EXPECT_EQ(fault_of(end), "");
    end.exit_code = 143;
    EXPECT_EQ(fault_of(end), "exit code 143");
    end = {};
    end.signal = 11;
    EXPECT_EQ(fault_of(end), "killed by signal 11 (SIGSEGV)");
    end.signal = 40;
    EXPECT_EQ(fault_of(end), "killed by signal 40");
}

TEST(Session, another_steps_task_keeps_the_jobs_environments)
{
    auto job = job_with({ environment("job") });
    job.steps[0].environments = { environment("first") };
    job.steps.push_back(job.steps[0]);
    job.steps[1].name = "Film";
    job.steps[1].on_run = command("film");
    job.steps[1].environments = { environment("second") };
    Rig rig(std::move(job));
    EXPECT_EQ(rig.run_step(0), (Lines { "make /s", "enter job" }));
    EXPECT_EQ(rig.session.doing(), "entering environment 'job'");
    EXPECT_EQ(rig.done(), Lines { "enter first" });
    EXPECT_EQ(rig.done(), Lines { "render" });
    EXPECT_EQ(rig.session.doing(), "running a task of step 'Render'");
    EXPECT_EQ(rig.done(), Lines {});
    EXPECT_EQ(rig.run_step(1), Lines { "exit first" });
    EXPECT_EQ(rig.session.doing(), "leaving environment 'first'");
    EXPECT_EQ(rig.done(), Lines { "enter second" });
    EXPECT_EQ(rig.done(), Lines { "film" });
    EXPECT_EQ(rig.done(), Lines {});
    EXPECT_EQ(rig.close(), Lines { "exit second" });
    EXPECT_EQ(rig.done(), Lines { "exit job" });
    EXPECT_EQ(rig.done(), Lines { "remove /s" });
}

TEST(Session, another_steps_task_does_not_run_after_a_failed_exit)
{
    auto job = job_with({});
    job.steps[0].environments = { environment("first") };
    job.steps.push_back(job.steps[0]);
    Rig rig(std::move(job));
    rig.run_step(0);
    rig.done();
    rig.done();
    EXPECT_EQ(rig.run_step(1), Lines { "exit first" });
    EXPECT_EQ(rig.done(3), Lines {});
    ASSERT_TRUE(rig.ended);
    EXPECT_EQ(rig.ended->outcome, wire::Outcome::failed);
    EXPECT_EQ(rig.ended->exit_code, 3);
    EXPECT_EQ(rig.close(), Lines { "remove /s" });
}

TEST(Session, path_rules_map_paths_and_are_told_to_scripts)
{
    auto job = job_with({});
    job.parameters = { { "In",
        { openjd::ParameterType::path, openjd::expr::Value::path("/mnt/a") } } };
    job.steps[0].on_run = command("x",
        { "{{Param.In}}", "{{RawParam.In}}", "{{Session.HasPathMappingRules}}",
            "{{Task.Param.Out}}" });
    Session session(prepare(std::move(job)), 0,
        { "/s", "/log/exit", {}, { { openjd::PathFormat::posix, "/mnt", "/srv" } } });
    Effects effects;
    std::uint64_t last_action = 0;
    Turn turn { {}, last_action, effects };
    TaskRun task { { 7 }, 0, {}, "/log/7" };
    task.values = { { "Out", openjd::ParameterType::path, "/mnt/b" } };
    session.run(std::move(task), turn);
    auto const& run = std::get<RunAction>(effects.list.back());
    EXPECT_EQ(run.argv, (Lines { "x", "/srv/a", "/mnt/a", "true", "/srv/b" }));
    EXPECT_EQ(run.files[0].data,
        R"({"version":"pathmapping-1.0","path_mapping_rules":[{"source_path_format":"POSIX",)"
        R"("source_path":"/mnt","destination_path":"/srv"}]})");
}

namespace {

openjd::FormatString expression(std::string_view source)
{
    return openjd::FormatString::parse(source, openjd::Dialect::expressions).value();
}

openjd::Action hook(std::string_view name)
{
    openjd::Action action;
    action.command = expression(name);
    action.args = { expression("{{ WrappedAction.Command }}"),
        expression("{{ WrappedAction.Args }}") };
    return action;
}

// Around whatever is further in.
openjd::Environment wrapper()
{
    auto made = environment("wrapper");
    made.hooks = { hook("hook-enter"), hook("hook-run"), hook("hook-exit") };
    return made;
}

}

TEST(Session, hooks_run_instead_of_what_is_inside)
{
    auto job = job_with({ environment("outer"), wrapper(), environment("inner") });
    job.steps[0].on_run = command("render", { "a b", "" });
    Rig rig(std::move(job));
    EXPECT_EQ(rig.run(), (Lines { "make /s", "enter outer" }));
    EXPECT_EQ(rig.done(), Lines { "enter wrapper" });
    EXPECT_EQ(rig.done(), Lines { "hook-enter enter inner" });
    EXPECT_EQ(rig.session.doing(), "entering environment 'inner'");
    EXPECT_EQ(rig.done(), Lines { "hook-run render a b " });
    EXPECT_EQ(rig.action().argv, (Lines { "hook-run", "render", "a b", "" }));
    rig.done();
    EXPECT_EQ(rig.ended->outcome, wire::Outcome::succeeded);
    EXPECT_EQ(rig.close(), Lines { "hook-exit exit inner" });
    EXPECT_EQ(rig.done(), Lines { "exit wrapper" });
    EXPECT_EQ(rig.done(), Lines { "exit outer" });
    EXPECT_EQ(rig.done(), Lines { "remove /s" });
}

TEST(Session, no_hook_runs_where_there_is_nothing_to_replace)
{
    auto inner = environment("inner");
    inner.on_enter.reset();
    inner.on_exit.reset();
    Rig rig(job_with({ wrapper(), inner }));
    rig.run();
    EXPECT_EQ(rig.done(), Lines { "hook-run render" });
    rig.done();
    EXPECT_EQ(rig.close(), Lines { "exit wrapper" });
}

TEST(Session, a_failed_hook_is_the_failure_of_what_it_replaced)
{
    Rig rig(job_with({ wrapper(), environment("inner") }));
    rig.run();
    rig.done();
    rig.done(7);
    ASSERT_TRUE(rig.ended);
    EXPECT_EQ(rig.ended->cause, wire::Cause::environment_error);
    EXPECT_EQ(rig.ended->exit_code, 7);
    EXPECT_EQ(rig.close(), Lines { "hook-exit exit inner" });
    EXPECT_EQ(rig.done(), Lines { "exit wrapper" });
}

TEST(Session, a_hook_is_told_of_the_action_and_takes_over_its_limits)
{
    auto around = wrapper();
    auto& run = around.hooks->task_run;
    run.args = { expression("{{ WrappedAction.Environment }}"),
        expression(
            "{{ WrappedAction.Timeout }} {{ WrappedAction.Cancelation.Mode }} "
            "{{ WrappedAction.Cancelation.NotifyPeriodInSeconds }} {{ WrappedStep.Name }}") };
    run.timeout_text = openjd::Reference { expression("{{ WrappedAction.Timeout }}"), 0, 0, "t" };
    run.cancelation.emplace();
    run.cancelation->mode_text = openjd::Reference {
        expression("{{ WrappedAction.Cancelation.Mode }}"), 0, 0, "m"
    };
    run.cancelation->notify_period_text = openjd::Reference {
        expression("{{ WrappedAction.Cancelation.NotifyPeriodInSeconds }}"), 0, 0, "n"
    };
    auto job = job_with({ around, environment("inner") });
    job.environments[1].variables = { { "A", text("1") } };
    job.steps[0].on_run = notified(command("render"), 9s);
    job.steps[0].on_run.timeout = 20s;
    Rig rig(std::move(job));
    rig.run();
    rig.done();
    rig.line("openjd_env: B=2");
    EXPECT_EQ(rig.done(), Lines { "hook-run A=1 B=2 20 NOTIFY_THEN_TERMINATE 9 Render" });
    EXPECT_EQ(rig.after(20s), Lines { "terminate" });
    EXPECT_EQ(rig.after(9s), Lines { "kill" });
}

TEST(Session, a_hook_takes_over_that_nothing_was_said)
{
    auto around = wrapper();
    auto& run = around.hooks->task_run;
    run.timeout_text = openjd::Reference { expression("{{ WrappedAction.Timeout }}"), 0, 0, "t" };
    run.cancelation.emplace();
    run.cancelation->mode_text = openjd::Reference {
        expression("{{ WrappedAction.Cancelation.Mode }}"), 0, 0, "m"
    };
    Rig rig(job_with({ around }));
    rig.run();
    EXPECT_EQ(rig.done(), Lines { "hook-run render" });
    EXPECT_EQ(rig.session.next_wake(), std::nullopt);
    EXPECT_EQ(rig.cancel(), Lines { "kill" });
}

TEST(Session, variables_of_any_earlier_action_are_told_to_hooks)
{
    auto around = wrapper();
    around.hooks->task_run.args = { expression("{{ WrappedAction.Environment }}") };
    auto inner = environment("inner");
    Rig rig(job_with({ around, inner }));
    rig.run();
    rig.done();
    rig.done();
    rig.line("openjd_env: T=1");
    rig.done();
    EXPECT_EQ(rig.run(), Lines { "hook-run T=1" });
    // Those of the process are the specification's: only what an environment sets as it is entered.
    EXPECT_EQ(rig.variable("T"), "-");
}

TEST(Session, null_and_lists_in_arguments)
{
    auto job = job_with({});
    job.steps[0].on_run.args = { expression("{{ null }}"), expression("{{ ['a', 'b'] }}"),
        expression("{{ [] }}"), expression("{{ 1.0 }}") };
    Rig rig(std::move(job));
    EXPECT_EQ(rig.run(), (Lines { "make /s", "render a b 1.0" }));
}

TEST(Session, a_binding_that_fails_is_told_with_its_name)
{
    auto job = job_with({});
    job.steps[0].lets = { openjd::expr::parse_let("half = 1 // 0").value() };
    Rig rig(std::move(job));
    rig.run();
    ASSERT_TRUE(rig.ended);
    EXPECT_EQ(rig.ended->cause, wire::Cause::not_started);
    EXPECT_TRUE(rig.ended->message.starts_with("cannot start: let half: division by zero"))
        << rig.ended->message;
}

}
