#include <sched/forecast.h>
#include <sched/queue.h>
#include <sim/optimum.h>
#include <sim/scenario.h>
#include <sim/stage.h>

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <iterator>

namespace sidereal::sim {

namespace {

using namespace std::chrono_literals;
using std::chrono::hours;

void add_nodes(Stage& stage, int count, NodeShape const& shape)
{
    for (int i = 0; i < count; ++i)
        stage.add_node(shape);
}

Finding part_of_bound(double measured, double least, double most, std::string_view what)
{
    return { measured >= least && measured <= most, fmt::format("{} {:.3g}", what, measured),
        fmt::format("{:.3g} to {:.3g}", least, most) };
}

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
    return part_of_bound(1 - 6 * squares / (n * (n * n - 1)), 0.99, 1, "rank correlation");
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
    return part_of_bound(part * 100, 3, 100, "% of the farm for the lowest priority:");
}

Finding reservations(std::uint64_t seed)
{
    Stage stage(seed);
    add_nodes(stage, 10, { 16, 64 });
    stage.submit({ .tasks = 5000, .task = { 10min } });
    stage.run_for(hours(1));
    auto const wide = stage.submit(
        { .tasks = 5, .wants = { { "worker.vcpu", 16 } }, .priority = 20, .task = { 10min } });
    auto const begin = stage.now.wall;
    double idle_vcpu_s = 0;
    while (stage.done(wide) < 5 && stage.now.wall - begin < 12h) {
        idle_vcpu_s += (160 - stage.vcpus_in_use()) * 60;
        stage.run_for(1min);
    }
    auto const took_h = to_seconds(stage.now.wall - begin) / 3600;
    auto const idle = idle_vcpu_s / (160 * to_seconds(stage.now.wall - begin)) * 100;
    auto finding = part_of_bound(took_h, 0, 2, "hours until five whole nodes were given:");
    finding.measured += fmt::format(", {:.0f} % of the farm idle meanwhile", idle);
    finding.holds = finding.holds && idle < 30;
    return finding;
}

Finding limit(std::uint64_t seed)
{
    Stage stage(seed);
    add_nodes(stage, 10, { 8, 32 });
    stage.rule("limits: [{name: maya, seats: 7}]\n");
    auto const job = stage.submit({ .tasks = 200, .wants = { { "limit.maya", 1 } } });
    auto const other = stage.submit({ .tasks = 2000 });
    double most = 0;
    stage.watch = [&](Stage const& now) { most = std::max(most, now.vcpus_of(job)); };
    stage.run_for(hours(2));
    auto finding = part_of_bound(most, 7, 7, "seats in use at most:");
    finding.holds = finding.holds && stage.vcpus_of(other) == 73;
    return finding;
}

Finding license_hosts(std::uint64_t seed)
{
    Stage stage(seed);
    add_nodes(stage, 10, { 8, 32 });
    stage.rule("limits: [{name: nuke, seats: 6, soft_seats: 4, counted_by: node}]\n");
    auto const job = stage.submit({ .tasks = 2000, .wants = { { "limit.nuke", 1 } } });
    std::size_t most = 0;
    stage.watch = [&](Stage const& now) {
        most = std::max(most, now.farm.jobs.at(job).on_nodes.size());
    };
    stage.run_for(hours(2));
    auto finding = part_of_bound(static_cast<double>(most), 4, 4, "nodes with a seat:");
    finding.holds = finding.holds && stage.vcpus_of(job) == 32;
    return finding;
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
    auto finding = part_of_bound(over, 0, 0, "vcpus over a ceiling:");
    finding.holds = finding.holds && stage.vcpus_of(a) == 30 && stage.vcpus_of(b) == 70;
    return finding;
}

Finding depends(std::uint64_t seed)
{
    Stage stage(seed);
    add_nodes(stage, 10, { 8, 32 });
    std::vector<JobId> jobs;
    for (int i = 0; i < 20; ++i) {
        std::string scheduling = i % 2 == 0 ? "steps: {B: {after_tasks: [{step: A}]}}\n" : "";
        if (i > 0)
            scheduling += fmt::format(
                "after_jobs: [{{job: {}}}]\n", jobs[static_cast<std::size_t>(i / 2)].value);
        jobs.push_back(stage.submit(
            { .tasks = 40, .scheduling = scheduling, .task = { 1min }, .then_tasks = 40 }));
    }
    std::uint64_t early = 0;
    stage.watch = [&](Stage const& now) {
        for (auto const& [id, attempt] : now.farm.attempts) {
            auto const& job = now.farm.jobs.at(attempt.record.job);
            auto const& edges = job.record.scheduling.after_jobs;
            auto const ready = edges.empty() || now.farm.jobs.at(edges[0].job).ended();
            early += ready && farm::task_inputs_ready(job, attempt.record.step, attempt.record.task)
                    && farm::inputs_ready(job, attempt.record.step)
                ? 0u
                : 1u;
        }
    };
    auto const all = stage.run_until_done(hours(24));
    auto finding = part_of_bound(static_cast<double>(early), 0, 0, "tasks that ran early:");
    finding.holds = finding.holds && all;
    return finding;
}

Finding gpu_strand(std::uint64_t seed)
{
    Stage stage(seed);
    add_nodes(stage, 4, { 16, 64, 4 });
    add_nodes(stage, 4, { 16, 64 });
    auto const cpu = stage.submit({ .tasks = 5000, .task = { 20min } });
    stage.run_for(hours(1));
    auto const gpu = stage.submit({ .tasks = 400,
        .wants = { { "worker.gpu", 1 }, { "worker.vcpu", 2 } },
        .task = { 10min } });
    stage.run_for(1h);
    auto const busy = stage.vcpus_of(gpu) / 2;
    auto finding = part_of_bound(busy, 16, 16, "GPUs of 16 at work an hour later:");
    finding.holds = finding.holds && stage.vcpus_of(cpu) == 64 + 32;
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
    return part_of_bound(worst * 100, 0, 2, "points off the entitlement:");
}

Finding solo_fill(std::uint64_t seed)
{
    auto const filled = [&](int jobs) {
        Stage stage(seed);
        add_nodes(stage, 50, { 16, 64 });
        for (int i = 0; i < jobs; ++i)
            stage.submit({ .tasks = 5000u / static_cast<unsigned>(jobs) });
        stage.run_for(1s);
        return stage.vcpus_in_use() / 800;
    };
    return part_of_bound(filled(1) / filled(50), 0.999, 1.001, "one step fills to what 50 do:");
}

Finding pin(std::uint64_t seed)
{
    Stage stage(seed);
    add_nodes(stage, 10, { 8, 32 });
    auto const job = stage.submit(
        { .tasks = 100, .scheduling = "steps: {A: {nodes: [node-3, node-1*]}}" });
    std::set<NodeId> seen;
    stage.watch = [&](Stage const& now) {
        for (auto const& [id, tasks] : now.farm.jobs.at(job).on_nodes)
            seen.insert(id);
    };
    auto const all = stage.run_until_done(hours(24));
    return { all && seen == (std::set<NodeId> { { 1 }, { 3 }, { 10 } }),
        fmt::format("{} nodes used", seen.size()), "node-3, node-1 and node-10 only" };
}

Finding oom(std::uint64_t seed)
{
    Stage stage(seed);
    stage.enforce_memory = true;
    add_nodes(stage, 10, { 8, 32 });
    auto const job = stage.submit({ .tasks = 1000, .task = { 5min, 0.2, 9000 } });
    auto const all = stage.run_until_done(hours(48));
    auto finding = part_of_bound(static_cast<double>(stage.killed_for_memory), 0, 100,
        "kills for memory on the way to 1,000 tasks:");
    finding.holds = finding.holds && all && stage.done(job) == 1000;
    return finding;
}

// The template says 1 GiB, the tasks take 6.
Finding memory_lie(std::uint64_t seed)
{
    Stage stage(seed);
    add_nodes(stage, 10, { 8, 32 });
    stage.submit(
        { .tasks = 1000, .wants = { { "worker.memory", 1024 } }, .task = { 5min, 0.2, 6000 } });
    stage.run_for(hours(2));
    double most = 0;
    for (auto const& [id, node] : stage.farm.nodes)
        most = std::max(most, static_cast<double>(node.occupying.size()) * 6000 / (32 * 1024));
    return part_of_bound(most, 0, 1, "of a node's memory really in use at most:");
}

Finding breaker_trip(std::uint64_t seed)
{
    Stage stage(seed);
    add_nodes(stage, 8, { 8, 32, 0, { 100, 700, 0.3, 0 } });
    stage.rule("circuits: [{name: wall, breaker_w: 3680, nodes: [node-*]}]\n");
    stage.submit({ .tasks = 500 });
    double most = 0;
    stage.watch = [&](Stage const& now) { most = std::max(most, now.watts()); };
    stage.run_for(hours(3));
    return part_of_bound(most / 3680 * 100, 77, 80, "% of the breaker at most:");
}

Finding heat_wave(std::uint64_t seed)
{
    Stage stage(seed);
    add_nodes(stage, 8, { 8, 32, 0, { 100, 700, 0.3, 0 } });
    stage.rule("rooms: [{name: attic, cooling_w: 5600, nodes: ['*']}]\n");
    auto const job = stage.submit({ .tasks = 1000 });
    stage.run_for(hours(1));
    auto const before = stage.watts();
    stage.rule("rooms: [{name: attic, cooling_w: 2000, nodes: ['*']}]\n");
    stage.run_for(hours(1));
    auto finding = part_of_bound(
        stage.watts(), 1900, 2000, "W an hour after cooling fell to 2 kW:");
    stage.rule("");
    finding.holds = finding.holds && before > 5500 && stage.run_until_done(hours(24))
        && stage.done(job) == 1000;
    return finding;
}

Finding million_frames(std::uint64_t seed)
{
    Stage stage(seed);
    add_nodes(stage, 100, { 64, 256 });
    auto const job = stage.submit({ .tasks = 1'000'000, .scheduling = "order: preview" });
    stage.run_for(1h);
    auto const fill = stage.vcpus_of(job) / 6400 * 100;
    return part_of_bound(fill, 99, 100, "% of the farm at work:");
}

Finding completion_storm(std::uint64_t seed)
{
    Stage stage(seed);
    add_nodes(stage, 100, { 32, 128 });
    auto const job = stage.submit({ .tasks = 20'000, .task = { 1min, 0 } });
    auto const all = stage.run_until_done(hours(1));
    auto const took = to_seconds(stage.finished_after(job).value_or(0s)) / 60;
    auto finding = part_of_bound(took, 7, 7, "minutes for 6.25 waves that end together:");
    finding.holds = finding.holds && all;
    return finding;
}

Finding forward(std::uint64_t seed)
{
    // Work that fits nowhere must not keep the work behind it from running.
    Stage stage(seed);
    add_nodes(stage, 10, { 8, 32 });
    for (int i = 0; i < 50; ++i)
        stage.submit({ .tasks = 100, .wants = { { "worker.vcpu", 64 } }, .priority = 100 });
    auto const job = stage.submit({ .tasks = 1000, .priority = -100 });
    stage.run_for(1s);
    return part_of_bound(stage.vcpus_of(job), 80, 80, "vcpus at work behind 50 stuck jobs:");
}

Finding failover(std::uint64_t seed)
{
    // Half of the nodes go away in the middle; what they ran runs again, nothing is failed for it.
    Stage stage(seed);
    add_nodes(stage, 10, { 8, 32 });
    auto const job = stage.submit({ .tasks = 1000 });
    stage.run_for(30min);
    for (std::uint64_t node = 1; node <= 5; ++node)
        stage.remove_node({ node });
    auto const all = stage.run_until_done(hours(24));
    auto const hours_taken = to_seconds(stage.finished_after(job).value_or(0s)) / 3600;
    auto finding = part_of_bound(hours_taken, 0, 2.2, "hours for 83 vcpu-hours on 80, then 40:");
    finding.holds = finding.holds && all && stage.done(job) == 1000;
    return finding;
}

Finding preempt(std::uint64_t seed)
{
    // Urgent work comes into a full farm whose tasks take two hours.
    Stage stage(seed);
    add_nodes(stage, 20, { 8, 32 });
    stage.rule("preemption: {from: urgent}\n");
    stage.submit({ .tasks = 2000, .task = { 2h } });
    stage.run_for(hours(5));
    double age_s = 0;
    for (auto const& [id, attempt] : stage.farm.attempts)
        age_s += to_seconds(stage.now.wall - attempt.record.leased_at);
    auto const mean_age_s = age_s / static_cast<double>(stage.farm.attempts.size());
    auto const before = stage.stopped;
    auto const urgent = stage.submit({ .tasks = 32, .scheduling = "tier: urgent" });
    stage.run_for(1min);
    auto const running = stage.vcpus_of(urgent);
    auto finding = part_of_bound(running, 32, 32, "urgent tasks of 32 at work a minute later:");
    auto const lost = stage.lost_vcpu_s / static_cast<double>(stage.stopped) / mean_age_s;
    finding.measured += fmt::format(
        ", {} stopped for it, with {:.0f} % of what tasks had done in the mean", stage.stopped,
        lost * 100);
    finding.holds = finding.holds && before == 0 && stage.stopped <= 32 && lost < 0.67
        && stage.run_until_done(hours(48));
    return finding;
}

Finding drain_not_kill(std::uint64_t seed)
{
    // Where tasks end every moment, nothing needs to be stopped.
    Stage stage(seed);
    add_nodes(stage, 20, { 8, 32 });
    stage.rule("preemption: {from: urgent}\n");
    stage.submit({ .tasks = 20'000, .task = { 40s } });
    stage.run_for(hours(1));
    auto const urgent = stage.submit(
        { .tasks = 10, .wants = { { "worker.vcpu", 4 } }, .scheduling = "tier: urgent" });
    stage.run_for(90s);
    auto finding = part_of_bound(static_cast<double>(stage.stopped), 0, 0,
        "tasks of 40 s stopped for work that can wait as long:");
    finding.holds = finding.holds && stage.vcpus_of(urgent) == 40;
    return finding;
}

Finding license_server(std::uint64_t seed)
{
    // Others take seats of the same server; the farm hears of it once a minute.
    Stage stage(seed);
    add_nodes(stage, 10, { 8, 32 });
    stage.rule("limits: [{name: maya, seats: 20, poll: {command: [lmstat], every_s: 60, "
               "pattern: '(?P<used>[0-9]+)'}}]\n");
    auto const job = stage.submit({ .tasks = 2000, .wants = { { "limit.maya", 1 } } });
    double most = 0;
    double used = 0;
    for (int minute = 0; minute < 240; ++minute) {
        // Artists come in the morning and go in the evening.
        auto const others = minute < 60 || minute > 180 ? 0 : 12;
        stage.settle("maya", stage.vcpus_of(job) + others);
        stage.run_for(1min);
        // Tasks that ran when they came go on to their end.
        if (minute > 70)
            most = std::max(most, stage.vcpus_of(job) + others);
        used += minute > 200 ? stage.vcpus_of(job) / 39 : 0;
    }
    auto finding = part_of_bound(most, 18, 20, "seats in use of 20, artists' among them, at most:");
    finding.measured += fmt::format(", {:.3g} in the mean when they have gone", used);
    finding.holds = finding.holds && used > 16;
    return finding;
}

// How far off the best that anybody could do who knew all run times, which the scheduler does not.
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

// A farm and its work as drawn, some time after the beginning.
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
    { "PRIORITY", "more priority gets more", priority },
    { "PRIORITY_STARVING", "the lowest priority still gets something", priority_starving },
    { "RESERVATIONS", "work that needs whole nodes gets them from a full farm", reservations },
    { "LIMIT", "seats are never exceeded, and others use the rest", limit },
    { "LICENSE", "nodes that hold a seat come first, above the soft limit only they",
        license_hosts },
    { "FOLDER", "ceilings of nested projects hold", folder },
    { "DEPENDS", "nothing runs before what it waits for", depends },
    { "GPUSTRAND", "waiting GPU work gets all GPUs back from CPU work", gpu_strand },
    { "SHOWTIER", "projects get what their weights entitle them to", show_tier },
    { "SOLOFILL", "one step fills the farm as 50 do", solo_fill },
    { "PIN", "pinned work runs where it is pinned", pin },
    { "OOM", "killed for memory, learned, done", oom },
    { "MEMORY_LIE", "a template that understates its memory is found out", memory_lie },
    { "BREAKER_TRIP", "a circuit is used to 80 % and not beyond", breaker_trip },
    { "HEAT_WAVE", "less cooling, less work, and all of it later", heat_wave },
    { "1M_FRAMES", "a job of a million frames fills the farm", million_frames },
    { "COMPLETIONSTORM", "everything ends at once, again and again", completion_storm },
    { "FORWARD", "what fits nowhere holds nothing up", forward },
    { "FAILOVER", "half of the nodes go away", failover },
    { "PREEMPT", "urgent work gets its room in a full farm, and little is lost", preempt },
    { "DRAIN", "what ends soon is waited for, not stopped", drain_not_kill },
    { "LICENSE_NO_HOSTS", "seats that others take are left to them", license_server },
    { "OPTIMUM", "near the best that could be done by who knew all run times", near_optimum },
    { "FORETOLD", "forecasts come true", foretold },
};

}

std::span<Scenario const> scenarios() { return table; }

Scenario const* find_scenario(std::string_view name)
{
    auto const* const found = std::find_if(std::begin(table), std::end(table),
        [&](Scenario const& scenario) { return scenario.name == name; });
    return found == std::end(table) ? nullptr : found;
}

}
