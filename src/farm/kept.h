#pragma once

#include <base/id.h>
#include <farm/scheduling.h>

#include <cstddef>
#include <map>
#include <string>

namespace sidereal::farm {

// What is kept for work of a tier and above while other work is stopped for it (sched/preempt.h).
struct Kept {
    std::map<NodeId, Tier> nodes; // room that comes free there
    std::map<std::string, Tier, std::less<>> seats; // of these limits
    std::map<std::string, Tier, std::less<>> projects; // vcpus that they may still have
    std::map<std::size_t, Tier> power; // as Rules::power

    bool operator==(Kept const&) const = default;
};

}
