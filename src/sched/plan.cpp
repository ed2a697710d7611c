#include <sched/plan.h>

#include <sched/ahead.h>
#include <sched/draft.h>
#include <sched/queue.h>
#include <sched/reserve.h>

#include <algorithm>
#include <cmath>
#include <deque>
#include <map>
#include <optional>
#include <span>
#include <utility>
#include <vector>

namespace sidereal::sched {

namespace {

using farm::Amounts;
using farm::Farm;
using Kind = Amounts::Kind;

// What part of a run in a new session entering it takes.
double part_saved(farm::Step const& step)
{
    auto const enter = step.enter_times.mean();
    if (!enter)
        return 0;
    return to_seconds(*enter) / (to_seconds(*enter) + to_seconds(*step.warm_run_time()) + 1e-9);
}

// A demand for which no room was left; who asks for as much or more need not look.
struct Hopeless {
    Amounts reserved;
    // Whether the demand knew its memory; nothing if memory had no part in it.
    std::optional<bool> memory_known;
};

// A node that would take a step's next task, as it was when it was asked.
struct Candidate {
    Room* room { nullptr };
    std::uint32_t changes { 0 };
    double cost { 0 };
};

// A step that may have a task to place. Placing one changes one node; the others that were found
// before are still as good.
struct Line {
    StepRef ref;
    // Only nodes of that pool.
    std::optional<std::size_t> pool {};
    std::vector<Candidate> candidates {};
    // Open rooms that were looked at.
    std::size_t looked_at { 0 };
    // One of them refused for another reason than want of room.
    bool other_reasons { false };
    // One of them was short of memory.
    bool lacked_memory { false };
};

class Planner {
public:
    Planner(Draft& draft, Policy const& policy)
        : farm_(draft.farm())
        , policy_(policy)
        , draft_(draft)
        , open_(draft.open_rooms())
        , rooms_with_space_(open_.size())
    {
    }

    Plan run()
    {
        if (rooms_with_space_ > 0)
            place();
        fill_all_ahead();
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
            if (enough() || rooms_with_space_ == 0)
                return;
            auto const claim = queue.claim();
            limited_ = !claim && queue.steps_are_limited();
            draft_.limit_steps(limited_);
            auto const placed = place_one(*job, claim);
            draft_.limit_steps(false);
            if (placed)
                queue.placed(placed->vcpus, placed->pool);
            else if (claim)
                queue.claim_failed();
            else
                queue.exhausted();
            // Without the limit its steps have another chance.
            if (!placed && limited_)
                lines_.erase({ job->record.id, claim });
        }
    }

    struct Placed {
        double vcpus { 0 };
        std::size_t pool { 0 };
    };

    // The job's steps that may still have a task to place, in that pool or anywhere.
    std::deque<Line>& lines_of(farm::Job const& job, std::optional<std::size_t> pool)
    {
        auto const [entry, fresh] = lines_.try_emplace({ job.record.id, pool });
        if (fresh) {
            for (auto const index : job.order)
                if (is_open(job, index))
                    entry->second.push_back({ { &job, static_cast<std::uint32_t>(index) }, pool });
        }
        return entry->second;
    }

    // One task of the first step that has one to place.
    std::optional<Placed> place_one(farm::Job const& job, std::optional<std::size_t> pool)
    {
        auto& lines = lines_of(job, pool);
        while (!lines.empty()) {
            if (auto const placed = place_next(lines.front()))
                return placed;
            lines.pop_front();
        }
        return std::nullopt;
    }

    std::optional<Placed> place_next(Line& line)
    {
        auto const ref = line.ref;
        auto& position = positions_[&ref.step()];
        auto const task = farm::next_task(*ref.job, ref.index, position);
        if (!task || draft_.step_gate(ref) != WaitClass::next)
            return std::nullopt;
        auto* const room = best_room(line, task->task);
        if (!room) {
            if (!line.pool && !limited_)
                reserve(draft_, ref, policy_);
            return std::nullopt;
        }
        auto const given = fair_part(ref, *task);
        position = given.next_position;
        auto const taken = draft_.taken(ref, *room);
        auto gpus = draft_.take(ref, *room, taken);
        if (!room->has_space())
            --rooms_with_space_;
        return Placed { put(ref, *room, given, taken, std::move(gpus)), room->node->pool };
    }

