#include <sched/preempt.h>

#include <sched/plan.h>

#include <algorithm>
#include <map>
#include <optional>
#include <tuple>
#include <utility>

namespace sidereal::sched {

namespace {

using farm::Amounts;
using farm::Farm;
using farm::TaskState;
using farm::Tier;

// Bounds on one answer; the next one goes on.
constexpr std::size_t max_tasks_served = 64;
constexpr std::size_t max_steps_in_vain = 8;
constexpr std::size_t max_rooms_looked_at = 96;
constexpr std::size_t max_rooms_in_all = 192;

struct Victim {
    AttemptId id;
    Tier tier { Tier::normal };
    double loss_vcpu_s { 0 };
    Amounts frees;
    wire::GpuParts gpus;

    bool operator<(Victim const& other) const
    {
        return std::tie(tier, loss_vcpu_s, id) < std::tie(other.tier, other.loss_vcpu_s, other.id);
    }
};

// One way to make room on one node.
struct Way {
    Room* room { nullptr };
    std::vector<Victim> stopped;
    // Ended by itself soon, or stopped before it began.
    std::vector<AttemptId> gone;
    // The room as it will be.
    Room left;
    double loss_vcpu_s { 0 };
    bool yields_already { false };

    bool is_better_than(Way const& other) const
    {
        return std::tuple(loss_vcpu_s, !yields_already, stopped.size())
            < std::tuple(other.loss_vcpu_s, !other.yields_already, other.stopped.size());
    }
};

class RoomMaker {
public:
    RoomMaker(Farm const& farm, Now now, Policy const& policy)
        : farm_(farm)
        , now_(now)
        , rule_(*farm.rules.preemption)
        , soon_(farm, now)
    {
        leave_out_what_is_being_stopped();
        for (auto const& placement : plan(soon_, policy).placements)
            ++placed_[{ placement.job, placement.step }];
    }

    std::vector<Yield> run()
    {
        for (auto const* job : waiting_jobs()) {
            for (auto const index : job->order) {
                serve({ job, static_cast<std::uint32_t>(index) });
                if (in_vain_ >= max_steps_in_vain || served_ >= max_tasks_served)
                    return take();
            }
        }
        return take();
    }

private:
    std::vector<Yield> take()
    {
        std::vector<Yield> all;
        for (auto& [node, yield] : yields_)
            all.push_back(std::move(yield));
        return all;
    }

    Yield& yield_of(NodeId node, Tier to)
    {
        auto& yield = yields_.try_emplace(node, Yield { node, to, {} }).first->second;
        yield.to = std::min(yield.to, to);
        return yield;
    }

    // What was told to stop counts as gone; its node goes on yielding until it is.
    void leave_out_what_is_being_stopped()
    {
        bool left_out = false;
        for (auto const& [id, attempt] : farm_.attempts) {
            auto* const room = attempt.cancel_reason ? soon_.room(attempt.record.node) : nullptr;
            if (!room)
                continue;
            soon_.leave_out(*room, id);
            if (attempt.preempted)
                yield_of(room->node->record.id, room->node->yields_to.value_or(rule_.from));
            left_out = true;
        }
        if (left_out)
            soon_.open_freed_rooms();
    }

    std::vector<farm::Job const*> waiting_jobs() const
    {
        std::vector<farm::Job const*> jobs;
        for (auto const id : farm_.open_jobs) {
            auto const& job = farm_.jobs.at(id);
            if (tier_of(farm_, job) >= rule_.from && job.count(TaskState::ready) > 0
                && soon_.job_gate(job) == WaitClass::next)
                jobs.push_back(&job);
        }
        std::stable_sort(jobs.begin(), jobs.end(), [&](auto const* left, auto const* right) {
            return tier_of(farm_, *left) > tier_of(farm_, *right);
        });
        return jobs;
    }

    void serve(StepRef ref)
    {
        if (!is_open(*ref.job, ref.index) || soon_.step_gate(ref) != WaitClass::next)
            return;
        auto wanted = tasks_without_room(ref);
        if (wanted == 0)
            return;
        auto ways = ways_for(ref);
        while (wanted > 0 && soon_.step_gate(ref) == WaitClass::next) {
            auto const best = std::min_element(ways.begin(), ways.end(),
                [](Way const& left, Way const& right) { return left.is_better_than(right); });
            if (best == ways.end()) {
                ++in_vain_;
                return;
            }
            auto const way = std::move(*best);
            ways.erase(best);
            // Seats and watts may have run out meanwhile.
            if (!fits(ref, way.left))
                continue;
            go(ref, way);
            --wanted;
            ++served_;
            if (auto again = way_on(ref, *way.room))
                ways.push_back(std::move(*again));
        }
    }

    // At most as many as may still be served.
    std::uint64_t tasks_without_room(StepRef ref) const
    {
        auto const placed = placed_.find({ ref.job->record.id, ref.index });
        auto const have_room = placed == placed_.end() ? 0 : placed->second;
        auto const enough = have_room + max_tasks_served - served_;
        std::uint64_t count = 0;
        std::uint64_t position = 0;
        while (count < enough) {
            auto const task = farm::next_task(*ref.job, ref.index, position);
            if (!task)
                break;
            position = task->next_position;
            ++count;
        }
        return count - std::min(count, have_room);
    }

