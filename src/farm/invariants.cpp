#include <farm/farm.h>

#include <algorithm>
#include <cmath>

namespace sidereal::farm {

namespace {

std::string broken_node(Farm const& farm, Node const& node)
{
    Amounts used;
    auto gpus = gpu_loads(node.record.facts);
    for (auto const id : node.occupying) {
        auto const found = farm.attempts.find(id);
        if (found == farm.attempts.end() || !found->second.occupies)
            return fmt::format(
                "node {} holds attempt {} that does not", node.record.id.value, id.value);
        auto const& record = found->second.record;
        used += taken_by(farm.jobs.at(record.job).steps[record.step], record);
        if (!have_room(node.record.facts, gpus, record.gpus))
            return fmt::format("node {}: attempt {} has a GPU that another has, or more of it than "
                               "there is",
                node.record.id.value, id.value);
        take(node.record.facts, gpus, record.gpus);
    }
    if (auto const name = node.capacity.first_short({}, used); !name.empty())
        return fmt::format("node {} is over-subscribed in {}", node.record.id.value, name);
    if (node.has_space() != farm.roomy.contains(node.record.id))
        return fmt::format(
            "node {} has space or not, and is known otherwise", node.record.id.value);
    if (node.is_awake() == farm.resting.contains(node.record.id))
        return fmt::format("node {} rests or not, and is known otherwise", node.record.id.value);
    return {};
}

// What the live attempts hold of each job.
struct Held {
    std::uint64_t attempts { 0 };
    std::uint64_t tasks { 0 };
};

std::map<JobId, Held> held_by_jobs(Farm const& farm)
{
    std::map<JobId, Held> held;
    for (auto const& [id, attempt] : farm.attempts) {
        auto& of_job = held[attempt.record.job];
        ++of_job.attempts;
        of_job.tasks += attempt.record.tasks;
    }
    return held;
}

std::string broken_job(Job const& job, Held const& held)
{
    std::uint64_t leased = 0;
    for (auto const& step : job.steps) {
        if (!step.tasks.counts_agree())
            return fmt::format("job {}: task counts are wrong", job.record.id.value);
        leased += step.tasks.count(TaskState::leased);
    }
    if (leased != held.tasks || job.live_attempts != held.attempts)
        return fmt::format("job {}: {} leased tasks, counts {} attempts, holds {} of {} tasks",
            job.record.id.value, leased, job.live_attempts, held.attempts, held.tasks);
    if (job.states != step_states(job))
        return fmt::format("job {}: its steps' states are stale", job.record.id.value);
    if (job.ended() && !is_settled(job))
        return fmt::format("job {} ended with work left", job.record.id.value);
    return {};
}

}

std::string broken_invariant(Farm const& farm)
{
    for (auto const& [id, node] : farm.nodes) {
        if (auto broken = broken_node(farm, node); !broken.empty())
            return broken;
    }
    auto held = held_by_jobs(farm);
    for (auto const& [id, job] : farm.jobs) {
        if (auto broken = broken_job(job, held[id]); !broken.empty())
            return broken;
    }
    for (auto const& [id, node] : farm.nodes) {
        if (node.live_attempts() > 0 && !node.lease_until)
            return fmt::format("node {} holds work without a lease", id.value);
    }
    for (auto const& [id, attempt] : farm.attempts) {
        auto const& record = attempt.record;
        auto const& job = farm.jobs.at(record.job);
        for (auto task = record.task; task < record.end(); ++task)
            if (job.steps[record.step].tasks.get(task) != TaskState::leased)
                return fmt::format("attempt {} is live, its task is not leased", id.value);
        auto const& node = farm.nodes.at(record.node);
        auto const queued = std::find(node.queue.begin(), node.queue.end(), id) != node.queue.end();
        if (attempt.occupies == queued)
            return fmt::format("attempt {} must either occupy or wait", id.value);
    }
    return {};
}

}
