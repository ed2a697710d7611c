#pragma once

#include <farm/farm.h>

namespace sidereal::farm {

// Of its node while it ran: the time by its share of the node's processors.
double node_hours(Farm const& farm, AttemptRecord const& record);

// Fills in what an attempt that has run for usage.run_time costs: its share of its node's power in
// Wh, and in money that energy and the same share of the node's price.
void charge(Farm const& farm, AttemptRecord& record);

}
