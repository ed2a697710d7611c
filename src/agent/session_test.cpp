#include <agent/test_session.h>

namespace sidereal::agent {

using namespace std::chrono_literals;

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

TEST(Session, only_what_enters_may_leave_something_running)
{
    Rig rig(job_with({ environment("A") }));
    auto const enters = [&] { return std::get<RunAction>(rig.effects.list.back()).enters; };
    rig.run();
    EXPECT_TRUE(enters());
    rig.done();
    EXPECT_FALSE(enters());
    rig.done();
    rig.close();
    EXPECT_FALSE(enters());
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

}
