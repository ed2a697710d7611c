#pragma once

#include <base/id.h>
#include <base/money.h>
#include <base/result.h>
#include <farm/record.h>
#include <farm/resources.h>
#include <farm/task_set.h>
#include <openjd/job.h>

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace sidereal::farm {

enum class StepState : std::uint8_t {
    waiting, // for a step it depends on
    ready,
    running,
    succeeded,
    failed, // a task failed for good; no more will run
    canceled,
    unreachable, // a step it depends on did not succeed
};

enum class JobState : std::uint8_t {
    queued,
    running,
    paused,
    succeeded,
    failed,
    canceled,
};

std::string_view to_string(TaskState state);
std::string_view to_string(StepState state);
std::string_view to_string(JobState state);

// How often a task went wrong, and for whose fault. Only tasks that did have one.
struct Trouble {
    std::uint32_t failures { 0 };
    std::uint32_t losses { 0 };
};

struct Step {
    Demand demand;
    TaskSet tasks;
    std::map<std::uint64_t, Trouble> troubles;
    // Of attempts that succeeded.
    std::uint64_t measured { 0 };
    Duration measured_total {};

    std::optional<Duration> mean_run_time() const;
};

// What one node did for one job.
struct NodeUse {
    std::uint64_t succeeded { 0 };
    std::uint64_t other { 0 };
    Duration run_time {};
    Duration cpu_time {};
    std::uint64_t max_rss_bytes { 0 };
    double energy_wh { 0 };
    Money cost;
};

// The newest failure of a task that has not succeeded since.
struct Failure {
    AttemptId attempt;
    NodeId node;
    wire::Cause cause { wire::Cause::none };
    std::string message;
    std::string log_tail;
};

// Work that somebody handed in. Owned by Farm.
struct Job {
    JobRecord record;
    std::shared_ptr<openjd::Job const> spec;
    std::vector<Step> steps;
    std::vector<std::size_t> order; // dependency_order of spec
    std::uint64_t live_attempts { 0 };
    std::uint64_t revision { 0 };
    std::map<NodeId, NodeUse> use;
    // By step and task; at most max_failures, the first ones.
    std::map<std::pair<std::uint32_t, std::uint64_t>, Failure> failures;

    static constexpr std::size_t max_failures = 1000;

    bool ended() const { return record.ended_at.has_value(); }
    // Its tasks may be given out: not paused, canceled or ended.
    bool open() const { return !record.paused && !record.canceled && !ended(); }
    std::uint64_t count(TaskState state) const;
    std::uint64_t task_count() const;
};

// Refuses a step with more tasks than a farm can hold.
Status check_size(openjd::Job const& spec);

// A task that ended as lost more often than this is taken for the cause and fails.
constexpr std::uint32_t max_losses = 10;

// The steps' states, in the order in which the job lists them.
std::vector<StepState> step_states(Job const& job);
// Whether everything that step `index` depends on has succeeded.
bool inputs_ready(Job const& job, std::size_t index, std::vector<StepState> const& states);
// The steps' indices, what a step depends on before it; the job has no cycle.
std::vector<std::size_t> dependency_order(openjd::Job const& spec);
JobState job_state(Job const& job);
// Nothing of it runs and nothing of it ever will.
bool is_settled(Job const& job);

}
