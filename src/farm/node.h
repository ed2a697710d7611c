#pragma once

#include <base/id.h>
#include <base/time.h>
#include <farm/record.h>
#include <farm/resources.h>

#include <deque>
#include <optional>
#include <set>

namespace sidereal::farm {

// A machine with one agent. Owned by Farm.
struct Node {
    NodeRecord record;
    Amounts capacity;
    // Taken by attempts that occupy room; never more than the capacity.
    Amounts used;
    std::set<AttemptId> occupying;
    // Leased ahead: the agent starts them in this order as soon as there is room.
    std::deque<AttemptId> queue;

    // Contact, not durable. The lease runs while the node is present, or while a restarted brain
    // still expects it back; without one the node holds no work.
    std::optional<Mono> lease_until;
    bool present { false };
    Wall last_heard {};

    bool takes_work() const { return present && !record.draining; }
    std::size_t live_attempts() const { return occupying.size() + queue.size(); }
};

}
