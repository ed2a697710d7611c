// How good the plan is, and what it foretells.
#include <sched/forecast.h>
#include <sched/queue.h>
#include <sim/optimum.h>
#include <sim/scenario_list.h>
#include <sim/stage.h>

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <vector>

namespace sidereal::sim {

namespace {

using namespace std::chrono_literals;
using std::chrono::hours;

Finding near_optimum(std::uint64_t seed)
{
    Prng draw(seed);
    double makespan = 0;
    double weighted = 0;
    double worst = 0;
    constexpr int farms = 300;
    for (int i = 0; i < farms; ++i) {
        Stage stage(draw.next());
        auto const nodes = draw.between(2, 3);
        add_nodes(stage, static_cast<int>(nodes), { 1, 4 });
        std::vector<KnownTask> tasks;
        std::vector<JobId> jobs;
        for (auto count = draw.between(4, 8); count > 0; --count) {
            auto const length = draw.between(60, 3600);
            auto const priority = static_cast<int>(draw.between(-3, 3)) * 20;
            jobs.push_back(stage.submit(
                { .priority = priority, .task = { std::chrono::seconds(length), 0 } }));
            tasks.push_back({ static_cast<double>(length), sched::weight_of_priority(priority) });
        }
        stage.run_until_done(hours(100));
        auto const best = optimum(tasks, static_cast<std::size_t>(nodes));
        double last = 0;
        double sum = 0;
        for (std::size_t job = 0; job < jobs.size(); ++job) {
            auto const end = to_seconds(stage.finished_after(jobs[job]).value_or(hours(1000)));
            last = std::max(last, end);
            sum += end * tasks[job].weight;
        }
        makespan += last / best.makespan_s / farms;
        weighted += sum / best.weighted_ends_s / farms;
        worst = std::max(worst, last / best.makespan_s);
    }
    return { makespan <= 1.2 && worst <= 2 && weighted <= 1.3,
        fmt::format("{} farms; makespan {:.1f} % over the optimum in the mean, {:.0f} % at worst; "
                    "weighted completion {:.1f} % over it",
            farms, 100 * (makespan - 1), 100 * (worst - 1), 100 * (weighted - 1)),
        "20 % and 100 %; 30 %" };
}

Stage some_farm(Prng& draw)
{
    Stage stage(draw.next());
    auto const nodes = draw.between(3, 12);
    for (std::int64_t i = 0; i < nodes; ++i)
        stage.add_node({ static_cast<double>(draw.between(2, 16)), 64 });
    auto const jobs = draw.between(2, 5);
    for (std::int64_t i = 0; i < jobs; ++i) {
        JobShape shape;
        shape.tasks = static_cast<std::uint64_t>(draw.between(20, 400));
        shape.wants.set(farm::Amounts::Kind::vcpu, static_cast<double>(draw.between(1, 2)));
        shape.priority = static_cast<int>(draw.between(-50, 50));
        shape.task = { std::chrono::seconds(draw.between(30, 1200)), 0.1 + draw.unit() / 2 };
        shape.then_tasks = draw.chance(0.3) ? 30 : 0;
        stage.submit(shape);
    }
    stage.run_for(std::chrono::minutes(draw.between(20, 60)));
    return stage;
}

// A bigger one, which a forecast may thin out.
Stage big_farm(Prng& draw)
{
    Stage stage(draw.next());
    stage.rule("projects: [{name: film, weight: 3}, {name: ad, max_vcpus: 300}, {name: lab}]\n");
    add_nodes(stage, 40, { 16, 128 });
    add_nodes(stage, 10, { 32, 256 });
    char const* const projects[] = { "film", "ad", "lab" };
    for (auto jobs = draw.between(8, 14); jobs > 0; --jobs) {
        JobShape shape;
        shape.tasks = static_cast<std::uint64_t>(draw.between(300, 2500));
        shape.wants.set(farm::Amounts::Kind::vcpu, static_cast<double>(draw.between(1, 2)));
        shape.project = projects[draw.below(3)];
        shape.priority = static_cast<int>(draw.between(-20, 20));
        shape.task = { std::chrono::seconds(draw.between(120, 1200)), 0.1 + draw.unit() / 2 };
        stage.submit(shape);
    }
    stage.run_for(std::chrono::minutes(draw.between(20, 40)));
    return stage;
}

// Forecasts against what then happens, job by job.
struct Truth {
    std::vector<double> errors;
    double in_time { 0 };
    double part { 0 };

