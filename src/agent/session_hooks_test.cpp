#include <agent/test_session.h>

namespace sidereal::agent {

using namespace std::chrono_literals;

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
