#include <sched/run_ahead.h>

#include <base/verify.h>
#include <farm/charge.h>
#include <sched/plan.h>
#include <sched/preempt.h>

#include <algorithm>
#include <cmath>

namespace sidereal::sched {

namespace {

using farm::TaskState;

// So many tasks and more are drawn as a sum, which is as good as normal.
constexpr double drawn_one_by_one = 4;
// A plan waits for this part of what runs to end: on big farms single endings change little, and
// what takes their places begins when they ended.
constexpr std::size_t endings_a_plan = 256;
// Of a sample, which is about the whole.
constexpr std::size_t endings_a_plan_of_sample = 16;
constexpr double shortest_s = 1e-3;
constexpr auto time_to_stop = std::chrono::seconds(5);

}

RunAhead::RunAhead(Course const& course, std::uint64_t seed)
    : course_(course)
    , farm_(course.farm)
    , now_(course.now)
    , prng_(seed)
{
    for (auto const id : farm_.open_jobs)
        if (auto const& time = farm_.jobs.at(id).record.scheduling.not_before)
            starts_.insert(*time);
    for (auto const& [key, lengths] : course.lengths)
        scales_[key] = lengths.measured ? std::max(0.2, 1 + lengths.doubt * gauss())
                                        : std::exp(lengths.doubt * gauss());
}

// Box and Muller.
double RunAhead::gauss()
{
    auto const radius = std::sqrt(-2 * std::log(1 - prng_.unit()));
    return radius * std::cos(2 * 3.14159265358979323846 * prng_.unit());
}

double RunAhead::worth_of(farm::AttemptRecord const& record) const
{
    auto const known = course_.worth.find({ record.job, record.step });
    if (known == course_.worth.end())
        return 1;
    auto const was_live = record.id.value <= course_.farm.last_attempt;
    return was_live ? known->second.live : known->second.piece;
}

double RunAhead::tasks_of(farm::AttemptRecord const& record) const
{
    if (auto const chunk = course_.chunks.find(record.id); chunk != course_.chunks.end())
        return static_cast<double>(chunk->second);
    auto const piece = course_.tasks_a_piece.find({ record.job, record.step });
    auto const tasks = static_cast<double>(record.tasks);
    return piece == course_.tasks_a_piece.end() ? tasks : tasks * piece->second;
}

double RunAhead::draw(StepKey key, double tasks)
{
    auto const& lengths = course_.lengths.at(key);
    double sum = 0;
    if (tasks >= drawn_one_by_one || lengths.seen.empty()) {
        sum = tasks * lengths.mean + std::sqrt(tasks) * lengths.deviation * gauss();
    } else {
        for (; tasks > 0; tasks -= 1)
            sum += std::min(tasks, 1.0) * lengths.seen[prng_.below(lengths.seen.size())];
    }
    return std::max(shortest_s, sum) * scales_.at(key);
}

// What it says of itself counts most, then how long tasks of its step took that took longer than it
// has by now.
Duration RunAhead::draw_rest(farm::Attempt const& attempt)
{
    StepKey const key { attempt.record.job, attempt.record.step };
    auto const elapsed = std::max(0.0, to_seconds(now_.wall - attempt.record.leased_at));
    if (attempt.percent >= 5)
        return from_seconds(elapsed * (100 - std::min(attempt.percent, 100.0)) / attempt.percent);
    auto const& seen = course_.lengths.at(key).seen;
    auto const chunk = course_.chunks.find(attempt.record.id);
    auto const tasks = static_cast<double>(
        chunk == course_.chunks.end() ? attempt.record.tasks : chunk->second);
    auto const scale = scales_.at(key) * tasks;
    auto const longer = std::upper_bound(seen.begin(), seen.end(), elapsed / scale);
    if (longer != seen.end()) {
        auto const choice = prng_.below(static_cast<std::uint64_t>(seen.end() - longer));
        return from_seconds(longer[static_cast<std::ptrdiff_t>(choice)] * scale - elapsed);
    }
    if (seen.empty())
        return from_seconds(std::max(draw(key, tasks) - elapsed, elapsed * prng_.unit()));
    // Longer than any: nobody knows; up to a quarter of it more.
    return from_seconds(elapsed * prng_.unit() / 4);
}

void RunAhead::begin_what_runs()
{
    for (auto const& [id, node] : farm_.nodes) {
        for (auto const attempt : node.occupying) {
            auto const& live = farm_.attempts.at(attempt);
            began_[attempt] = live.record.leased_at;
            endings_.emplace(now_.wall + draw_rest(live), attempt);
        }
    }
}

void RunAhead::begin_on(NodeId id)
{
    for (auto const attempt : farm_.nodes.at(id).occupying) {
        if (!began_.try_emplace(attempt, now_.wall).second)
            continue;
        auto const& record = farm_.attempts.at(attempt).record;
        StepKey const key { record.job, record.step };
        endings_.emplace(now_.wall + from_seconds(draw(key, tasks_of(record))), attempt);
    }
}

void RunAhead::plan()
{
    for (bool more = true; more;) {
        auto const next = sched::plan(farm_, now_, course_.policy);
        for (auto const& placement : next.placements) {
            auto const lease = lease_for(farm_, placement, now_);
            farm_.apply(lease);
            begin(lease);
        }
        more = next.more;
    }
    freed_.clear();
    make_room();
}

void RunAhead::begin(farm::AttemptRecord const& lease)
{
    auto at = now_.wall;
    if (auto const freed = freed_.find(lease.node);
        freed != freed_.end() && !freed->second.empty()) {
        at = freed->second.front();
        freed->second.pop_front();
    }
    began_[lease.id] = at;
    StepKey const key { lease.job, lease.step };
    endings_.emplace(at + from_seconds(draw(key, tasks_of(lease))), lease.id);
}

void RunAhead::make_room()
{
    auto const made = sched::make_room(farm_, now_, course_.policy);
    farm_.keep(made.kept);
    for (auto const& yield : made.yields) {
        for (auto const id : yield.stop) {
            auto& attempt = farm_.attempts.at(id);
            attempt.cancel_reason = "stopped to make room";
            attempt.preempted = true;
            std::erase_if(endings_, [&](auto const& entry) { return entry.second == id; });
            endings_.emplace(now_.wall + time_to_stop, id);
        }
    }
}

void RunAhead::note_arrivals(JobId id, std::uint32_t index)
{
    auto const& job = farm_.jobs.at(id);
    auto const& tasks = job.steps[index].tasks;
    if (tasks.count(TaskState::ready) + tasks.count(TaskState::leased) == 0)
        arrivals_.steps.try_emplace({ id, index }, now_.wall - course_.now.wall);
    if (job.ended() || !farm::is_settled(job))
        return;
    auto closed = job.record;
    closed.ended_at = now_.wall;
    VERIFY(farm_.apply(closed, job.spec).has_value());
    if (farm::job_state(farm_.jobs.at(id)) == farm::JobState::succeeded)
        arrivals_.jobs[id] = now_.wall - course_.now.wall;
}

void RunAhead::end(AttemptId id)
{
    auto record = farm_.attempts.at(id).record;
    auto const stopped = farm_.attempts.at(id).preempted;
    record.state = farm::AttemptState::ended;
    record.ended_at = now_.wall;
    record.outcome = stopped ? wire::Outcome::canceled : wire::Outcome::succeeded;
    // What waits in its node's queue has not begun.
    auto const began = began_.try_emplace(id, now_.wall).first->second;
    record.usage.run_time = now_.wall - began;
    farm::charge(farm_, record);
    // What is already on the clock is not still to come.
    auto const coming = now_.wall - std::max(began, course_.now.wall);
    auto const part = record.usage.run_time > Duration::zero()
        ? to_seconds(coming) / to_seconds(record.usage.run_time)
        : 0.0;
    auto const stands_for = part * worth_of(record);
    arrivals_.energy_wh += record.energy_wh * stands_for;
    arrivals_.cost += Money::from_usd(record.cost.usd() * stands_for);
    // It needed what it was given, less the margin that will be added again.
    auto const& memory = farm_.jobs.at(record.job).steps[record.step].memory;
    auto const seen = static_cast<double>(std::max<std::uint64_t>(memory.count() + 1, 4));
    auto const peak_mib = record.memory_mib / (1.1 + 1 / (2 * std::sqrt(seen)));
    record.usage.max_rss_bytes = static_cast<std::uint64_t>(peak_mib * (1 << 20));
    began_.erase(id);
    auto const others_waited = !farm_.nodes.at(record.node).queue.empty();
    if (!others_waited)
        freed_[record.node].push_back(now_.wall);
    farm_.apply(record);
    if (others_waited)
        begin_on(record.node);
    note_arrivals(record.job, record.step);
}

bool RunAhead::wait_for_next()
{
    while (!starts_.empty() && *starts_.begin() <= now_.wall)
        starts_.erase(starts_.begin());
    auto const next = starts_.empty() ? std::nullopt : std::optional(*starts_.begin());
    auto const batches = course_.part < 1 ? endings_a_plan_of_sample : endings_a_plan;
    auto left = 1 + endings_.size() / batches;
    auto const move_to = [&](Wall time) {
        auto const at = std::max(time, now_.wall);
        now_.mono += at - now_.wall;
        now_.wall = at;
    };
    if (endings_.empty() && !next)
        return false;
    for (; left > 0 && !endings_.empty() && (!next || endings_.begin()->first <= *next); --left) {
        auto const [time, id] = *endings_.begin();
        endings_.erase(endings_.begin());
        move_to(time);
        end(id);
    }
    if (next && (endings_.empty() || endings_.begin()->first > *next))
        move_to(*next);
    return true;
}

Arrivals RunAhead::run()
{
    begin_what_runs();
    do
        plan();
    while (wait_for_next());
    return std::move(arrivals_);
}

}
