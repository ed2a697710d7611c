#include <sched/plan.h>

#include <sched/draft.h>
#include <sched/queue.h>
#include <sched/reserve.h>

#include <algorithm>
#include <cmath>
#include <deque>
#include <map>
#include <optional>
#include <utility>

namespace sidereal::sched {

namespace {

using farm::Amounts;
using farm::Farm;
using Kind = Amounts::Kind;

// How many tasks of the step a node may hold beyond those that run.
std::size_t ahead_of(Room const& room, StepRef ref, Policy const& policy)
{
    auto const& step = ref.step();
    auto const mean = step.run_times.mean();
    // The agent starts what stands ahead by vcpus and memory alone.
    auto only = step.demand.reserved;
    only.set(Kind::vcpu, 0);
    only.set(Kind::memory, 0);
    auto const counted = !step.demand.limits.empty() || !step.wishes.caps.empty()
        || !step.edges.empty() || step.wishes.whole_node || !ref.job->record.scheduling.caps.empty()
        || only != Amounts {};
    if (!mean || *mean >= policy.lead || counted)
        return 0;
    auto const slots = std::max(1.0, room.vcpus() / step.demand.vcpus());
    auto const each = std::max<double>(1, static_cast<double>(mean->count()));
    auto const wanted = slots * static_cast<double>(policy.lead.count()) / each;
    return static_cast<std::size_t>(std::min<double>(policy.max_ahead, wanted));
}

// A demand for which no room was left; who asks for as much or more need not look.
struct Hopeless {
    Amounts reserved;
    bool memory_known;
};

class Planner {
public:
    Planner(Draft& draft, Policy const& policy)
        : farm_(draft.farm())
        , policy_(policy)
        , draft_(draft)
    {
        for (auto& room : draft_.rooms())
            if (room.has_space())
                open_.push_back(&room);
    }

    Plan run()
    {
        if (!open_.empty())
            place();
        for (auto& room : draft_.rooms())
            fill_ahead(room);
        // What was kept for GPU work may be free again, now that it is placed.
        auto const more = enough() || (draft_.keeps_gpus() && !placements_.empty());
        return { std::move(placements_), more };
    }

private:
    bool enough() const { return placements_.size() >= policy_.max_placements; }

    void place()
    {
        Queue queue(draft_);
        while (auto const* job = queue.front()) {
            if (enough() || open_.empty())
                return;
            auto const vcpus = place_one(*job);
            if (vcpus)
                queue.placed(*vcpus);
            else
                queue.exhausted();
        }
    }

    // The job's steps that may still have a task to place.
    std::deque<StepRef>& lines_of(farm::Job const& job)
    {
        auto const [entry, fresh] = lines_.try_emplace(job.record.id);
        if (fresh) {
            for (auto const index : job.order)
                if (is_open(job, index))
                    entry->second.push_back({ &job, static_cast<std::uint32_t>(index) });
        }
        return entry->second;
    }

    // One task of the first step that has one to place; the vcpus it takes.
    std::optional<double> place_one(farm::Job const& job)
    {
        auto& lines = lines_of(job);
        while (!lines.empty()) {
            if (auto const vcpus = place_next(lines.front()))
                return vcpus;
            lines.pop_front();
        }
        return std::nullopt;
    }

    std::optional<double> place_next(StepRef ref)
    {
        auto& position = positions_[&ref.step()];
        auto const task = farm::next_task(*ref.job, ref.index, position);
        if (!task || draft_.step_gate(ref) != WaitClass::next)
            return std::nullopt;
        auto* const room = best_room(ref);
        if (!room) {
            if (reserve(draft_, ref, policy_))
                hopeless_.clear();
            return std::nullopt;
        }
        position = task->next_position;
        auto const taken = draft_.taken(ref, *room);
        draft_.take(ref, *room, taken);
        if (!room->has_space())
            std::erase(open_, room);
        return put(ref, *room, task->task, taken);
    }

    // The vcpus that it takes.
    double put(StepRef ref, Room const& room, std::uint64_t task, Amounts const& taken)
    {
        auto const vcpus = taken.get(Kind::vcpu);
        placements_.push_back({ room.node->record.id, ref.job->record.id, ref.index, task, vcpus,
            taken.get(Kind::memory) });
        return vcpus;
    }

    Room* best_room(StepRef ref)
    {
        if (known_hopeless(ref))
            return nullptr;
        Room* best = nullptr;
        double best_cost = 0;
        std::size_t seen = 0;
        // From a place of the step's own, so that steps do not all crowd onto the first nodes.
        auto const start = (ref.job->record.id.value * 7919 + std::uint64_t { ref.index } * 104729)
            % open_.size();
        for (std::size_t i = 0; i < open_.size() && seen < policy_.candidates; ++i) {
            auto* const room = open_[(start + i) % open_.size()];
            if (draft_.node_gate(ref, *room) != WaitClass::next)
                continue;
            ++seen;
            auto const room_cost = cost(ref, *room);
            if (!best || room_cost < best_cost) {
                best = room;
                best_cost = room_cost;
            }
        }
        if (!best)
            remember_hopeless(ref);
        return best;
    }

