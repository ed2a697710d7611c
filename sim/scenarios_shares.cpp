// Who gets how much.
#include <sim/scenario_list.h>
#include <sim/stage.h>

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <map>
#include <string>
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

// Projects with weights as drawn, all with work all the time.
Finding converge(std::uint64_t seed)
{
    Prng draw(seed);
    double worst = 0;
    for (int farms = 0; farms < 12; ++farms) {
        Stage stage(draw.next());
        add_nodes(stage, 16, { 8, 64 });
        std::string rules = "projects: [";
        std::vector<double> weights;
        std::vector<JobId> jobs;
        auto const projects = draw.between(2, 5);
        double all_weights = 0;
        for (std::int64_t i = 0; i < projects; ++i) {
            weights.push_back(static_cast<double>(draw.between(1, 9)));
            all_weights += weights.back();
            rules += fmt::format(
                "{}{{name: p{}, weight: {}}}", i > 0 ? ", " : "", i, weights.back());
        }
        stage.rule(rules + "]\n");
        for (std::int64_t i = 0; i < projects; ++i)
            jobs.push_back(stage.submit({ .tasks = 50'000,
                .project = fmt::format("p{}", i),
                .task = { std::chrono::seconds(draw.between(60, 900)), 0.3 } }));
        stage.run_for(hours(8));
        double sum = 0;
        for (auto const job : jobs)
            sum += stage.vcpu_hours(job);
        for (std::size_t i = 0; i < jobs.size(); ++i)
            worst = std::max(
                worst, std::abs(stage.vcpu_hours(jobs[i]) / sum - weights[i] / all_weights));
    }
    return within(worst * 100, { 0, 3 }, "points off the entitlement after 8 h, at worst:");
}

// Whoever comes into a full farm, of whatever project, priority and width up to a whole node, while
// others hand in more than the farm can do.
Finding nobody_waits_for_ever(std::uint64_t seed)
{
    Prng draw(seed);
    double worst_h = 0;
    for (int farms = 0; farms < 10; ++farms) {
        Stage stage(draw.next());
        add_nodes(stage, 10, { 8, 64 });
        stage.rule("projects: [{name: film, weight: 9}, {name: lab}]\n");
        std::map<JobId, Wall> waiting;
        for (int minute = 0; minute < 720; minute += 5) {
            stage.submit({ .tasks = 120,
                .project = "film",
                .priority = 100,
                .task = { std::chrono::seconds(draw.between(60, 1200)), 0.3 } });
            if (minute % 60 == 30)
                waiting[stage.submit({ .tasks = 2,
                    .wants = { { "worker.vcpu", static_cast<double>(draw.between(1, 8)) } },
                    .project = draw.chance(0.5) ? "lab" : "film",
                    .priority = static_cast<int>(draw.between(-100, 100)) })]
                    = stage.now.wall;
            stage.run_for(5min);
            std::erase_if(waiting, [&](auto const& entry) {
                auto const begun = stage.vcpus_of(entry.first) > 0 || stage.done(entry.first) > 0;
                auto const hours_waited = to_seconds(stage.now.wall - entry.second) / 3600;
                worst_h = std::max(worst_h, hours_waited);
                return begun;
            });
        }
    }
    return within(worst_h, { 0, 1 }, "hours until it began, at most:");
}

// Nodes hold more of what they run ahead of its turn if it is short; whoever comes later must get
// its part all the same.
Finding ahead(std::uint64_t seed)
{
    double worst_part = 1;
    double worst_wait_s = 0;
    for (auto const enter : { 0s, 8s }) {
        Stage stage(seed);
        add_nodes(stage, 4, { 8, 64 });
        TaskShape const task { .run_time = enter == 0s ? Duration(10ms) : Duration(2s),
            .enter = enter };
        auto const length = enter == 0s ? Duration(30s) : Duration(30min);
        stage.submit({ .tasks = 1'000'000, .project = "first", .task = task });
        stage.run_for(length);
        auto const begin = stage.now.wall;
        auto const other = stage.submit({ .tasks = 1'000'000, .project = "second", .task = task });
        auto const wide = stage.submit({ .tasks = 4,
            .wants = { { "worker.vcpu", 8 } },
            .project = "third",
            .task = { .run_time = 10s } });
        stage.run_for(length);
        auto const used = stage.vcpu_hours(other) * 3600 / (32 * to_seconds(length));
        worst_part = std::min(worst_part, used);
        auto const wide_done = stage.finished_after(wide);
        worst_wait_s = std::max(worst_wait_s,
            wide_done ? to_seconds(*wide_done - (begin - Wall(hours(500'000)))) : 1e9);
    }
    auto finding = within(worst_part * 100, { 45, 100 }, "% of the farm for who comes second:");
    finding.measured += fmt::format("; four whole nodes took {:.0f} s at most", worst_wait_s);
    finding.holds = finding.holds && worst_wait_s < 600;
    return finding;
}

constexpr Scenario table[] = {
    { "AHEAD", "short tasks that nodes hold ahead of their turn keep nobody out", ahead },
    { "PRIORITY", "more priority gets more", priority },
    { "PRIORITY_STARVING", "the lowest priority still gets something", priority_starving },
    { "FOLDER", "ceilings of nested projects hold", folder },
    { "SHOWTIER", "projects get what their weights entitle them to", show_tier },
    { "CONVERGE", "and so they do whatever the weights are", converge },
    { "NOBODY_WAITS", "whatever comes into a full farm begins within a bound",
        nobody_waits_for_ever },
};

}

std::span<Scenario const> shares_scenarios() { return table; }

}
