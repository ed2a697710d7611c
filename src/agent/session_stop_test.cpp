#include <agent/test_session.h>

namespace sidereal::agent {

using namespace std::chrono_literals;

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

}
