#pragma once

#include <farm/farm.h>
#include <sched/draft.h>
#include <sched/policy.h>

#include <cstdint>
#include <string>
#include <vector>

// Why work waits, asked of the plan itself.
namespace sidereal::sched {

struct NodeReason {
    WaitClass reason { WaitClass::next };
    std::uint64_t nodes { 0 };

    bool operator==(NodeReason const&) const = default;
};

struct Waiting {
    std::uint32_t step { 0 };
    std::uint64_t tasks { 0 };
    WaitClass reason { WaitClass::next };
    // One sentence that names the lever.
    std::string text;
    // What each of the nodes that take work says to it; empty where no node was asked.
    std::vector<NodeReason> nodes;

    bool operator==(Waiting const&) const = default;
};

// Every ready task of the job lies in exactly one row.
std::vector<Waiting> why(
    farm::Farm const& farm, Now now, Policy const& policy, farm::Job const& job);

// The opposite question: what keeps a node from more work.
struct NodeAnswer {
    std::string text;
    // Waiting steps by what this node says to them.
    std::vector<std::pair<WaitClass, std::uint64_t>> steps;
};
NodeAnswer why_idle(farm::Farm const& farm, Now now, Policy const& policy, farm::Node const& node);

}
