// What goes wrong, and what becomes of it.
#include <sim/scenario_list.h>
#include <sim/stage.h>

#include <algorithm>

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

constexpr Scenario table[] = {
    { "OOM", "killed for memory, learned, done", oom },
    { "MEMORY_LIE", "a template that understates its memory is found out", memory_lie },
    { "FAILOVER", "half of the nodes go away", failover },
};

}

std::span<Scenario const> failures_scenarios() { return table; }

}
