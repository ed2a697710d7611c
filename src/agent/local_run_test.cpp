#include <agent/local_run.h>

#include <gtest/gtest.h>

namespace sidereal::agent {

namespace {

using Lines = std::vector<std::string>;

std::shared_ptr<PreparedJob const> job()
{
    openjd::JobSource source;
    source.file_name = "t";
    source.template_text = R"(specificationVersion: jobtemplate-2023-09
name: Job
jobEnvironments:
- {name: E, script: {actions: {onEnter: {command: enter}, onExit: {command: exit}}}}
steps:
- name: Frames
  parameterSpace: {taskParameterDefinitions: [{name: F, type: INT, range: 1-3}]}
  script: {actions: {onRun: {command: frame, args: ['{{Task.Param.F}}']}}}
- name: Film
  script: {actions: {onRun: {command: film}}}
)";
    auto made = openjd::create_job(source);
    EXPECT_TRUE(made) << openjd::to_string(made.error());
    return prepare(std::move(*made));
}

// Runs to the end; each action ends with the exit code that `codes` has for its first word.
struct Driver {
    explicit Driver(std::initializer_list<LocalPart> parts)
        : run(job(), parts, { "/s", {}, {} })
    {
    }

    void drain(Effects& effects)
    {
        for (auto const& effect : effects.list) {
            auto const* const action = std::get_if<RunAction>(&effect);
            if (!action)
                continue;
            auto line = action->argv.front();
            if (action->argv.size() > 1)
                line += " " + action->argv[1];
            ran.push_back(line);
            running = line;
        }
        effects = {};
    }

    Lines all()
    {
        Effects effects;
        run.on_start({}, effects);
        drain(effects);
        while (!run.over()) {
            ActionEnd end;
            end.exit_code = running == fails ? 3 : 0;
            run.on_action_ended(end, {}, effects);
            drain(effects);
        }
        return ran;
    }

    LocalRun run;
    std::string fails;
    std::string running;
    Lines ran;
};

}

TEST(LocalRun, steps_share_the_jobs_environments)
{
    Driver driver { LocalPart { 0 }, LocalPart { 1 } };
    EXPECT_EQ(driver.all(), (Lines { "enter", "frame 1", "frame 2", "frame 3", "film", "exit" }));
    EXPECT_EQ(driver.run.tasks_run(), 4U);
    EXPECT_EQ(driver.run.fault(), "");
}

TEST(LocalRun, tasks_may_be_given_or_cut_short)
{
    LocalPart given { 0, { { { "F", openjd::ParameterType::integer, "7" } } } };
    LocalPart few { 0, {}, 2 };
    Driver driver { given, few };
    EXPECT_EQ(driver.all(), (Lines { "enter", "frame 7", "frame 1", "frame 2", "exit" }));
}

TEST(LocalRun, the_first_failure_ends_it)
{
    Driver driver { LocalPart { 0 }, LocalPart { 1 } };
    driver.fails = "frame 2";
    EXPECT_EQ(driver.all(), (Lines { "enter", "frame 1", "frame 2", "exit" }));
    EXPECT_EQ(driver.run.fault(), "exit code 3");
}

TEST(LocalRun, a_failed_enter_is_left_too)
{
    Driver driver { LocalPart { 0 } };
    driver.fails = "enter";
    EXPECT_EQ(driver.all(), (Lines { "enter", "exit" }));
    EXPECT_EQ(driver.run.fault(), "environment 'E' failed to enter: exit code 3");
}

TEST(LocalRun, a_failed_exit_is_a_failure)
{
    Driver driver { LocalPart { 1 } };
    driver.fails = "exit";
    EXPECT_EQ(driver.all(), (Lines { "enter", "film", "exit" }));
    EXPECT_EQ(driver.run.fault(), "an environment could not be left");
}

TEST(LocalRun, a_stop_ends_the_task_and_leaves_the_environments)
{
    Driver driver { LocalPart { 0 } };
    Effects effects;
    driver.run.on_start({}, effects);
    ActionEnd entered;
    entered.exit_code = 0;
    driver.run.on_action_ended(entered, {}, effects);
    effects = {};
    driver.run.on_stop({}, effects);
    ASSERT_EQ(effects.list.size(), 1U);
    EXPECT_EQ(std::get<SignalAction>(effects.list[0]).signal, Signal::kill);
    effects = {};
    ActionEnd killed;
    killed.signal = 9;
    driver.run.on_action_ended(killed, {}, effects);
    driver.drain(effects);
    EXPECT_EQ(driver.ran, Lines { "exit" });
    EXPECT_EQ(driver.run.fault(), "interrupted");
}

}