    std::vector<Way> ways_for(StepRef ref)
    {
        std::vector<Way> ways;
        std::size_t looked_at = 0;
        auto const rooms = soon_.rooms();
        // From a place of the job's own, as in a plan.
        auto const start = ref.job->record.id.value * 7919;
        for (std::size_t i = 0; i < rooms.size(); ++i) {
            auto& room = rooms[(start + i) % rooms.size()];
            if (looked_at >= max_rooms_looked_at || all_looked_at_ >= max_rooms_in_all)
                break;
            auto const gate = soon_.node_gate(ref, room);
            if (gate != WaitClass::busy && gate != WaitClass::memory)
                continue;
            ++looked_at;
            ++all_looked_at_;
            if (auto way = way_on(ref, room))
                ways.push_back(std::move(*way));
        }
        return ways;
    }

    std::optional<Way> way_on(StepRef ref, Room& room) const
    {
        auto const tier = tier_of(farm_, *ref.job);
        Way way { &room, {}, {}, room, 0, yields_.contains(room.node->record.id) };
        for (auto const id : room.node->queue) {
            if (soon_.is_left_out(id))
                continue;
            // It would move up before anything else.
            if (tier_of_attempt(id) >= tier)
                return std::nullopt;
            way.gone.push_back(id);
        }
        std::vector<Victim> victims;
        for (auto const id : room.node->occupying) {
            if (soon_.is_left_out(id))
                continue;
            auto const victim = victim_of(id);
            if (ends_soon(id)) {
                way.left.give_back(victim.frees, victim.gpus);
                way.gone.push_back(id);
            } else if (victim.tier < tier) {
                victims.push_back(victim);
            }
        }
        std::sort(victims.begin(), victims.end());
        for (auto const& victim : victims) {
            if (fits(ref, way.left))
                break;
            way.left.give_back(victim.frees, victim.gpus);
            way.stopped.push_back(victim);
        }
        if (!fits(ref, way.left))
            return std::nullopt;
        spare_what_can_stay(ref, way);
        return way;
    }

    // The greatest loss first.
    void spare_what_can_stay(StepRef ref, Way& way) const
    {
        auto& stopped = way.stopped;
        for (auto i = stopped.size(); i > 0; --i) {
            auto with = way.left;
            with.used += stopped[i - 1].frees;
            farm::take(with.node->record.facts, with.gpus, stopped[i - 1].gpus);
            if (!fits(ref, with)) {
                way.loss_vcpu_s += stopped[i - 1].loss_vcpu_s;
                continue;
            }
            way.left = std::move(with);
            stopped.erase(stopped.begin() + static_cast<std::ptrdiff_t>(i - 1));
        }
    }

    bool fits(StepRef ref, Room const& left) const
    {
        auto cleared = left;
        cleared.queued = 0;
        return soon_.node_gate(ref, cleared) == WaitClass::next;
    }

    void go(StepRef ref, Way const& way)
    {
        auto& room = *way.room;
        auto& yield = yield_of(room.node->record.id, tier_of(farm_, *ref.job));
        for (auto const& victim : way.stopped)
            yield.stop.push_back(victim.id);
        for (auto const id : way.gone)
            if (!farm_.attempts.at(id).occupies)
                yield.stop.push_back(id);
        for (auto const id : way.gone)
            soon_.leave_out(room, id);
        for (auto const& victim : way.stopped)
            soon_.leave_out(room, victim.id);
        soon_.take(ref, room, soon_.taken(ref, room));
    }

    farm::Step const& step_of(farm::Attempt const& attempt) const
    {
        return farm_.jobs.at(attempt.record.job).steps[attempt.record.step];
    }

    Tier tier_of_attempt(AttemptId id) const
    {
        return tier_of(farm_, farm_.jobs.at(farm_.attempts.at(id).record.job));
    }

    Victim victim_of(AttemptId id) const
    {
        auto const& attempt = farm_.attempts.at(id);
        auto const& step = step_of(attempt);
        auto const frees = farm::taken_by(step, attempt.record);
        auto const since_s = std::max(0.0, to_seconds(now_.wall - attempt.record.leased_at));
        auto const loss = step.wishes.resumable ? 0 : since_s * frees.get(Amounts::Kind::vcpu);
        return { id, tier_of_attempt(id), loss, frees, attempt.record.gpus };
    }

    bool ends_soon(AttemptId id) const
    {
        auto const& attempt = farm_.attempts.at(id);
        auto const lasts = step_of(attempt).usually_within(attempt.record.tasks);
        if (!lasts)
            return false;
        auto const left = *lasts - (now_.wall - attempt.record.leased_at);
        return left <= rule_.drain && left >= -rule_.drain;
    }

    Farm const& farm_;
    Now now_;
    farm::PreemptionRule const& rule_;
    // The farm when all that is being stopped or ends soon is gone, with what will run there.
    Draft soon_;
    std::map<NodeId, Yield> yields_;
    std::map<std::pair<JobId, std::uint32_t>, std::uint64_t> placed_;
    std::size_t served_ { 0 };
    std::size_t in_vain_ { 0 };
    std::size_t all_looked_at_ { 0 };
};

}

bool wants_room(Farm const& farm)
{
    auto const& rule = farm.rules.preemption;
    return rule && std::any_of(farm.open_jobs.begin(), farm.open_jobs.end(), [&](JobId id) {
        auto const& job = farm.jobs.at(id);
        return tier_of(farm, job) >= rule->from && job.count(TaskState::ready) > 0;
    });
}

std::vector<Yield> make_room(Farm const& farm, Now now, Policy const& policy)
{
    return wants_room(farm) ? RoomMaker(farm, now, policy).run() : std::vector<Yield> {};
}

}
