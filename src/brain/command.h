#pragma once

#include <farm/scheduling.h>
#include <openjd/job.h>

#include <cstdint>
#include <optional>
#include <string>

// What people ask of the brain.
namespace sidereal::brain {

struct Submit {
    openjd::JobSource source;
    std::string project;
    std::string user;
    int priority { 0 };
    std::uint32_t max_retries { 2 };
    std::optional<std::uint64_t> max_failed_tasks;
    bool paused { false };
    farm::Scheduling scheduling;
};

enum class JobVerb : std::uint8_t {
    pause,
    resume,
    cancel,
    // Failed and canceled tasks become ready again; a job that had ended is open again.
    retry,
    // Tasks that wait or have failed are passed over; those behind them go on.
    skip,
};

// Narrows retry and skip. Nothing set: retry means all of the job that failed, skip refuses. With a
// task given, it is run again whatever became of it; with a step given, what was skipped of it,
// too.
struct TaskChoice {
    std::optional<std::string> step;
    std::optional<std::uint64_t> task;
    // farm::FailureGroup::id of what failed.
    std::optional<std::string> group;
};

enum class NodeVerb : std::uint8_t {
    drain,
    undrain,
    // What failed there up to now does not count any more.
    forgive,
};

}