    void compare(Stage stage, sched::ForecastLimits const& limits)
    {
        auto const asked_at = stage.now.wall;
        auto const seen = sched::forecast(stage.farm, stage.now, stage.policy, limits);
        part = std::max(part, seen.part);
        stage.run_until_done(hours(1000));
        for (auto const& job : seen.jobs) {
            auto const took = *stage.farm.jobs.at(job.job).record.ended_at - asked_at;
            auto const p50 = job.finish.p50.value_or(0s);
            errors.push_back(std::abs(to_seconds(p50) / to_seconds(took) - 1));
            in_time += job.finish.p90 && took <= *job.finish.p90 ? 1 : 0;
        }
    }

    Finding finding(double most_error, double least_in_time)
    {
        std::sort(errors.begin(), errors.end());
        auto const error = 100 * errors[errors.size() / 2];
        auto const in_time_part = 100 * in_time / static_cast<double>(errors.size());
        return { error <= most_error && in_time_part >= least_in_time,
            fmt::format("{} jobs; p50 off by {:.1f} % in the median; {:.0f} % done by p90",
                errors.size(), error, in_time_part),
            fmt::format("{:g} %; at least {:g} %", most_error, least_in_time) };
    }
};

Finding foretold(std::uint64_t seed)
{
    Prng draw(seed);
    Truth truth;
    for (int i = 0; i < 60; ++i)
        truth.compare(some_farm(draw), {});
    return truth.finding(7, 80);
}

Finding foretold_by_sample(std::uint64_t seed)
{
    Prng draw(seed);
    Truth truth;
    for (int i = 0; i < 10; ++i)
        truth.compare(big_farm(draw), { .runs = 10, .places = 160 });
    auto finding = truth.finding(12, 80);
    finding.holds = finding.holds && truth.part <= 0.25;
    finding.measured += fmt::format(", from {:g} % of the farm", 100 * truth.part);
    return finding;
}

// The same work on more and more nodes: how much later it ends at worst, in lengths of its longest
// task. One of them may always go astray at the end (Graham, 1966).
Finding more_nodes(std::uint64_t seed)
{
    Prng draw(seed);
    double worst = 0;
    for (int farms = 0; farms < 60; ++farms) {
        std::vector<JobShape> jobs;
        double longest_s = 0;
        for (auto count = draw.between(2, 6); count > 0; --count) {
            auto const length = draw.between(60, 1800);
            longest_s = std::max(longest_s, static_cast<double>(length));
            jobs.push_back({ .tasks = static_cast<std::uint64_t>(draw.between(1, 40)),
                .wants = { { "worker.vcpu", static_cast<double>(draw.between(1, 4)) } },
                .priority = static_cast<int>(draw.between(-40, 40)),
                .task = { .run_time = std::chrono::seconds(length), .spread = 0 } });
        }
        auto const work_seed = draw.next();
        double soonest = std::numeric_limits<double>::infinity();
        for (int nodes = 1; nodes <= 6; ++nodes) {
            Stage stage(work_seed);
            add_nodes(stage, nodes, { 4, 32 });
            for (auto const& job : jobs)
                stage.submit(job);
            stage.run_until_done(hours(1000));
            auto const ends = to_seconds(stage.now.wall.time_since_epoch() - hours(500'000));
            worst = std::max(worst, (ends - soonest) / longest_s);
            soonest = std::min(soonest, ends);
        }
    }
    return within(
        worst, { 0, 1 }, "later with more nodes, in lengths of the longest task, at most:");
}

constexpr Scenario table[] = {
    { "OPTIMUM", "near the best that could be done by who knew all run times", near_optimum },
    { "FORETOLD", "forecasts come true", foretold },
    { "FORETOLD_SAMPLE", "and so they do if only a part of the farm is run", foretold_by_sample },
    { "MORE_NODES", "more nodes never end later by more than a task", more_nodes },
};

}

std::span<Scenario const> foresight_scenarios() { return table; }

}
