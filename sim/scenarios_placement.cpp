// Where work goes, and in which order.
#include <sim/scenario_list.h>
#include <sim/stage.h>

#include <fmt/format.h>

#include <set>
#include <vector>

namespace sidereal::sim {

namespace {

using namespace std::chrono_literals;
using std::chrono::hours;

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
    auto finding = within(took_h, { 0, 2 }, "hours until five whole nodes were given:");
    finding.measured += fmt::format(", {:.0f} % of the farm idle meanwhile", idle);
    finding.holds = finding.holds && idle < 30;
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
    auto finding = within(static_cast<double>(early), { 0, 0 }, "tasks that ran early:");
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
    auto finding = within(busy, { 16, 16 }, "GPUs of 16 at work an hour later:");
    finding.holds = finding.holds && stage.vcpus_of(cpu) == 64 + 32;
    return finding;
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
    return within(filled(1) / filled(50), { 0.999, 1.001 }, "one step fills to what 50 do:");
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

Finding million_frames(std::uint64_t seed)
{
    Stage stage(seed);
    add_nodes(stage, 100, { 64, 256 });
    auto const job = stage.submit({ .tasks = 1'000'000, .scheduling = "order: preview" });
    stage.run_for(1h);
    auto const fill = stage.vcpus_of(job) / 6400 * 100;
    return within(fill, { 99, 100 }, "% of the farm at work:");
}

Finding completion_storm(std::uint64_t seed)
{
    Stage stage(seed);
    add_nodes(stage, 100, { 32, 128 });
    auto const job = stage.submit({ .tasks = 20'000, .task = { 1min, 0 } });
    auto const all = stage.run_until_done(hours(1));
    auto const took = to_seconds(stage.finished_after(job).value_or(0s)) / 60;
    auto finding = within(took, { 7, 7 }, "minutes for 6.25 waves that end together:");
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
    return within(stage.vcpus_of(job), { 80, 80 }, "vcpus at work behind 50 stuck jobs:");
}

Finding chunks(std::uint64_t seed)
{
    // Frames of 2 s behind 30 s of loading: chunks must grow until they run as long as is asked.
    Stage stage(seed);
    add_nodes(stage, 10, { 8, 32 });
    stage.submit({ .tasks = 1'000'000,
        .task = { .run_time = 2s, .loads_for = 30s },
        .chunk_target_s = 300 });
    stage.run_for(hours(2));
    double frames = 0;
    for (auto const& [id, attempt] : stage.farm.attempts)
        frames += static_cast<double>(attempt.record.tasks);
    auto const mean_s = 30 + 2 * frames / static_cast<double>(stage.farm.attempts.size());
    return within(mean_s, { 270, 330 }, "seconds a chunk where 300 are asked for:");
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
    auto finding = within(running, { 32, 32 }, "urgent tasks of 32 at work a minute later:");
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
    auto finding = within(static_cast<double>(stage.stopped), { 0, 0 },
        "tasks of 40 s stopped for work that can wait as long:");
    finding.holds = finding.holds && stage.vcpus_of(urgent) == 40;
    return finding;
}

constexpr Scenario table[] = {
    { "RESERVATIONS", "work that needs whole nodes gets them from a full farm", reservations },
    { "DEPENDS", "nothing runs before what it waits for", depends },
    { "GPUSTRAND", "waiting GPU work gets all GPUs back from CPU work", gpu_strand },
    { "SOLOFILL", "one step fills the farm as 50 do", solo_fill },
    { "PIN", "pinned work runs where it is pinned", pin },
    { "1M_FRAMES", "a job of a million frames fills the farm", million_frames },
    { "COMPLETIONSTORM", "everything ends at once, again and again", completion_storm },
    { "CHUNKS", "chunks grow until they run as long as is asked for", chunks },
    { "FORWARD", "what fits nowhere holds nothing up", forward },
    { "PREEMPT", "urgent work gets its room in a full farm, and little is lost", preempt },
    { "DRAIN", "what ends soon is waited for, not stopped", drain_not_kill },
};

}

std::span<Scenario const> placement_scenarios() { return table; }

}
