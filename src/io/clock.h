#pragma once

#include <base/time.h>

namespace sidereal::io {

// The one reading of the machine's clocks: CLOCK_MONOTONIC and the time of day.
Now now();

// Only the monotonic half, for deadlines.
Mono mono_now();

}
