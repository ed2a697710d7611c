// Running attempts that take too long, by what their steps allow beyond the actions' own timeouts.
#include <brain/mind.h>

#include <farm/stuck.h>

#include <fmt/format.h>

#include <algorithm>

namespace sidereal::brain {

namespace {

using farm::Attempt;

// Between two looks at all that runs; a look costs time.
constexpr Duration least_pause = std::chrono::seconds(1);
// Where what counts changes with other attempts and with time.
constexpr Duration look_again = std::chrono::seconds(30);

struct Limit {
    Mono at;
    std::string reason;
};

// The first of them to come.
std::optional<Limit> limit_of(farm::Step const& step, Attempt const& attempt)
{
    auto const& timeouts = step.wishes.timeouts;
    std::optional<Limit> first;
    auto const consider = [&](Mono at, auto const& reason) {
        if (!first || at < first->at)
            first = Limit { at, reason() };
    };
    if (timeouts.run)
        consider(attempt.since + *timeouts.run,
            [&] { return fmt::format("ran longer than its step's {}", to_human(*timeouts.run)); });
    if (timeouts.silent && attempt.silent_since)
        consider(*attempt.silent_since + *timeouts.silent, [&] {
            return fmt::format(
                "printed nothing and used no CPU for {}", to_human(*timeouts.silent));
        });
    auto const most = timeouts.run_percent && step.run_times.count() >= timeouts.least
        ? step.usually_within(attempt.record.tasks)
        : std::nullopt;
    if (most) {
        // A step of tasks that end at once has no use for a limit of milliseconds.
        auto const allowed = std::max<Duration>(
            least_pause, from_seconds(to_seconds(*most) * *timeouts.run_percent / 100));
        consider(attempt.since + allowed, [&] {
            return fmt::format("ran longer than {}, {:g} % of what nine of ten of its step took",
                to_human(allowed), *timeouts.run_percent);
        });
    }
    return first;
}

}

void watch_for_overdue(Brain& brain, farm::AttemptRecord const& attempt, Now now)
{
    auto const& step = brain.farm.jobs.at(attempt.job).steps[attempt.step];
    auto const at = now.mono + least_pause;
    if (!step.wishes.timeouts.empty() && (!brain.next_overdue || at < *brain.next_overdue))
        brain.next_overdue = at;
}

void stop_overdue(Brain& brain, Now now)
{
    if (!brain.next_overdue || now.mono < *brain.next_overdue)
        return;
    brain.next_overdue.reset();
    auto const wake_at = [&](Mono at) {
        at = std::max(at, now.mono + least_pause);
        if (!brain.next_overdue || at < *brain.next_overdue)
            brain.next_overdue = at;
    };
    for (auto& [id, attempt] : brain.farm.attempts) {
        auto const& job = brain.farm.jobs.at(attempt.record.job);
        auto const& step = job.steps[attempt.record.step];
        auto const& timeouts = step.wishes.timeouts;
        if (timeouts.empty() || attempt.cancel_reason || !attempt.started)
            continue;
        // What its step takes may be known by then.
        if (timeouts.run_percent)
            wake_at(now.mono + look_again);
        auto limit = limit_of(step, attempt);
        if (timeouts.stuck) {
            auto const signs = farm::stuck_signs(brain.farm, attempt, now.mono);
            if (signs.is_stuck())
                limit = Limit { now.mono, fmt::format("looks stuck: {}", signs.text()) };
            wake_at(now.mono + look_again);
        }
        if (limit && limit->at <= now.mono) {
            attempt.overdue = true;
            stop_attempt(brain, attempt, limit->reason);
        } else if (limit) {
            wake_at(limit->at);
        }
    }
}

}
