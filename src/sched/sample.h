#pragma once

#include <sched/run_ahead.h>

// A small farm that stands for a big one, so that a forecast of the big one takes seconds.
namespace sidereal::sched {

// How many tasks run at a time on the farm if it is full, as its waiting work is on average.
double places_of(farm::Farm const& farm);

// Others keep the seats of limits that they have now: nobody asks the licence servers in between.
void take_seats_as_they_are(farm::Farm& farm, farm::Farm const& from, Wall now);

// Of every kind of node a part is kept, at least a few; of every step the part of its work that is
// kept of the nodes on which it fits; of ceilings, limits, circuits and rooms the part that is kept
// of who uses them. So order, shares and the time that the work takes stay what they are.
//
// A step of few tasks, or one that may run few at a time, gets narrower tasks instead of fewer: a
// job of one task still waits its turn and then takes as long as it takes, and only weighs less.
// Where such a task needs half a node it no longer waits for a hole of that size. What runs on
// nodes that are left out and ends last is kept on a node of its own that takes no work, so that
// every step ends when its last task does.
Course sampled(farm::Farm const& farm, Now now, Policy const& policy, double places);

}
