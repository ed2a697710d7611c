#pragma once

#include <agent/effects.h>
#include <agent/log_watch.h>
#include <base/id.h>
#include <base/time.h>
#include <openjd/parameter_space.h>
#include <openjd/path_mapping.h>
#include <wire/protocol.h>

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

// What a session is given: its place, its tasks, the wish to stop, and the context of an event.
namespace sidereal::agent {

struct SessionPlace {
    std::string working_dir;
    // Where the output of environments' exits goes; they belong to no task.
    std::string exit_log_path;
    // "NAME=value"; later ones replace earlier ones.
    std::vector<std::string> base_environment;
    openjd::PathRules path_rules {};
    bool has_gpus { false };
    // What the farm may use of it.
    std::uint64_t node_memory_bytes { 0 };
};

struct TaskRun {
    AttemptId attempt;
    std::uint64_t task { 0 };
    // "NAME=value", for the task and for the environments that are entered because of it.
    std::vector<std::string> variables;
    std::string log_path;
    // Of another step: the present one's environments are left first.
    std::optional<std::size_t> step {};
    // Instead of those that the step's space has for the task.
    std::optional<openjd::TaskParameters> values {};
    // What is reserved for it; 0: not counted.
    double memory_mib { 0 };
    // What to look for in its output.
    std::shared_ptr<LogRules const> job_log_rules {};
    std::shared_ptr<LogRules const> farm_log_rules {};
    // Run as one from `task` on: a chunk.
    std::uint64_t tasks { 1 };
};

// Why the running action is stopped, and how its task ends because of that.
struct StopRequest {
    enum class How : std::uint8_t {
        by_its_mode,
        kill,
    };
    How how { How::by_its_mode };
    wire::Outcome outcome { wire::Outcome::failed };
    wire::Cause cause { wire::Cause::task_error };
    std::string message;
    // Upper bound of the time between the notice and the kill.
    Duration longest_notice { Duration::max() };
};

// One event's context: what time it is, where action numbers come from, what comes out.
struct Turn {
    Now now;
    std::uint64_t& last_action;
    Effects& effects;
    // The task given to run() is over.
    std::optional<wire::Ended> ended {};
};

}
