#pragma once

#include <chrono>
#include <cstdint>
#include <string>

namespace sidereal {

using Duration = std::chrono::microseconds;

struct MonoTag {
    using duration = Duration;
    using rep = duration::rep;
    using period = duration::period;
    using time_point = std::chrono::time_point<MonoTag, Duration>;
    static constexpr bool is_steady = true;
};

struct WallTag {
    using duration = Duration;
    using rep = duration::rep;
    using period = duration::period;
    using time_point = std::chrono::time_point<WallTag, Duration>;
    static constexpr bool is_steady = false;
};

// Time that only goes forward, from an origin that differs in every process: leases and timers.
using Mono = MonoTag::time_point;
// Time of day in UTC since 1970; may jump either way: records and what people read.
using Wall = WallTag::time_point;

// The one reading of the clocks that a turn of the loop uses.
struct Now {
    Mono mono;
    Wall wall;
};

double to_seconds(Duration duration);
Duration from_seconds(double seconds);

// RFC 3339 in UTC with milliseconds: 2026-11-22T18:52:24.123Z.
std::string to_rfc3339(Wall time);

// For people: "850 ms", "12.3 s", "4 m 05 s", "2 h 03 m", "3 d 04 h".
std::string to_human(Duration duration);

}
