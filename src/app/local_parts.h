#pragma once

#include <agent/local_run.h>
#include <cli/command.h>
#include <cli/openjd_input.h>
#include <openjd/job.h>

#include <optional>
#include <string>
#include <vector>

namespace sidereal::app {

// Which of a job's tasks `openjd run` is asked to run.
struct LocalFlags {
    std::optional<std::string> step;
    std::vector<std::string> task_parameters;
    std::optional<std::string> tasks;
    std::optional<std::int64_t> maximum_tasks;
    bool run_dependencies { false };
    bool no_run_dependencies { false };
};

void add_local_options(std::vector<cli::Option>& options, LocalFlags& flags);

// Without a step all run, each after those it depends on.
cli::OpenjdResult<std::vector<agent::LocalPart>> local_parts(
    openjd::Job const& job, LocalFlags const& flags);

}
