// Who gets how much.
#include <sim/scenario_list.h>
#include <sim/stage.h>

#include <algorithm>
#include <cmath>
#include <vector>

namespace sidereal::sim {

namespace {

using namespace std::chrono_literals;
using std::chrono::hours;

Finding priority(std::uint64_t seed)
{
    Stage stage(seed);
    add_nodes(stage, 25, { 8, 64 });
    std::vector<JobId> jobs;
    for (int level = 0; level < 8; ++level)
        jobs.push_back(stage.submit({ .tasks = 5000, .priority = level * 10 }));
    stage.run_for(hours(4));
    // Spearman's rank correlation between priority and what the job got.
    std::vector<std::size_t> ranks(jobs.size());
    for (std::size_t i = 0; i < jobs.size(); ++i)
        ranks[i] = static_cast<std::size_t>(std::count_if(jobs.begin(), jobs.end(),
            [&](JobId other) { return stage.vcpu_hours(other) < stage.vcpu_hours(jobs[i]); }));
    double squares = 0;
    for (std::size_t i = 0; i < ranks.size(); ++i)
        squares += std::pow(static_cast<double>(ranks[i]) - static_cast<double>(i), 2);
    auto const n = static_cast<double>(ranks.size());
    return within(1 - 6 * squares / (n * (n * n - 1)), { 0.99, 1 }, "rank correlation");
}

Finding priority_starving(std::uint64_t seed)
{
    Stage stage(seed);
    add_nodes(stage, 25, { 8, 64 });
    auto const low = stage.submit({ .tasks = 5000 });
    for (int i = 0; i < 5; ++i)
        stage.submit({ .tasks = 5000, .priority = 80 });
    stage.run_for(hours(4));
    auto const part = stage.vcpu_hours(low) / (200 * 4);
    return within(part * 100, { 3, 100 }, "% of the farm for the lowest priority:");
}

Finding folder(std::uint64_t seed)
{
    Stage stage(seed);
    add_nodes(stage, 20, { 8, 32 });
    stage.rule("projects:\n- {name: film, max_vcpus: 100}\n- {name: film/a, max_vcpus: 30}\n"
               "- {name: film/b}\n");
    auto const a = stage.submit({ .tasks = 2000, .project = "film/a" });
    auto const b = stage.submit({ .tasks = 2000, .project = "film/b" });
    double over = 0;
    stage.watch = [&](Stage const& now) {
        over = std::max({ over, now.vcpus_of(a) - 30, now.vcpus_of(a) + now.vcpus_of(b) - 100 });
    };
    stage.run_for(hours(2));
    auto finding = within(over, { 0, 0 }, "vcpus over a ceiling:");
    finding.holds = finding.holds && stage.vcpus_of(a) == 30 && stage.vcpus_of(b) == 70;
    return finding;
}

Finding show_tier(std::uint64_t seed)
{
    Stage stage(seed);
    add_nodes(stage, 25, { 8, 64 });
    stage.rule("projects: [{name: a, weight: 1}, {name: b, weight: 2}, {name: c, weight: 5}]\n");
    JobId jobs[3];
    for (int i = 0; i < 3; ++i)
        jobs[i] = stage.submit(
            { .tasks = 20'000, .project = std::string(1, static_cast<char>('a' + i)) });
    stage.run_for(hours(6));
    double sum = 0;
    for (auto const job : jobs)
        sum += stage.vcpu_hours(job);
    double const entitled[] = { 1.0 / 8, 2.0 / 8, 5.0 / 8 };
    double worst = 0;
    for (int i = 0; i < 3; ++i)
        worst = std::max(worst, std::abs(stage.vcpu_hours(jobs[i]) / sum - entitled[i]));
    return within(worst * 100, { 0, 2 }, "points off the entitlement:");
}

constexpr Scenario table[] = {
    { "PRIORITY", "more priority gets more", priority },
    { "PRIORITY_STARVING", "the lowest priority still gets something", priority_starving },
    { "FOLDER", "ceilings of nested projects hold", folder },
    { "SHOWTIER", "projects get what their weights entitle them to", show_tier },
};

}

std::span<Scenario const> shares_scenarios() { return table; }

}
