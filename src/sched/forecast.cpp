#include <sched/forecast.h>

#include <base/verify.h>
#include <sched/run_ahead.h>
#include <sched/sample.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>
#include <set>

namespace sidereal::sched {

namespace {

using farm::Farm;
using farm::TaskState;

// What is taken for the spread of run times where only one is known.
constexpr double usual_spread = 0.3;
// And for the spread of unlike steps' means (of the logarithm).
constexpr double doubt_of_strangers = 0.7;
// A step is cut into as many pieces at least.
constexpr double least_pieces_a_step = 48;
// A farm gets as many for each of its places.
constexpr double pieces_a_place = 16;
// Where that would be too many, a place still gets two.
constexpr double most_pieces = 50'000;
constexpr double least_pieces_a_place = 2;

Lengths lengths_of(farm::RunTimes const& times)
{
    Lengths lengths;
    auto const known = std::min<std::uint64_t>(times.count(), farm::RunTimes::window);
    if (known == 0)
        return lengths;
    auto const count = static_cast<double>(known);
    for (std::uint64_t i = 0; i < known; ++i)
        lengths.seen.push_back(to_seconds(*times.quantile((static_cast<double>(i) + 0.5) / count)));
    lengths.measured = true;
    lengths.mean = std::accumulate(lengths.seen.begin(), lengths.seen.end(), 0.0) / count;
    double squares = 0;
    for (auto const seconds : lengths.seen)
        squares += (seconds - lengths.mean) * (seconds - lengths.mean);
    // Few of them say little about how far they spread.
    auto const spread = known > 1 ? std::sqrt(squares / (count - 1)) : 0;
    lengths.deviation = std::max(spread, usual_spread * lengths.mean / count);
    if (lengths.mean > 0)
        lengths.doubt = lengths.deviation / lengths.mean / std::sqrt(count);
    return lengths;
}

// The mean of the steps' means; 0 if none was measured.
double mean_of(std::map<StepKey, Lengths> const& all, std::optional<JobId> job)
{
    double sum = 0;
    double count = 0;
    for (auto const& [key, lengths] : all) {
        if (!lengths.measured || (job && key.first != *job))
            continue;
        sum += lengths.mean;
        ++count;
    }
    return count > 0 ? sum / count : 0;
}

std::map<StepKey, Lengths> measured_lengths(Farm const& farm)
{
    std::map<StepKey, Lengths> all;
    for (auto const& [id, job] : farm.jobs)
        for (std::uint32_t i = 0; i < job.steps.size(); ++i)
            all[{ id, i }] = lengths_of(job.steps[i].run_times);
    auto const of_farm = mean_of(all, std::nullopt);
    for (auto& [key, lengths] : all) {
        if (lengths.measured)
            continue;
        auto const of_job = mean_of(all, key.first);
        lengths.mean = of_job > 0 ? of_job : of_farm;
        lengths.deviation = usual_spread * lengths.mean;
        lengths.doubt = doubt_of_strangers;
    }
    return all;
}

// Jobs that have ended count only for those that wait for them.
void drop_the_past(Farm& farm)
{
    std::set<JobId> waited_for;
    for (auto const& [id, job] : farm.jobs)
        for (auto const& edge : job.record.scheduling.after_jobs)
            waited_for.insert(edge.job);
    std::erase_if(farm.jobs, [&](auto const& entry) {
        return entry.second.ended() && !waited_for.contains(entry.first);
    });
    for (auto& [id, job] : farm.jobs) {
        job.use.clear();
        job.failures.clear();
        job.record.source = {};
    }
}

// Ready tasks as so many pieces. What runs keeps running as single tasks, in front of them.
void cut(
    Course& course, farm::Step& step, std::vector<farm::Attempt*> const& live, std::uint64_t pieces)
{
    auto const failed = step.tasks.count(TaskState::failed) > 0 ? 1u : 0u;
    auto const skipped = step.tasks.count(TaskState::skipped) > 0 ? 1u : 0u;
    farm::TaskSet tasks(live.size() + pieces + failed + skipped);
    for (std::size_t i = 0; i < live.size(); ++i) {
        auto& record = live[i]->record;
        if (record.tasks > 1)
            course.chunks[record.id] = std::exchange(record.tasks, 1);
        record.task = i;
        tasks.set(i, TaskState::leased);
    }
    if (failed)
        tasks.set(live.size() + pieces, TaskState::failed);
    if (skipped)
        tasks.set(live.size() + pieces + failed, TaskState::skipped);
    step.tasks = std::move(tasks);
    step.order = farm::TaskOrder::listed;
    step.ordered_from = 0;
    step.troubles.clear();
    step.chunks.reset();
}

// How many pieces there are in the end.
double cut_all(Course& course, ForecastLimits const& limits)
{
    auto& farm = course.farm;
    std::map<StepKey, std::vector<farm::Attempt*>> live;
    for (auto& [id, attempt] : farm.attempts)
        live[{ attempt.record.job, attempt.record.step }].push_back(&attempt);
    double all_ready = 0;
    for (auto const id : farm.open_jobs)
        all_ready += static_cast<double>(farm.jobs.at(id).count(TaskState::ready));
    auto const places = places_of(farm);
    auto const wanted = std::max({ static_cast<double>(limits.pieces),
        std::min(pieces_a_place * places, most_pieces), least_pieces_a_place * places });
    auto const at_once = all_ready / wanted;
    double sum = static_cast<double>(farm.attempts.size());
    for (auto const id : farm.open_jobs) {
        auto& job = farm.jobs.at(id);
        for (std::uint32_t i = 0; i < job.steps.size(); ++i) {
            auto const ready = static_cast<double>(job.steps[i].tasks.count(TaskState::ready));
            auto const tasks = std::min(at_once, ready / least_pieces_a_step);
            if (tasks < 2 || job.has_edges) {
                sum += ready;
                continue;
            }
            StepKey const key { id, i };
            auto const pieces = std::ceil(ready / tasks);
            cut(course, job.steps[i], live[key], static_cast<std::uint64_t>(pieces));
            course.tasks_a_piece.try_emplace(key, 1).first->second *= ready / pieces;
            sum += pieces;
        }
    }
    return sum;
}

// What sleeps is woken for the work that is foretold; the minute that takes is left out.
void wake_all(Farm& farm)
{
    std::erase_if(farm.resting, [&](NodeId id) {
        auto& node = farm.nodes.at(id);
        if (node.record.draining)
            return false;
        node.record.power.state = farm::NodePower::State::awake;
        node.present = true;
        node.lease_until = Mono();
        return true;
    });
}

Course course_of(Farm const& farm, Now now, Policy const& policy, ForecastLimits const& limits)
{
    auto course = [&] {
        if (places_of(farm) > static_cast<double>(limits.places))
            return sampled(farm, now, policy, static_cast<double>(limits.places));
        Course whole { farm, now, policy, {} };
        wake_all(whole.farm);
        take_seats_as_they_are(whole.farm, farm, now.wall);
        drop_the_past(whole.farm);
        return whole;
    }();
    course.lengths = measured_lengths(farm);
    // What goes ahead of a node changes when a task starts by a few milliseconds.
    course.policy.max_ahead = 0;
    return course;
}

// How far a sample of the farm lies off for a single job in nine cases of ten, as a part of the
// time that it tells: the scenario FORETOLD_SAMPLE measures it. For the whole farm it lies closer.
constexpr double sample_error = 0.15;

template<typename Map, typename Key>
Finish finish_of(std::vector<Map> const& runs, Key const& key, double part)
{
    std::vector<Duration> times;
    for (auto const& run : runs) {
        auto const found = run.find(key);
        times.push_back(found == run.end() ? Duration::max() : found->second);
    }
    std::sort(times.begin(), times.end());
    auto const at = [&](double quantile) -> std::optional<Duration> {
        auto const rank = std::ceil(quantile * static_cast<double>(times.size()));
        auto const time = times[static_cast<std::size_t>(std::max(rank, 1.0)) - 1];
        return time == Duration::max() ? std::nullopt : std::optional(time);
    };
    Finish finish { at(0.5), at(0.9) };
    if (part < 1 && finish.p50 && finish.p90)
        finish.p90 = std::max(
            *finish.p90, std::chrono::duration_cast<Duration>(*finish.p50 * (1 + sample_error)));
    return finish;
}

// All runs' results, by subject.
struct Results {
    std::vector<std::map<JobId, Duration>> jobs;
    std::vector<std::map<StepKey, Duration>> steps;
    // The last job of each run.
    std::vector<std::map<int, Duration>> all;
    std::vector<double> energy_wh;
    std::vector<Money> cost;