    // The end of a step is shared out among all nodes, so that they end together.
    farm::NextTask fair_part(StepRef ref, farm::NextTask task) const
    {
        if (task.tasks == 1)
            return task;
        auto const left = ref.step().tasks.count(farm::TaskState::ready);
        auto const nodes = std::max<std::uint64_t>(1, draft_.rooms().size());
        task.tasks = std::min(task.tasks, (left + nodes - 1) / nodes);
        task.next_position = task.task + task.tasks;
        return task;
    }

    // The vcpus that it takes.
    double put(StepRef ref, Room const& room, farm::NextTask const& task, Amounts const& taken,
        wire::GpuParts gpus)
    {
        auto const vcpus = taken.get(Kind::vcpu);
        placements_.push_back({ room.node->record.id, ref.job->record.id, ref.index, task.task,
            vcpus, taken.get(Kind::memory), std::move(gpus), task.tasks });
        return vcpus;
    }

    Room* best_room(Line& line, std::uint64_t task)
    {
        auto const& troubles = line.ref.step().troubles;
        auto const trouble = troubles.find(task);
        // It had better run where it has not failed yet.
        auto const cost_now = [&](Candidate const& candidate) {
            auto const again = trouble != troubles.end()
                && trouble->second.has_failed_on(candidate.room->node->record.id);
            return candidate.cost + (again ? policy_.failed_penalty : 0);
        };
        auto const is_narrow = line.ref.step().demand.width < 1;
        if ((line.looked_at == 0 || is_narrow) && known_hopeless(line.ref))
            return nullptr;
        if (line.looked_at == 0)
            look_at_sessions(line);
        while (true) {
            look_again(line);
            look_further(line);
            auto& found = line.candidates;
            auto const best = std::min_element(
                found.begin(), found.end(), [&](Candidate const& left, Candidate const& right) {
                    return cost_now(left) < cost_now(right);
                });
            if (best == found.end()) {
                remember_hopeless(line);
                return nullptr;
            }
            // What other steps took meanwhile: seats, watts, a cap.
            if (asked(line, *best->room))
                return best->room;
            found.erase(best);
        }
    }

    // At the candidates where something was placed since.
    void look_again(Line& line)
    {
        std::erase_if(line.candidates, [&](Candidate& candidate) {
            auto& room = *candidate.room;
            if (candidate.changes == room.changes)
                return false;
            candidate.changes = room.changes;
            if (!asked(line, room))
                return true;
            candidate.cost = cost(line.ref, room);
            return false;
        });
    }

    // Where the step's sessions are open, wherever the walk over the rooms begins.
    void look_at_sessions(Line& line)
    {
        auto const* const warm = draft_.rooms_with_session(line.ref);
        if (!warm)
            return;
        for (auto* const room : *warm)
            if (is_of_pool(line, *room) && room->has_space() && asked(line, *room))
                line.candidates.push_back({ room, room->changes, cost(line.ref, *room) });
    }

    static bool is_of_pool(Line const& line, Room const& room)
    {
        return !line.pool || room.node->pool == *line.pool;
    }

    void look_further(Line& line)
    {
        // From a place of the step's own, so that steps do not all crowd onto the first nodes.
        auto const start = line.ref.job->record.id.value * 7919
            + std::uint64_t { line.ref.index } * 104729;
        while (line.candidates.size() < policy_.candidates && line.looked_at < open_.size()) {
            auto& room = open_[(start + line.looked_at) % open_.size()];
            ++line.looked_at;
            if (is_of_pool(line, room) && room.has_space() && asked(line, room))
                line.candidates.push_back({ &room, room.changes, cost(line.ref, room) });
        }
    }

