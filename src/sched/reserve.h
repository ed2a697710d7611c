#pragma once

#include <sched/draft.h>
#include <sched/policy.h>

#include <vector>

namespace sidereal::sched {

// Keeps a node free for work that fits nowhere now and needs half of it or more, or more vcpus than
// some task on it leaves: the node that will have the room first, by the run times that were
// measured. Until then others may use it if they will be done in time. Nothing happens if the work
// needs no such hole or no node can give one.
void reserve(Draft& draft, StepRef ref, Policy const& policy);

// What a task of which nothing was measured is taken to last, where something must be assumed.
constexpr Duration unknown_run_time = std::chrono::hours(1);

// When one of the nodes, which only lack room, will have it for a task of the step if nothing else
// is placed there, by the run times that were measured, and the guess at others; nothing if that
// cannot be told. Of many nodes a few speak for all.
std::optional<Duration> soonest_room(Draft const& draft, StepRef ref,
    std::vector<Room const*> const& full, std::optional<Duration> guess);

}
