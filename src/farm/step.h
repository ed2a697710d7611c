#pragma once

#include <base/id.h>
#include <farm/blame.h>
#include <farm/gpus.h>
#include <farm/measured.h>
#include <farm/resources.h>
#include <farm/scheduling.h>
#include <farm/task_set.h>
#include <openjd/chunk_sizer.h>

#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <vector>

namespace sidereal::farm {

// Where and when a task failed, and whether that speaks against the node.
struct FailedOn {
    NodeId node;
    Wall at {};
    bool blamed { false };
};

// How often a task went wrong, and for whose fault. Only tasks that did have one.
struct Trouble {
    std::uint32_t failures { 0 };
    std::uint32_t losses { 0 };
    // Of the losses, those that took the node with them.
    std::uint32_t crashes { 0 };
    // Of Job::failure_groups.
    std::optional<std::uint32_t> group;
    // On more than one node: it is the task's own fault.
    bool fails_anywhere { false };
    std::vector<FailedOn> failed_on;

    bool has_failed_on(NodeId node) const;
};

// A TaskEdge with its step looked up.
struct StepEdge {
    std::size_t step { 0 };
    std::int64_t first { 0 };
    std::int64_t last { 0 };
    bool any { false };
    EdgeMeaning meaning;
};

// A step that is waited for as a whole.
struct Upstream {
    std::size_t step { 0 };
    EdgeMeaning meaning {};
};

struct Step {
    Demand demand;
    TaskSet tasks;
    StepScheduling wishes;
    TaskOrder order { TaskOrder::listed };
    // What it waits for as a whole, and task by task.
    std::vector<Upstream> upstream;
    std::vector<StepEdge> edges;
    std::map<std::uint64_t, Trouble> troubles;
    // Of a single task; those of a chunk count alike.
    RunTimes run_times;
    // Where the chunks are cut as they are given out.
    std::optional<openjd::ChunkSizer> chunks;
    PeakMemory memory;
    PeakMemory vram; // on any one GPU
    EnterTimes enter_times;
    // Of attempts that occupy room.
    double vcpus { 0 };
    std::map<NodeId, std::uint32_t> on_nodes;
    // Nodes on which tasks of it failed.
    std::map<NodeId, Blame> blame;
    // No ready task stands before this position of the order.
    std::uint64_t ordered_from { 0 };

    // Whether the task failed there before.
    bool has_failed_on(std::uint64_t task, NodeId node) const;
    // Reserved for a task, if the step says it or enough of its tasks were measured.
    std::optional<double> memory_mib() const;
    // What was learned of its need for VRAM counts up to `largest_mib`, the memory of the largest
    // GPU there is: it has to try there.
    GpuNeed gpu_need(double largest_mib) const;
    // The run time of the next one in a session that is open.
    std::optional<Duration> warm_run_time() const;
    // How long nine of ten attempts of so many tasks take; nothing if none was measured.
    std::optional<Duration> usually_within(std::uint64_t count) const;
};

}
