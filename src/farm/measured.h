#pragma once

#include <base/time.h>

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>

// What a step's tasks were measured to need; learned from attempts that ended, newest last.
namespace sidereal::farm {

// Run times of tasks that succeeded.
class RunTimes {
public:
    void add(Duration run_time);

    std::uint64_t count() const { return count_; }
    std::optional<Duration> mean() const;
    // Of the last `window` ones, by the nearest rank; part in 0..1.
    std::optional<Duration> quantile(double part) const;
    // quantile(0.9), which the scheduler asks for at every turn.
    std::optional<Duration> p90() const;

    static constexpr std::size_t window = 32;

private:
    std::uint64_t count_ { 0 };
    Duration total_ {};
    Duration p90_ {};
    std::array<Duration, window> last_ {};
};

// Peaks of resident memory.
class PeakMemory {
public:
    void add(std::uint64_t peak_bytes);
    // A task was killed for want of memory while it had this much: the next gets half as much more.
    void raise(double had_mib);

    std::uint64_t count() const { return count_; }
    // Tasks were killed, and too few have ended well since to tell what they need.
    bool is_guess() const { return raised_mib_ > 0 && count_ < least; }
    // What to reserve for the next task in MiB: the largest of the last `window` peaks and, on top,
    // 1/(2 sqrt n) of it for the n peaks that were seen, since the largest of few says little. In
    // steps of a tenth, so that like tasks stay alike. Nothing before `least` peaks.
    std::optional<double> estimate_mib() const { return estimate_mib_; }
    // What some task surely needed, or needs by the last kill; 0 if nothing is known.
    double least_mib() const;
    // The part of the tasks to come that will not need more than `estimate_mib`, at least, if they
    // are like those that were seen: of n equally likely ranks the next peak exceeds the largest
    // in one of n + 1 cases. 0 where there is no estimate.
    double confidence() const;

    static constexpr std::size_t window = 32;
    static constexpr std::size_t least = 4;

private:
    void estimate();

    std::uint64_t count_ { 0 };
    double raised_mib_ { 0 };
    std::optional<double> estimate_mib_;
    std::array<double, window> last_mib_ {};
};

// What entering a session's environments takes, of tasks that succeeded.
class EnterTimes {
public:
    // 0: it ran in a session that was open.
    void add(Duration enter_time);

    // Of one entering; nothing if no task had anything to enter.
    std::optional<Duration> mean() const;
    // Of all tasks, those in open sessions among them.
    Duration mean_of_all() const;

private:
    std::uint64_t tasks_ { 0 };
    std::uint64_t entered_ { 0 };
    Duration total_ {};
};

}
