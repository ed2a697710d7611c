#include <farm/measured.h>

#include <algorithm>
#include <cmath>

namespace sidereal::farm {

namespace {

constexpr double mib = 1024.0 * 1024.0;
constexpr double raise_factor = 1.5;
constexpr double step_factor = 1.1;
constexpr double smallest_mib = 64;

double rounded_up(double value)
{
    auto rounded = smallest_mib;
    while (rounded < value)
        rounded *= step_factor;
    return std::ceil(rounded);
}

}

void RunTimes::add(Duration run_time)
{
    last_[count_ % window] = run_time;
    ++count_;
    total_ += run_time;
    p90_ = *quantile(0.9);
}

std::optional<Duration> RunTimes::p90() const
{
    return count_ > 0 ? std::optional(p90_) : std::nullopt;
}

std::optional<Duration> RunTimes::mean() const
{
    if (count_ == 0)
        return std::nullopt;
    return total_ / static_cast<Duration::rep>(count_);
}

std::optional<Duration> RunTimes::quantile(double part) const
{
    if (count_ == 0)
        return std::nullopt;
    auto const known = static_cast<std::size_t>(std::min<std::uint64_t>(count_, window));
    auto const rank = static_cast<std::size_t>(std::ceil(part * static_cast<double>(known)));
    auto const place = std::clamp<std::size_t>(rank, 1, known) - 1;
    auto times = last_;
    auto const at = [&](std::size_t i) { return times.begin() + static_cast<std::ptrdiff_t>(i); };
    std::nth_element(times.begin(), at(place), at(known));
    return times[place];
}

void PeakMemory::add(std::uint64_t peak_bytes)
{
    last_mib_[count_ % window] = static_cast<double>(peak_bytes) / mib;
    ++count_;
    estimate();
}

double PeakMemory::least_mib() const
{
    return std::max(raised_mib_, *std::max_element(last_mib_.begin(), last_mib_.end()));
}

double PeakMemory::confidence() const
{
    if (count_ < least)
        return 0;
    auto const seen = static_cast<double>(std::min<std::uint64_t>(count_, window));
    return seen / (seen + 1);
}

void EnterTimes::add(Duration enter_time)
{
    ++tasks_;
    entered_ += enter_time > Duration::zero() ? 1u : 0u;
    total_ += enter_time;
}

std::optional<Duration> EnterTimes::mean() const
{
    if (entered_ == 0)
        return std::nullopt;
    return total_ / static_cast<Duration::rep>(entered_);
}

Duration EnterTimes::mean_of_all() const
{
    return tasks_ == 0 ? Duration::zero() : total_ / static_cast<Duration::rep>(tasks_);
}

void PeakMemory::raise(double had_mib)
{
    raised_mib_ = std::max(raised_mib_, rounded_up(had_mib * raise_factor));
    estimate();
}

void PeakMemory::estimate()
{
    if (count_ < least) {
        estimate_mib_ = raised_mib_ > 0 ? std::optional(raised_mib_) : std::nullopt;
        return;
    }
    auto const largest = *std::max_element(last_mib_.begin(), last_mib_.end());
    auto const seen = static_cast<double>(std::min<std::uint64_t>(count_, window));
    estimate_mib_ = std::max(raised_mib_, rounded_up(largest * (1 + 0.5 / std::sqrt(seen))));
}

}
