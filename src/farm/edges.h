#pragma once

#include <base/id.h>
#include <base/json.h>

#include <cstdint>
#include <string>
#include <string_view>

namespace sidereal::openjd {
class Place;
}

// What waits for what, beyond the template's dependencies.
namespace sidereal::farm {

// What it means for those downstream that something they wait for did not succeed, and never will
// unless somebody retries it.
enum class IfFailed : std::uint8_t {
    wait,
    go_on,
};

// What it means for them that somebody passed it over.
enum class IfSkipped : std::uint8_t {
    go_on,
    wait,
};

struct EdgeMeaning {
    IfFailed if_failed { IfFailed::wait };
    IfSkipped if_skipped { IfSkipped::go_on };

    bool operator==(EdgeMeaning const&) const = default;
};

// Task n waits for the tasks n+first .. n+last of another step, or of its own (then last < 0);
// numbers that step does not have count as done.
struct TaskEdge {
    std::string step;
    std::int64_t first { 0 };
    std::int64_t last { 0 };
    bool any { false };
    EdgeMeaning meaning {};

    bool operator==(TaskEdge const&) const = default;
};

// The step waits for all of another one.
struct WholeStepEdge {
    std::string step;
    EdgeMeaning meaning {};

    bool operator==(WholeStepEdge const&) const = default;
};

// The job waits for another one, or for one of its steps.
struct JobEdge {
    JobId job;
    std::string step;
    EdgeMeaning meaning {};

    bool operator==(JobEdge const&) const = default;
};

// `own` is the step that waits: an edge that names none means its own tasks.
TaskEdge read_task_edge(openjd::Place const& place, std::string_view own);
WholeStepEdge read_step_edge(openjd::Place const& place);
JobEdge read_job_edge(openjd::Place const& place);

void write(JsonWriter& json, TaskEdge const& edge);
void write(JsonWriter& json, WholeStepEdge const& edge);
void write(JsonWriter& json, JobEdge const& edge);

}
