#include <agent/fake_shell.h>

#include <gtest/gtest.h>

#include <algorithm>
#include <string>
#include <vector>

namespace sidereal::agent {

namespace {

using namespace std::chrono_literals;
using wire::Cause;
using wire::Outcome;

constexpr auto source = R"(
specificationVersion: jobtemplate-2023-09
name: bare
steps:
  - name: Only
    parameterSpace:
      taskParameterDefinitions:
        - {name: N, type: INT, range: "0-99"}
    script:
      actions:
        onRun: {command: "render"}
)";

Config config()
{
    Config made;
    made.node_key = "key";
    made.instance = 1;
    made.facts.name = "alpha";
    made.facts.vcpus = 4;
    made.facts.memory_bytes = 4096ull << 20;
    made.sessions_dir = "/s";
    made.logs_dir = "/l";
    made.report_delay = {};
    return made;
}

// Tasks that were given a GiB each, and a farm's and a job's log rules.
struct Causes : testing::Test {
    FakeShell shell { config() };
    std::uint64_t last_attempt { 0 };

    Causes()
    {
        shell.brain.jobs = { { { 1 }, source, "t.yaml", {}, {}, { { "corrupt", Cause::fatal } } } };
        shell.start();
        auto reply = shell.brain.reply();
        reply.log_rules = { 7,
            { { "no seat", Cause::no_licence, "maya" },
                { "out of VRAM", Cause::out_of_vram, "", true } } };
        shell.answer(shell.calls.begin()->first, reply);
    }

    ActionId run()
    {
        wire::Start order { { ++last_attempt }, { 1 }, 0, last_attempt, 1 };
        order.memory_mib = 1024;
        shell.answer({ order });
        return shell.actions.rbegin()->first;
    }

    void end(ActionId action, ActionEnd const& how)
    {
        shell.end(action, how);
        shell.answer();
    }

    void sample(ActionId action, std::uint64_t mib, Duration cpu = {}, std::uint64_t output = 0)
    {
        shell.sample(action, { mib << 20, cpu, output });
    }

    wire::Ended ended() const
    {
        auto const& reports = shell.brain.reports;
        for (auto report = reports.rbegin(); report != reports.rend(); ++report)
            if (auto const* end = std::get_if<wire::Ended>(&*report))
                return *end;
        ADD_FAILURE() << "nothing ended";
        return {};
    }

    std::vector<ActionId> const& killed() const { return shell.signaled; }
};

ActionEnd exits(int code)
{
    ActionEnd end;
    end.exit_code = code;
    return end;
}

}

TEST_F(Causes, the_log_says_why_it_failed)
{
    auto const action = run();
    EXPECT_FALSE(shell.agent.takes_line(action, "maya: no seat left"));
    EXPECT_TRUE(shell.agent.takes_line(action, "openjd_progress: 5"));
    end(action, exits(1));
    EXPECT_EQ(ended().cause, Cause::no_licence);
    EXPECT_EQ(ended().limit, "maya");
    EXPECT_EQ(ended().message, "the log says: maya: no seat left (exit code 1)");
}

TEST_F(Causes, a_line_of_a_task_that_succeeds_means_nothing_but_where_the_rule_says_so)
{
    auto action = run();
    shell.agent.takes_line(action, "no seat left at first");
    end(action, exits(0));
    EXPECT_EQ(ended().outcome, Outcome::succeeded);
    action = run();
    shell.agent.takes_line(action, "out of VRAM");
    end(action, exits(0));
    EXPECT_EQ(ended().outcome, Outcome::failed);
    EXPECT_EQ(ended().cause, Cause::out_of_vram);
}

TEST_F(Causes, a_jobs_own_rules_are_looked_for_too)
{
    auto const action = run();
    shell.agent.takes_line(action, "corrupt: no seat");
    end(action, exits(2));
    EXPECT_EQ(ended().cause, Cause::fatal);
}

TEST_F(Causes, a_kill_by_the_kernel_for_want_of_memory_is_known_by_its_marks)
{
    struct Row {
        std::optional<int> signal;
        std::optional<int> exit_code;
        bool oom_killed;
        std::uint64_t peak_mib;
        Cause cause;
    };
    for (auto const& row : std::vector<Row> {
             { 9, {}, true, 10, Cause::out_of_memory },
             { {}, 1, true, 10, Cause::out_of_memory },
             { 9, {}, false, 1000, Cause::out_of_memory },
             { {}, 137, false, 1000, Cause::out_of_memory },
             { 9, {}, false, 500, Cause::task_error },
             { 11, {}, false, 1000, Cause::task_error },
             { {}, 1, false, 1000, Cause::task_error },
         }) {
        ActionEnd how;
        how.signal = row.signal;
        how.exit_code = row.exit_code;
        how.oom_killed = row.oom_killed;
        how.max_rss_bytes = row.peak_mib << 20;
        end(run(), how);
        EXPECT_EQ(ended().cause, row.cause) << ended().message;
    }
}

TEST_F(Causes, who_takes_twice_what_he_was_given_is_ended)
{
    auto const action = run();
    sample(action, 2000);
    EXPECT_TRUE(killed().empty());
    sample(action, 2100);
    ASSERT_EQ(killed(), std::vector { action });
    ActionEnd how;
    how.signal = 9;
    end(action, how);
    EXPECT_EQ(ended().cause, Cause::out_of_memory);
    EXPECT_NE(
        ended().message.find("took 2.05 GiB of memory and was given 1 GiB"), std::string::npos)
        << ended().message;
}

TEST_F(Causes, where_the_node_is_full_who_exceeds_his_part_the_most_goes)
{
    auto const modest = run();
    auto const worst = run();
    auto const third = run();
    sample(modest, 900);
    sample(worst, 1900);
    EXPECT_TRUE(killed().empty());
    sample(third, 1500);
    EXPECT_EQ(killed(), std::vector { worst });
    sample(third, 1500);
    EXPECT_EQ(killed().size(), 1u);
}

TEST_F(Causes, silence_is_told_and_that_it_is_over)
{
    auto const action = run();
    auto const silences = [&] {
        std::vector<Duration> told;
        for (auto const& report : shell.brain.reports)
            if (auto const* progress = std::get_if<wire::Progress>(&report))
                told.push_back(progress->silent);
        return told;
    };
    auto const pass = [&](int seconds, Duration cpu, std::uint64_t output) {
        for (int i = 0; i < seconds; ++i) {
            shell.wait(1s);
            sample(action, 10, cpu, output);
            shell.answer();
        }
    };
    pass(9, 1s, 5);
    EXPECT_TRUE(silences().empty());
    pass(4, 1s, 5);
    ASSERT_FALSE(silences().empty());
    EXPECT_GE(silences().back(), 10s);
    pass(3, 1s, 6);
    EXPECT_EQ(silences().back(), Duration {});
    auto const before = silences().size();
    for (int i = 0; i < 30; ++i)
        pass(1, 1s + i * 100ms, 6);
    EXPECT_EQ(silences().size(), before);
}

}
