#pragma once

#include <farm/farm.h>

#include <optional>
#include <string>

namespace sidereal::farm {

// What makes a running attempt look stuck. One sign alone has many harmless reasons.
struct StuckSigns {
    // It has neither printed anything nor used a CPU for so long.
    std::optional<Duration> silent;
    // It tells how far it is, and has not got further for so long.
    std::optional<Duration> no_progress;
    // It takes so many times as long as nine tenths of its step's tasks.
    std::optional<double> times_as_long;

    bool is_stuck() const;
    // "silent for 12 min, 4.1 times as long as most of its step"
    std::string text() const;
};

StuckSigns stuck_signs(Farm const& farm, Attempt const& attempt, Mono now);

}
