// How good the plan is, and what it foretells.
#include <sched/forecast.h>
#include <sched/queue.h>
#include <sim/optimum.h>
#include <sim/scenario_list.h>
#include <sim/stage.h>

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
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

Finding foretold(std::uint64_t seed)
{
    // Forecasts of 60 farms against what then happens, job by job.
    Prng draw(seed);
    std::vector<double> errors;
    double jobs = 0;
    double in_time = 0;
    for (int i = 0; i < 60; ++i) {
        auto stage = some_farm(draw);
        auto const asked_at = stage.now.wall;
        auto const seen = sched::forecast(stage.farm, stage.now, stage.policy);
        stage.run_until_done(hours(1000));
        for (auto const& job : seen.jobs) {
            auto const took = *stage.farm.jobs.at(job.job).record.ended_at - asked_at;
            auto const p50 = job.finish.p50.value_or(0s);
            errors.push_back(std::abs(to_seconds(p50) / to_seconds(took) - 1));
            in_time += job.finish.p90 && took <= *job.finish.p90 ? 1 : 0;
            ++jobs;
        }
    }
    std::sort(errors.begin(), errors.end());
    auto const error = 100 * errors[errors.size() / 2];
    auto const part = 100 * in_time / jobs;
    return { error <= 7 && part >= 80,
        fmt::format("{:.0f} jobs; p50 off by {:.1f} % in the median; {:.0f} % done by p90", jobs,
            error, part),
        "7 %; at least 80 %" };
}

constexpr Scenario table[] = {
    { "OPTIMUM", "near the best that could be done by who knew all run times", near_optimum },
    { "FORETOLD", "forecasts come true", foretold },
};

}

std::span<Scenario const> foresight_scenarios() { return table; }

}
