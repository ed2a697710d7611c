#pragma once

#include <farm/farm.h>

namespace sidereal::farm {

// Fills in what an attempt that has run for usage.run_time costs: its share of its node's power in
// Wh, and in money that energy and the same share of the node's price.
void charge(Farm const& farm, AttemptRecord& record);

}
