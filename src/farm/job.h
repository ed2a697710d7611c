#pragma once

#include <base/id.h>
#include <base/money.h>
#include <base/result.h>
#include <farm/failure_group.h>
#include <farm/record.h>
#include <farm/step.h>
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
    succeeded, // so did all tasks that nobody skipped
    skipped, // all tasks
    failed, // a task failed for good; no more will run
    canceled,
    unreachable, // what it depends on will never let it run
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

// What one node did for one job, in tasks.
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
    std::vector<StepState> states;
    bool has_edges { false }; // some step waits task by task
    std::uint64_t live_attempts { 0 };
    // Of attempts that occupy room.
    double vcpus { 0 };
    std::map<NodeId, std::uint32_t> on_nodes;
    std::uint64_t revision { 0 };
    std::map<NodeId, NodeUse> use;
    // By step and task; at most max_failures, the first ones.
    std::map<std::pair<std::uint32_t, std::uint64_t>, Failure> failures;
    // Of all of them; Trouble::group says which task belongs where. None is ever taken out.
    std::vector<FailureGroup> failure_groups;

    static constexpr std::size_t max_failures = 1000;

    bool ended() const { return record.ended_at.has_value(); }
    // Its tasks may be given out: not paused, canceled or ended.
    bool open() const { return !record.paused && !record.canceled && !ended(); }
    std::uint64_t count(TaskState state) const;
    std::uint64_t task_count() const;
};

// Refuses a step with more tasks than a farm can hold.
Status check_size(openjd::Job const& spec);

// A task that ended as lost more often than this is taken for the cause and fails; of those, one
// after which the node was gone weighs more.
constexpr std::uint32_t max_losses = 10;
constexpr std::uint32_t max_crashes = 3;

// The task's newest failure is of another group, or of none.
void enter_group(Job& job, AttemptRecord const& ended);
void leave_group(Job& job, Trouble& trouble);

// The steps as the template and the scheduling make them; refuses what the scheduling asks of steps
// that are not there, or of dependencies that would never end.
Result<std::vector<Step>> make_steps(openjd::Job const& spec, Scheduling const& scheduling);
// What Job::states holds, worked out anew: in the order in which the job lists its steps.
std::vector<StepState> step_states(Job const& job);
bool is_final(StepState state);
// Whether what it waits for is done with: succeeded, or what the edge says is as good.
bool is_done(Step const& upstream, StepState state, EdgeMeaning const& meaning);
// Whether step `index` has no more to wait for as a whole.
bool inputs_ready(Job const& job, std::size_t index);
// Whether a task's edges are all done.
bool task_inputs_ready(Job const& job, std::size_t index, std::uint64_t task);
// The first ready task at or after `position` of the step's order whose edges are done, and the
// position after it.
struct NextTask {
    std::uint64_t task { 0 };
    // From that task on, which may go out as one chunk.
    std::uint64_t tasks { 1 };
    std::uint64_t next_position { 0 };
};
std::optional<NextTask> next_task(Job const& job, std::size_t index, std::uint64_t position);
// While the job's states are worked out anew; those of the steps before this one are.
std::optional<NextTask> next_task(Job const& job, std::size_t index, std::uint64_t position,
    std::vector<StepState> const& states);
// The steps' indices, what a step depends on before it; the job has no cycle.
std::vector<std::size_t> dependency_order(openjd::Job const& spec);
JobState job_state(Job const& job);
// Nothing of it runs and nothing of it ever will.
bool is_settled(Job const& job);

}
