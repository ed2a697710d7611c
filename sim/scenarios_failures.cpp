// What goes wrong, and what becomes of it.
#include <sim/scenario_list.h>
#include <sim/stage.h>
#include <sim/world.h>

#include <fmt/format.h>

#include <algorithm>
#include <set>
#include <string>
#include <vector>

namespace sidereal::sim {

namespace {

using namespace std::chrono_literals;
using std::chrono::hours;

Finding oom(std::uint64_t seed)
{
    Stage stage(seed);
    stage.enforce_memory = true;
    add_nodes(stage, 10, { 8, 32 });
    auto const job = stage.submit({ .tasks = 1000, .task = { 5min, 0.2, 9000 } });
    auto const all = stage.run_until_done(hours(48));
    auto finding = within(static_cast<double>(stage.killed_for_memory), { 0, 100 },
        "kills for memory on the way to 1,000 tasks:");
    finding.holds = finding.holds && all && stage.done(job) == 1000;
    return finding;
}

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
    return within(most, { 0, 1 }, "of a node's memory really in use at most:");
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
    auto finding = within(hours_taken, { 0, 2.2 }, "hours for 83 vcpu-hours on 80, then 40:");
    finding.holds = finding.holds && all && stage.done(job) == 1000;
    return finding;
}

Finding poison(std::uint64_t seed)
{
    // One frame takes its node down, one fails wherever it runs; a hundred times as many are good.
    Stage stage(seed);
    add_nodes(stage, 20, { 8, 32 });
    auto const job = stage.submit({ .tasks = 400 });
    std::set<NodeId> tried;
    stage.fate_of = [&](Stage const&, farm::AttemptRecord const& record) -> Fate {
        if (record.task == 7)
            return { wire::Cause::lost_node, 30s, {}, 2min };
        if (record.task != 8)
            return {};
        tried.insert(record.node);
        return { wire::Cause::task_error, 1min };
    };
    auto const all = stage.run_until_done(hours(24));
    auto held_back = false;
    for (auto const& [id, node] : stage.farm.nodes)
        held_back = held_back || node.blame.holds(farm::node_blame_limit, stage.now.wall);
    auto finding = within(static_cast<double>(stage.lost_nodes), { 1, 4 },
        "nodes taken down by the frame that does that:");
    finding.measured += fmt::format(
        "; the one that always fails was tried on {} nodes; {} of 398 others done", tried.size(),
        stage.done(job));
    finding.holds = finding.holds && all && stage.done(job) == 398 && tried.size() == 3
        && !held_back;
    return finding;
}

Finding retry_storm(std::uint64_t seed)
{
    // One node of thirty fails whatever it gets within two seconds, so it is always free.
    Stage stage(seed);
    add_nodes(stage, 30, { 8, 32 });
    stage.fate_of = [](Stage const&, farm::AttemptRecord const& record) -> Fate {
        return record.node == NodeId { 1 } ? Fate { wire::Cause::task_error, 2s } : Fate {};
    };
    std::uint64_t failed = 0;
    std::vector<JobId> jobs;
    for (int i = 0; i < 20; ++i) {
        jobs.push_back(stage.submit({ .tasks = 200 }));
        stage.run_for(10min);
    }
    auto const all = stage.run_until_done(hours(24));
    for (auto const job : jobs)
        failed += 200 - stage.done(job);
    auto finding = within(static_cast<double>(stage.failed_attempts), { 1, 80 },
        "attempts on the bad node on the way to 4,000 tasks:");
    finding.measured += fmt::format(", {} tasks failed for good", failed);
    finding.holds = finding.holds && all && failed == 0;
    return finding;
}

Finding license_by_log(std::uint64_t seed)
{
    // Five seats that the farm was never told of; only the renderers' logs speak of them.
    Stage stage(seed);
    add_nodes(stage, 10, { 8, 32 });
    auto const job = stage.submit({ .tasks = 2000, .task = { 10min } });
    std::set<AttemptId> granted;
    stage.fate_of = [&](Stage const& now, farm::AttemptRecord const& record) -> Fate {
        std::erase_if(granted, [&](AttemptId id) { return !now.farm.attempts.contains(id); });
        if (granted.size() >= 5)
            return { wire::Cause::no_licence, 20s, "arnold" };
        granted.insert(record.id);
        return {};
    };
    stage.run_for(hours(1));
    auto const first_hour = stage.failed_attempts;
    auto const before = stage.done(job);
    stage.run_for(hours(8));
    auto const an_hour = static_cast<double>(stage.failed_attempts - first_hour) / 8;
    auto const seats = static_cast<double>(stage.done(job) - before) / (8 * 6);
    auto finding = within(an_hour, { 0, 30 }, "attempts in vain an hour for want of a seat:");
    finding.measured += fmt::format(
        ", {} in the first; {:.2f} of 5 seats in use in the mean", first_hour, seats);
    finding.holds = finding.holds && seats > 4.5
        && stage.farm.jobs.at(job).count(farm::TaskState::failed) == 0;
    return finding;
}

// The product's minds under faults of one kind, over many seeds: how much was rendered in vain, and
// whether any promise was broken.
Finding under(std::uint64_t seed, Faults const& faults, double most_in_vain)
{
    constexpr std::uint64_t worlds = 40;
    std::uint64_t renders = 0;
    std::uint64_t counted = 0;
    std::string broken;
    for (std::uint64_t i = 0; i < worlds && broken.empty(); ++i) {
        auto options = draw_options(seed * 1000 + i);
        options.faults = faults;
        auto const outcome = run_seed(options, 0);
        renders += outcome.renders;
        counted += outcome.counted;
        broken = outcome.failure;
    }
    auto const in_vain = 100 * (static_cast<double>(renders) / static_cast<double>(counted) - 1);
    auto finding = within(
        in_vain, { 0, most_in_vain }, "% of frames rendered once more than counted:");
    finding.measured += broken.empty() ? fmt::format(", {} counted, none twice", counted)
                                       : ", and a promise was broken: " + broken;
    finding.holds = finding.holds && broken.empty() && counted > 100;
    return finding;
}

Finding double_render(std::uint64_t seed)
{
    Faults faults;
    faults.duplicated = 0.1;
    faults.lost = 0.1;
    faults.agent_crashes = 5s;
    faults.brain_crashes = 7s;
    return under(seed, faults, 30);
}

Finding partition(std::uint64_t seed)
{
    Faults faults;
    faults.cuts = 5s;
    return under(seed, faults, 30);
}

Finding clock_skew(std::uint64_t seed)
{
    Faults faults;
    faults.clock_steps = 2s;
    return under(seed, faults, 1);
}

constexpr Scenario table[] = {
    { "OOM", "killed for memory, learned, done", oom },
    { "MEMORY_LIE", "a template that understates its memory is found out", memory_lie },
    { "FAILOVER", "half of the nodes go away", failover },
    { "POISON", "a frame that takes nodes down, and one that fails everywhere", poison },
    { "RETRY_STORM", "a node that fails everything at once, and is always free", retry_storm },
    { "LICENSE_BY_LOG", "seats of which only the logs speak", license_by_log },
    { "DOUBLE_RENDER", "agents and brain die, messages come twice: nothing counts twice",
        double_render },
    { "PARTITION", "nodes are cut off again and again", partition },
    { "CLOCK_SKEW", "clocks are set by up to an hour at any moment", clock_skew },
};

}

std::span<Scenario const> failures_scenarios() { return table; }

}
