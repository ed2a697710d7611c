#pragma once

#include <base/id.h>
#include <base/time.h>
#include <farm/blame.h>
#include <farm/gpus.h>
#include <farm/idle_sessions.h>
#include <farm/record.h>
#include <farm/resources.h>

#include <cstddef>
#include <deque>
#include <optional>
#include <set>
#include <utility>

namespace sidereal::farm {

// A machine with one agent. Owned by Farm.
struct Node {
    NodeRecord record;
    Amounts capacity;
    // Taken by attempts that occupy room; never more than the capacity.
    Amounts used;
    GpuLoads gpus;
    std::set<AttemptId> occupying;
    // Leased ahead: the agent starts them in this order as soon as there is room.
    std::deque<AttemptId> queue;
    // What it hangs on, as indices into Rules::power; -1: nothing that the rules know.
    int circuit { -1 };
    int cooling { -1 };
    // The step whose task was the last to begin here: its session, files and caches are warm.
    std::optional<std::pair<JobId, std::uint32_t>> warm_for;
    IdleSessions idle_sessions;
    // By its place in Farm::pools.
    std::size_t pool { 0 };
    // It holds nothing since then; not durable.
    std::optional<Wall> idle_since;
    // Tasks that failed here and ran elsewhere.
    Blame blame;

    // Contact, not durable. The lease runs while the node is present, or while a restarted brain
    // still expects it back; without one the node holds no work.
    std::optional<Mono> lease_until;
    bool present { false };
    Wall last_heard {};
    // As Kept::nodes.
    std::optional<Tier> yields_to;

    bool takes_work() const { return present && !record.draining && is_awake(); }
    bool is_awake() const { return record.power.state == NodePower::State::awake; }
    bool has_room(Amounts const& taken, wire::GpuParts const& parts) const
    {
        return capacity.covers(used, taken) && farm::have_room(record.facts, gpus, parts);
    }
    bool has_space() const { return queue.empty() && leaves_space(used); }
    // Some CPU would be left over.
    bool leaves_space(Amounts const& taken) const
    {
        return taken.get(Amounts::Kind::vcpu) + 1e-9 < record.facts.vcpus;
    }
    // At the wall, as configured, with so many vcpus at work.
    double watts(double vcpus) const;
    // What work of so many vcpus adds to that.
    double watts_of(double vcpus) const;
    // What it draws now, and once it is awake again if it is waking.
    double watts_now() const;
    std::size_t live_attempts() const { return occupying.size() + queue.size(); }
};

}
