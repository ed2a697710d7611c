#pragma once

#include <base/id.h>
#include <base/time.h>
#include <farm/farm.h>

#include <cstdint>
#include <vector>

// Who runs where. A pure function of the farm and the policy; it changes nothing.
namespace sidereal::sched {

struct Policy {
    // A node whose tasks are short gets as many of them ahead as it finishes in this time, so that
    // a freed slot does not wait for a round trip. Long tasks are never hoarded.
    Duration lead { std::chrono::milliseconds(25) };
    std::uint32_t max_ahead { 64 };
    // Bound on one plan; the brain plans again when it has carried this one out.
    std::size_t max_placements { 512 };
};

struct Placement {
    NodeId node;
    JobId job;
    std::uint32_t step { 0 };
    std::uint64_t task { 0 };

    bool operator==(Placement const&) const = default;
};

// Higher priority first, then the older job, its steps and tasks as listed. Each placement goes to
// the node with the smallest share of its CPUs taken. Carried out in order, no node is
// over-subscribed.
std::vector<Placement> plan(farm::Farm const& farm, Policy const& policy);

}
