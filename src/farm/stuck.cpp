#include <farm/stuck.h>

#include <fmt/format.h>

#include <algorithm>

namespace sidereal::farm {

namespace {

constexpr Duration long_silence = std::chrono::minutes(2);
constexpr Duration long_standstill = std::chrono::minutes(10);
constexpr double far_over = 3;
constexpr std::uint64_t least_measured = 4;

}

bool StuckSigns::is_stuck() const
{
    return int { silent.has_value() } + int { no_progress.has_value() }
        + int { times_as_long.has_value() }
    >= 2;
}

std::string StuckSigns::text() const
{
    std::string text;
    auto const add = [&](std::string const& sign) { text += (text.empty() ? "" : ", ") + sign; };
    if (silent)
        add(fmt::format("no output and no CPU time for {}", to_human(*silent)));
    if (no_progress)
        add(fmt::format("no progress for {}", to_human(*no_progress)));
    if (times_as_long)
        add(fmt::format("{:.1f} times as long as most of its step", *times_as_long));
    return text;
}

StuckSigns stuck_signs(Farm const& farm, Attempt const& attempt, Mono now)
{
    StuckSigns signs;
    if (!attempt.started)
        return signs;
    auto const& step = farm.jobs.at(attempt.record.job).steps[attempt.record.step];
    if (attempt.silent_since && now - *attempt.silent_since >= long_silence)
        signs.silent = now - *attempt.silent_since;
    auto const most = step.run_times.count() < least_measured
        ? std::nullopt
        : step.usually_within(attempt.record.tasks);
    if (attempt.progress_at
        && now - *attempt.progress_at >= std::max(long_standstill, most.value_or(Duration {})))
        signs.no_progress = now - *attempt.progress_at;
    if (most && *most > Duration {}) {
        auto const times = to_seconds(now - attempt.since) / to_seconds(*most);
        if (times >= far_over)
            signs.times_as_long = times;
    }
    return signs;
}

}
