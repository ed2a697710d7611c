#pragma once

#include <sched/draft.h>
#include <sched/policy.h>

#include <vector>

namespace sidereal::sched {

// A node whose free room is for work of a tier and above, and what is to be stopped there for it.
struct Yield {
    NodeId node;
    farm::Tier to { farm::Tier::urgent };
    std::vector<AttemptId> stop;

    bool operator==(Yield const&) const = default;
};

struct RoomMade {
    std::vector<Yield> yields;
    // For Farm::keep.
    farm::Kept kept;
};

// Whether any work waits that may stop other work; says so quickly.
bool wants_room(farm::Farm const& farm);

// How room comes about for waiting work of the tiers that the farm's rules let stop others; to be
// asked after a plan, when nothing more can be placed. All that is kept from now on: the answer
// takes the place of the one before.
//
// A task gets the node where the least work is lost, in vcpu-seconds since the lease; resumable
// work loses nothing. Only strictly lower tiers are stopped, the lowest first. What will have ended
// within PreemptionRule::drain, nine times of ten by the measured run times, is waited for, and is
// not stopped before it has outrun that by as much. What the task lacks besides room on a node
// (seats counted by task, watts of a circuit or room, vcpus of its project) comes from whoever has
// it on any node, by the same order.
RoomMade make_room(farm::Farm const& farm, Now now, Policy const& policy);

}