    void add(Arrivals arrivals, std::size_t open_jobs)
    {
        all.emplace_back();
        if (arrivals.jobs.size() >= open_jobs) {
            Duration last {};
            for (auto const& [id, time] : arrivals.jobs)
                last = std::max(last, time);
            all.back()[0] = last;
        }
        jobs.push_back(std::move(arrivals.jobs));
        steps.push_back(std::move(arrivals.steps));
        energy_wh.push_back(arrivals.energy_wh);
        cost.push_back(arrivals.cost);
    }
};

template<typename Value>
Value middle(std::vector<Value> values)
{
    std::sort(values.begin(), values.end());
    return values[values.size() / 2];
}

JobForecast job_forecast(Course const& course, Results const& results, farm::Job const& job)
{
    JobForecast forecast;
    forecast.job = job.record.id;
    forecast.finish = finish_of(results.jobs, job.record.id, course.part);
    for (std::uint32_t i = 0; i < job.steps.size(); ++i) {
        StepKey const key { job.record.id, i };
        forecast.steps.push_back(
            { finish_of(results.steps, key, course.part), course.lengths.at(key).measured });
    }
    auto const& deadline = job.record.scheduling.deadline;
    if (!deadline)
        return forecast;
    auto const in_time = std::count_if(
        results.jobs.begin(), results.jobs.end(), [&](std::map<JobId, Duration> const& run) {
            auto const found = run.find(job.record.id);
            return found != run.end() && course.now.wall + found->second <= *deadline;
        });
    forecast.on_time = static_cast<double>(in_time) / static_cast<double>(results.jobs.size());
    return forecast;
}

}

JobForecast const* Forecast::job(JobId id) const
{
    auto const found = std::find_if(
        jobs.begin(), jobs.end(), [&](JobForecast const& known) { return known.job == id; });
    return found == jobs.end() ? nullptr : &*found;
}

Forecast forecast(Farm const& farm, Now now, Policy const& policy, ForecastLimits const& limits)
{
    Forecast result;
    auto course = course_of(farm, now, policy, limits);
    result.part = course.part;
    for (auto const id : farm.open_jobs)
        result.jobs.push_back({ id, {}, {}, {} });
    result.measured = mean_of(course.lengths, std::nullopt) > 0;
    if (!result.measured || result.jobs.empty())
        return result;
    auto const pieces = cut_all(course, limits);
    // A sample is for those who would wait long otherwise.
    auto const all_pieces = static_cast<double>(limits.all_pieces) * (course.part < 1 ? 0.5 : 1);
    auto const affordable = all_pieces / std::max(pieces, 1.0);
    result.runs = static_cast<std::uint32_t>(
        std::clamp<double>(affordable, limits.least_runs, limits.runs));
    Results results;
    for (std::uint32_t i = 0; i < result.runs; ++i)
        results.add(RunAhead(course, i + 1).run(), farm.open_jobs.size());
    for (auto& job : result.jobs)
        job = job_forecast(course, results, farm.jobs.at(job.job));
    result.farm = finish_of(results.all, 0, 1);
    result.energy_wh = middle(results.energy_wh);
    result.cost = middle(results.cost);
    return result;
}

}
