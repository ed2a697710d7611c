#pragma once

#include <base/id.h>
#include <base/json.h>
#include <base/time.h>
#include <farm/edges.h>
#include <openjd/diagnostic.h>
#include <wire/log_rule.h>

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

// What the owner of a job asks of the scheduler, beyond what an OpenJD template can say. Handed in
// with the job as a document of its own (YAML or JSON), kept with it as JSON.
namespace sidereal::farm {

// Strict: while work of a higher tier can be placed, none of a lower one is.
enum class Tier : std::uint8_t {
    idle,
    low,
    normal,
    high,
    urgent,
};

enum class TaskOrder : std::uint8_t {
    listed,
    reverse,
    middle_out,
    // First, middle, last, then every tenth, then the others.
    preview,
};

// At most so much at a time.
struct Caps {
    std::optional<std::uint64_t> tasks;
    std::optional<std::uint64_t> nodes;
    std::optional<double> vcpus;
    std::optional<std::uint64_t> tasks_per_node;

    bool empty() const { return !tasks && !nodes && !vcpus && !tasks_per_node; }
    bool operator==(Caps const&) const = default;
};

// When a task that runs is given up, beyond the action's own timeout: it fails as timed out.
struct StepTimeouts {
    std::optional<Duration> run;
    // It has neither printed anything nor used a CPU for so long.
    std::optional<Duration> silent;
    // In percent of how long nine tenths of the step's tasks took, once `least` of them have ended
    // well.
    std::optional<double> run_percent;
    std::uint64_t least { 8 };
    // It looks stuck (farm/stuck.h).
    bool stuck { false };

    bool empty() const { return !run && !silent && !run_percent && !stuck; }
    bool operator==(StepTimeouts const&) const = default;
};

struct StepScheduling {
    Caps caps;
    std::optional<TaskOrder> order;
    // An edge to a step that the template depends on takes that dependency's place.
    std::vector<WholeStepEdge> after_steps;
    // One of the steps that it waits for as a whole is enough.
    bool after_any { false };
    std::vector<TaskEdge> after_tasks;
    // A task has its node to itself.
    bool whole_node { false };
    // A task gets a part of a GPU, as large as the memory that it asks for or was seen to use.
    bool gpu_share { false };
    // A task that is stopped goes on later from where it was: stopping it loses nothing.
    bool resumable { false };
    // Names of nodes, or beginnings that end in '*'; none: any.
    std::vector<std::string> nodes;
    StepTimeouts timeouts;

    bool operator==(StepScheduling const&) const = default;
};

struct Scheduling {
    Tier tier { Tier::normal };
    std::optional<Wall> not_before;
    std::optional<Wall> deadline;
    TaskOrder order { TaskOrder::listed };
    Caps caps;
    std::vector<JobEdge> after_jobs;
    // One of after_jobs is enough.
    bool after_any { false };
    std::map<std::string, StepScheduling> steps;
    // Go before the farm's.
    std::vector<wire::LogRule> log_rules;

    bool operator==(Scheduling const&) const = default;
};

std::string_view to_string(Tier tier);
std::string_view to_string(TaskOrder order);

// All faults at once; an empty text asks for nothing.
openjd::Checked<Scheduling> parse_scheduling(std::string_view text, std::string_view file_name);
// What parse_scheduling reads back; "" if nothing is asked for.
std::string to_json(Scheduling const& scheduling);

// The task that stands at `position` of the order; both are below `count`.
std::uint64_t task_at(TaskOrder order, std::uint64_t count, std::uint64_t position);

// Whether a node of that name is meant: by its name, or by a beginning that ends in '*'.
bool name_matches(std::string_view pattern, std::string_view name);

// "2026-11-22T20:00:00Z", with an offset or fractions of a second if need be (RFC 3339).
std::optional<Wall> parse_rfc3339(std::string_view text);

}
