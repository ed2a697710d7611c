#include <sim/session_audit.h>

#include <gtest/gtest.h>

namespace sidereal::sim {

namespace {

// A session with two environments that are entered and left.
struct Watched {
    Watched()
    {
        for (auto const* name : { "a", "b" }) {
            openjd::Environment environment;
            environment.name = name;
            environment.on_enter.emplace();
            environment.on_exit.emplace();
            job.environments.push_back(environment);
        }
        job.steps.emplace_back();
        audit.made("dir");
    }

    void run(std::vector<std::string> const& argv, bool well = true)
    {
        auto const script = Script::parse(argv);
        ASSERT_TRUE(script);
        audit.starts("dir", *script, &job, 0, {});
        audit.ended("dir", *script, well);
    }

    openjd::Job job;
    Verdict verdict;
    SessionAudit audit { verdict };
};

std::vector<std::string> const enter_a { "sim", "enter", "0", "a" };
std::vector<std::string> const enter_b { "sim", "enter", "1", "b" };
std::vector<std::string> const task { "sim", "task", "step0" };
std::vector<std::string> const exit_a { "sim", "exit", "0", "a" };
std::vector<std::string> const exit_b { "sim", "exit", "1", "b" };

}

TEST(SessionAudit, a_proper_session_passes)
{
    Watched watched;
    for (auto const* argv : { &enter_a, &enter_b, &task, &task, &exit_b, &exit_a })
        watched.run(*argv);
    watched.audit.removed("dir");
    EXPECT_EQ(watched.verdict.failure(), "");
    EXPECT_TRUE(watched.audit.empty());
}

TEST(SessionAudit, after_a_failed_enter_only_what_was_entered_is_left)
{
    Watched watched;
    watched.run(enter_a, false);
    watched.run(exit_a);
    watched.audit.removed("dir");
    EXPECT_EQ(watched.verdict.failure(), "");
}

TEST(SessionAudit, a_task_outside_of_an_environment_is_found)
{
    Watched watched;
    watched.run(enter_a);
    watched.run(task);
    EXPECT_EQ(watched.verdict.failure(), "a task runs outside of environment b");
}

TEST(SessionAudit, leaving_in_the_wrong_order_is_found)
{
    Watched watched;
    for (auto const* argv : { &enter_a, &enter_b, &exit_a })
        watched.run(*argv);
    EXPECT_EQ(watched.verdict.failure(), "environment b was entered and not left in its turn");
}

TEST(SessionAudit, leaving_twice_is_found)
{
    Watched watched;
    for (auto const* argv : { &enter_a, &exit_a, &exit_a })
        watched.run(*argv);
    EXPECT_EQ(watched.verdict.failure(), "environment a is left out of order or twice");
}

TEST(SessionAudit, a_missing_exit_is_found_when_the_folder_goes)
{
    Watched watched;
    for (auto const* argv : { &enter_a, &enter_b, &task, &exit_b })
        watched.run(*argv);
    watched.audit.removed("dir");
    EXPECT_EQ(watched.verdict.failure(), "environment a was entered and not left in its turn");
}

}
