#pragma once

#include <base/time.h>

#include <cstdint>
#include <functional>
#include <vector>

namespace sidereal::sim {

// The World's time and everything that is still to happen in it, by time and then in the order in
// which it was put down. Virtual: time jumps to the next action.
class Agenda {
public:
    using Action = std::function<void()>;

    // Since the World began.
    Duration now() const { return now_; }
    std::uint64_t steps() const { return steps_; }

    // Not before now.
    void at(Duration time, Action action);
    void after(Duration wait, Action action) { at(now_ + wait, std::move(action)); }
    // Does what comes next; false if nothing does.
    bool step();

private:
    struct Entry {
        Duration time;
        std::uint64_t sequence;
        Action action;
    };
    static bool later(Entry const& a, Entry const& b);

    Duration now_ {};
    std::uint64_t steps_ { 0 };
    std::uint64_t last_sequence_ { 0 };
    std::vector<Entry> heap_;
};

// What one process reads as the time: a steady clock with an origin of its own in each life, and a
// time of day that is off and may be set.
class ProcessClock {
public:
    ProcessClock(Duration origin, Duration skew)
        : origin_(origin)
        , skew_(skew)
    {
    }

    Now read(Duration world) const
    {
        return { Mono(origin_ + world), Wall(std::chrono::seconds(1'800'000'000) + skew_ + world) };
    }
    Duration world_time(Mono time) const { return time.time_since_epoch() - origin_; }
    void start_life(Duration origin) { origin_ = origin; }
    void step(Duration by) { skew_ += by; }

private:
    Duration origin_;
    Duration skew_;
};

}
