#pragma once

#include <farm/farm.h>

#include <set>
#include <string>

namespace sidereal::sched {

// An enforced limit that somebody has seats of, and what the plan adds to them.
struct Seats {
    farm::LimitRule const* rule { nullptr };
    farm::LimitUse const* use { nullptr };
    double used { 0 };
    double total { 0 };
    bool refused { false };
    std::set<NodeId> new_nodes {};
    std::set<std::string> new_users {};

    bool holds(NodeId node) const;
    bool holds(std::string const& user) const;
    void take(double wanted, NodeId node, std::string const& user);
    // Only of those counted by task.
    void give_back(double seats);
};

}