    // Whether the node takes the step's next task.
    bool asked(Line& line, Room const& room) const
    {
        auto const gate = draft_.node_gate(line.ref, room);
        if (gate != WaitClass::next && gate != WaitClass::busy && gate != WaitClass::memory)
            line.other_reasons = true;
        line.lacked_memory |= gate == WaitClass::memory;
        return gate == WaitClass::next;
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
            sum += weight * std::exp(used / total) * std::expm1(more / total);
        }
        if (taken.get(Kind::gpu) > 0)
            sum += policy_.gpu_size_penalty * draft_.gpu_size(ref, room);
        else if (room.has_gpus())
            sum += policy_.gpu_penalty * room.node->capacity.get(Kind::gpu);
        auto const& warm = room.node->warm_for;
        if (warm && warm->first == ref.job->record.id && warm->second == ref.index)
            sum -= policy_.warm_bonus;
        if (draft_.has_session(ref, room))
            sum -= policy_.session_bonus * part_saved(ref.step());
        return sum;
    }

    // Only what every node refuses for want of room says something about other steps.
    void remember_hopeless(Line const& line)
    {
        auto const& step = line.ref.step();
        if (line.other_reasons || line.pool || limited_ || step.wishes.whole_node
            || step.demand.reserved.get(Kind::gpu) > 0)
            return;
        auto reserved = step.demand.reserved;
        auto const memory = step.memory_mib();
        reserved.set(Kind::memory, line.lacked_memory ? memory.value_or(0) : 0);
        hopeless_.push_back(
            { reserved, line.lacked_memory ? std::optional(memory.has_value()) : std::nullopt });
    }

    bool known_hopeless(StepRef ref) const
    {
        if (hopeless_.empty() || draft_.blames(ref))
            return false;
        auto wanted = ref.step().demand.reserved;
        auto const memory = ref.step().memory_mib();
        wanted.set(Kind::memory, memory.value_or(0));
        // What a narrow task stands for does not fit into every gap.
        if (auto const width = ref.step().demand.width; width < 1)
            for (auto const& [name, amount] : wanted.list())
                wanted.set(name, amount / width);
        return std::any_of(hopeless_.begin(), hopeless_.end(), [&](Hopeless const& known) {
            return known.memory_known.value_or(memory.has_value()) == memory.has_value()
                && wanted.covers(known.reserved);
        });
    }

    void fill_all_ahead()
    {
        Ahead const ahead(draft_, policy_);
        if (!ahead.wanted())
            return;
        for (auto& room : draft_.rooms()) {
            if (enough())
                return;
            if (auto const more = ahead.more_for(room))
                fill_ahead(room, *more);
        }
    }

    void fill_ahead(Room& room, Ahead::More const& more)
    {
        auto const ref = more.ref;
        auto& position = positions_[&ref.step()];
        auto const taken = draft_.taken(ref, room);
        while (!enough() && room.queued < more.most) {
            auto const task = farm::next_task(*ref.job, ref.index, position);
            if (!task)
                return;
            auto const given = fair_part(ref, *task);
            position = given.next_position;
            ++room.queued;
            put(ref, room, given, taken, {});
        }
    }

    Farm const& farm_;
    Policy const& policy_;
    Draft& draft_;
    // Those of the draft that had space when the plan began; how many still have.
    std::span<Room> open_;
    std::size_t rooms_with_space_ { 0 };
    std::vector<Placement> placements_;
    std::map<std::pair<JobId, std::optional<std::size_t>>, std::deque<Line>> lines_;
    // It goes by the first round, in which steps have a part of each node.
    bool limited_ { false };
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
    lease.tasks = placement.tasks;
    lease.node = placement.node;
    lease.node_epoch = farm.nodes.at(placement.node).record.epoch;
    lease.leased_at = now.wall;
    lease.vcpus = placement.vcpus;
    lease.memory_mib = placement.memory_mib;
    lease.gpus = placement.gpus;
    return lease;
}

Plan plan(Farm const& farm, Now now, Policy const& policy)
{
    auto const waits = [&](JobId id) { return farm.jobs.at(id).count(farm::TaskState::ready) > 0; };
    if (std::none_of(farm.open_jobs.begin(), farm.open_jobs.end(), waits))
        return {};
    Draft draft(farm, now);
    return plan(draft, policy);
}

}
