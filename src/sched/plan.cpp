#include <sched/plan.h>

#include <algorithm>
#include <map>
#include <optional>
#include <utility>

namespace sidereal::sched {

namespace {

using farm::Farm;
using farm::StepState;
using farm::TaskState;

// What is left of a node while the plan grows.
struct Room {
    farm::Node const* node;
    farm::Amounts used;
    std::size_t queued;

    double vcpus_used() const
    {
        auto const taken = used.find(farm::vcpu_amount);
        return taken == used.end() ? 0 : taken->second;
    }
    double load() const { return vcpus_used() / node->record.facts.vcpus; }
    bool has_space() const { return queued == 0 && vcpus_used() < node->record.facts.vcpus; }
};

// How many tasks of the step a node may hold beyond those that run.
std::size_t ahead_of(Room const& room, farm::Step const& step, Policy const& policy)
{
    auto const mean = step.mean_run_time();
    if (!mean || *mean >= policy.lead)
        return 0;
    auto const slots = std::max(1.0, room.node->record.facts.vcpus / step.demand.vcpus());
    auto const each = std::max<double>(1, static_cast<double>(mean->count()));
    auto const wanted = slots * static_cast<double>(policy.lead.count()) / each;
    return static_cast<std::size_t>(std::min<double>(policy.max_ahead, wanted));
}

class Planner {
public:
    Planner(Farm const& farm, Policy const& policy)
        : farm_(farm)
        , policy_(policy)
    {
        for (auto const& [id, node] : farm.nodes) {
            if (node.takes_work())
                rooms_.push_back({ &node, node.used, node.queue.size() });
        }
    }

    std::vector<Placement> run()
    {
        for (auto const& [priority, id] : farm_.open_jobs) {
            if (enough() || !any_space())
                break;
            place_job(farm_.jobs.at(id));
        }
        for (auto& room : rooms_)
            fill_ahead(room);
        return std::move(placements_);
    }

private:
    bool enough() const { return placements_.size() >= policy_.max_placements; }

    bool any_space() const
    {
        return std::any_of(
            rooms_.begin(), rooms_.end(), [](Room const& room) { return room.has_space(); });
    }

    void place_job(farm::Job const& job)
    {
        auto const states = farm::step_states(job);
        for (auto const index : job.order) {
            if (states[index] == StepState::ready
                || (states[index] == StepState::running && farm::inputs_ready(job, index, states)))
                place_step(job, static_cast<std::uint32_t>(index));
        }
    }

    void place_step(farm::Job const& job, std::uint32_t index)
    {
        auto const& demand = job.steps[index].demand;
        while (!enough()) {
            auto const task = next_task(job, index);
            auto* room = task ? best_room(demand) : nullptr;
            if (!room)
                return;
            farm::add(room->used, demand.reserved);
            take(*room, job, index, *task);
        }
    }

    Room* best_room(farm::Demand const& demand)
    {
        Room* best = nullptr;
        for (auto& room : rooms_) {
            if (!room.has_space() || (best && room.load() >= best->load()))
                continue;
            if (!farm::shortage(demand.reserved, room.node->capacity, room.used)
                && !farm::misfit(demand, room.node->record.facts, room.node->capacity))
                best = &room;
        }
        return best;
    }

    // More of what the node runs already, if that is short.
    void fill_ahead(Room& room)
    {
        if (room.node->occupying.empty())
            return;
        auto const& running = farm_.attempts.at(*room.node->occupying.rbegin()).record;
        auto const& job = farm_.jobs.at(running.job);
        auto const& step = job.steps[running.step];
        if (!job.open())
            return;
        auto const most = ahead_of(room, step, policy_);
        // What it depends on may have been reset while it runs.
        if (room.queued >= most || !farm::inputs_ready(job, running.step, farm::step_states(job)))
            return;
        while (!enough() && room.queued < most) {
            auto const task = next_task(job, running.step);
            if (!task)
                return;
            ++room.queued;
            take(room, job, running.step, *task);
        }
    }

    std::optional<std::uint64_t> next_task(farm::Job const& job, std::uint32_t step)
    {
        auto const from = cursors_.find(std::pair(job.record.id, step));
        return job.steps[step].tasks.next(
            TaskState::ready, from == cursors_.end() ? 0 : from->second);
    }

    void take(Room const& room, farm::Job const& job, std::uint32_t step, std::uint64_t task)
    {
        cursors_[std::pair(job.record.id, step)] = task + 1;
        placements_.push_back({ room.node->record.id, job.record.id, step, task });
    }

    Farm const& farm_;
    Policy const& policy_;
    std::vector<Room> rooms_;
    std::vector<Placement> placements_;
    std::map<std::pair<JobId, std::uint32_t>, std::uint64_t> cursors_;
};

}

std::vector<Placement> plan(Farm const& farm, Policy const& policy)
{
    return Planner(farm, policy).run();
}

}
