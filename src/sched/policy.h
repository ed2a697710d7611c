#pragma once

#include <base/time.h>

#include <cstddef>
#include <cstdint>

namespace sidereal::sched {

// How the scheduler weighs things; the farm's rules say who is entitled to what.
struct Policy {
    // A node whose tasks are short gets as many of them ahead as it finishes in this time, so that
    // a freed slot does not wait for a round trip. Long tasks are never hoarded.
    Duration lead { std::chrono::milliseconds(25) };
    std::uint32_t max_ahead { 64 };
    // Bound on one plan; the brain plans again when it has carried this one out.
    std::size_t max_placements { 512 };
    // Of the nodes on which a task fits, the cheapest of this many is taken.
    std::size_t candidates { 48 };
    // Work that waits for a big hole gets a node kept free for it; so many at a time.
    std::size_t max_reservations { 8 };
    // What a node costs less that ran the same step last: its files are in the cache.
    double warm_bonus { 2 };
    // And what it costs less on top with a session of the step open, times the part of a run that
    // entering another one would take.
    double session_bonus { 8 };
    // Tasks go ahead to a node with their step's sessions for as long as entering another takes,
    // and no longer than this: what comes in between would wait.
    Duration longest_session_lead { std::chrono::seconds(10) };
    // What a GPU costs for its memory, as a part of the largest GPU's.
    double gpu_size_penalty { 16 };
    // What a node costs more on which the task failed before.
    double failed_penalty { 100 };
    // What a node costs more whose GPUs the task would leave idle, for each of them.
    double gpu_penalty { 1 };
    // A GPU is worth as much as this many times all of a node's CPUs.
    double gpu_weight { 4 };
};

}