    double cost(StepRef ref, Room const& room) const
    {
        auto const taken = draft_.taken(ref, room);
        double sum = 0;
        for (auto const kind : { Kind::vcpu, Kind::memory, Kind::gpu }) {
            auto const total = room.node->capacity.get(kind);
            auto const more = taken.get(kind);
            if (more <= 0 || total <= 0)
                continue;
            auto const used = room.used.get(kind);
            auto const weight = kind == Kind::gpu ? policy_.gpu_weight : 1;
            sum += weight * (std::exp((used + more) / total) - std::exp(used / total));
        }
        if (taken.get(Kind::gpu) <= 0 && room.has_gpus())
            sum += policy_.gpu_penalty * room.node->capacity.get(Kind::gpu);
        auto const& warm = room.node->warm_for;
        if (warm && warm->first == ref.job->record.id && warm->second == ref.index)
            sum -= policy_.warm_bonus;
        return sum;
    }

    // Only what every node refuses for want of room says something about other steps.
    static bool is_plain(StepRef ref)
    {
        auto const& step = ref.step();
        return step.wishes.caps.empty() && step.wishes.nodes.empty() && step.demand.limits.empty()
            && step.demand.attributes.empty() && !step.wishes.whole_node
            && ref.job->record.scheduling.caps.empty() && step.demand.reserved.get(Kind::gpu) <= 0;
    }

    void remember_hopeless(StepRef ref)
    {
        if (!is_plain(ref) || draft_.has_reservations())
            return;
        auto reserved = ref.step().demand.reserved;
        auto const memory = ref.step().memory_mib();
        reserved.set(Kind::memory, memory.value_or(0));
        hopeless_.push_back({ reserved, memory.has_value() });
    }

    bool known_hopeless(StepRef ref) const
    {
        if (!is_plain(ref) || draft_.has_reservations())
            return false;
        auto wanted = ref.step().demand.reserved;
        auto const memory = ref.step().memory_mib();
        wanted.set(Kind::memory, memory.value_or(0));
        return std::any_of(hopeless_.begin(), hopeless_.end(), [&](Hopeless const& known) {
            return known.memory_known == memory.has_value() && wanted.covers(known.reserved);
        });
    }

    // More of what the node runs already, if that is short.
    void fill_ahead(Room& room)
    {
        if (room.node->occupying.empty() || enough())
            return;
        auto const& running = farm_.attempts.at(*room.node->occupying.rbegin()).record;
        auto const& job = farm_.jobs.at(running.job);
        StepRef const ref { &job, running.step };
        // It may have to wait again, though it runs: a job before it was retried, say.
        if (draft_.job_gate(job) != WaitClass::next)
            return;
        auto const most = ahead_of(room, ref, policy_);
        // What it depends on may have been reset while it runs.
        if (room.queued >= most || !farm::inputs_ready(job, running.step))
            return;
        auto& position = positions_[&ref.step()];
        auto const taken = draft_.taken(ref, room);
        while (!enough() && room.queued < most) {
            auto const task = farm::next_task(job, running.step, position);
            if (!task)
                return;
            position = task->next_position;
            ++room.queued;
            put(ref, room, task->task, taken);
        }
    }

    Farm const& farm_;
    Policy const& policy_;
    Draft& draft_;
    std::vector<Room*> open_;
    std::vector<Placement> placements_;
    std::map<JobId, std::deque<StepRef>> lines_;
    // By step, the place in its order from which on no task was given out in this plan.
    std::map<farm::Step const*, std::uint64_t> positions_;
    std::vector<Hopeless> hopeless_;
};

}

Plan plan(Draft& draft, Policy const& policy) { return Planner(draft, policy).run(); }

farm::AttemptRecord lease_for(Farm const& farm, Placement const& placement, Now now)
{
    farm::AttemptRecord lease;
    lease.id = { farm.last_attempt + 1 };
    lease.job = placement.job;
    lease.step = placement.step;
    lease.task = placement.task;
    lease.node = placement.node;
    lease.node_epoch = farm.nodes.at(placement.node).record.epoch;
    lease.leased_at = now.wall;
    lease.vcpus = placement.vcpus;
    lease.memory_mib = placement.memory_mib;
    return lease;
}

Plan plan(Farm const& farm, Now now, Policy const& policy)
{
    Draft draft(farm, now);
    return plan(draft, policy);
}

}
