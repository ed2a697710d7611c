#pragma once

#include <base/id.h>
#include <base/time.h>
#include <farm/farm.h>
#include <sched/draft.h>
#include <sched/policy.h>

#include <cstdint>
#include <vector>

// Who runs where. A pure function of the farm, the time and the policy; it changes nothing.
namespace sidereal::sched {

struct Placement {
    NodeId node;
    JobId job;
    std::uint32_t step { 0 };
    std::uint64_t task { 0 };
    // What it takes of the node, as in farm::AttemptRecord.
    double vcpus { 0 };
    double memory_mib { 0 };
    wire::GpuParts gpus {};
    // Run as one from `task` on: a chunk.
    std::uint64_t tasks { 1 };

    bool operator==(Placement const&) const = default;
};

struct Plan {
    std::vector<Placement> placements;
    // There may be more to place: it was cut off at Policy::max_placements, or what it placed frees
    // what was kept for it.
    bool more { false };
};

// In the order of queue.h. A task goes to the node where it costs least: each resource gets dearer
// the fuller it is (the sum over resources of exp(used/total), what opportunity costs come to), a
// node that ran the same step last is cheaper, one whose GPUs would lie idle is dearer. Carried out
// in order, no node is over-subscribed.
Plan plan(farm::Farm const& farm, Now now, Policy const& policy);
// Grows the draft, so that it can be asked afterwards what stood in the way.
Plan plan(Draft& draft, Policy const& policy);
// The record that carries a placement out, with the farm's next attempt id.
farm::AttemptRecord lease_for(farm::Farm const& farm, Placement const& placement, Now now);

}
