#pragma once

#include <agent/fake_shell.h>

#include <gtest/gtest.h>

#include <map>
#include <string>
#include <utility>
#include <vector>

// An agent that is driven by hand, and the small jobs that it is given.
namespace sidereal::agent {

using Lines = std::vector<std::string>;
using Ids = std::vector<AttemptId>;

inline constexpr auto film_source = R"(
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

inline constexpr auto bare_source = R"(
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

inline constexpr JobId film { 1 };
inline constexpr JobId bare { 2 };
inline constexpr JobId broken { 3 };

inline Config config(double vcpus)
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

inline wire::Start start(std::uint64_t attempt, JobId job, std::uint32_t step = 0, double vcpus = 1)
{
    return { { attempt }, job, step, attempt % 1000, vcpus };
}

// An agent that was let in and has one call open.
struct AgentRig : FakeShell {
    explicit AgentRig(double vcpus = 2)
        : AgentRig(config(vcpus))
    {
    }
    explicit AgentRig(Config from)
        : FakeShell(std::move(from))
    {
        brain.jobs = { { film, film_source, "film.yaml", {} },
            { bare, bare_source, "bare.yaml", {} }, { broken, "steps: 3", "broken.yaml", {} } };
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
