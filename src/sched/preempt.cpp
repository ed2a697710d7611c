#include <sched/preempt.h>

#include <base/verify.h>
#include <sched/plan.h>

#include <algorithm>
#include <map>
#include <optional>
#include <set>
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
constexpr std::size_t max_holders_looked_at = 32;

struct Victim {
    AttemptId id;
    Tier tier { Tier::normal };
    double loss_vcpu_s { 0 };
    Amounts frees;
    wire::GpuParts gpus;
    // Is waited for, not stopped.
    bool ends_soon { false };
    // Of what the step lacks besides room.
    bool frees_more { false };

    bool operator<(Victim const& other) const
    {
        return std::tuple(!ends_soon, tier, !frees_more, loss_vcpu_s, id) < std::tuple(
                   !other.ends_soon, other.tier, !other.frees_more, other.loss_vcpu_s, other.id);
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
    // What it lacks besides room, and who has that.
    std::vector<SharedCap> lacks {};
    std::vector<Victim> stopped_elsewhere {};
    std::vector<AttemptId> gone_elsewhere {};
    double loss_elsewhere_vcpu_s { 0 };

    bool is_better_than(Way const& other) const
    {
        auto const count = [](Way const& way) {
            return way.stopped.size() + way.stopped_elsewhere.size();
        };
        return std::tuple(loss_vcpu_s + loss_elsewhere_vcpu_s, !yields_already, count(*this))
            < std::tuple(other.loss_vcpu_s + other.loss_elsewhere_vcpu_s, !other.yields_already,
                count(other));
    }
};

// What the node itself has nothing to do with.
bool is_shared(WaitClass gate)
{
    switch (gate) {
    case WaitClass::limit:
    case WaitClass::project_cap:
    case WaitClass::power:
    case WaitClass::heat: return true;
    default: return false;
    }
}

class RoomMaker {
public:
    RoomMaker(Farm const& farm, Now now, Policy const& policy)
        : farm_(farm)
        , now_(now)
        , rule_(*farm.rules.preemption)
        , soon_(farm, now)
    {
        leave_out_what_is_being_stopped();
        soon_.shared_caps().count_on_seats_given_back();
        for (auto const& placement : plan(soon_, policy).placements) {
            ++placed_[{ placement.job, placement.step }];
            keep_for(placement);
        }
    }

    RoomMade run()
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
    RoomMade take()
    {
        RoomMade made;
        made.kept = std::move(kept_);
        for (auto& [node, yield] : yields_) {
            made.kept.nodes[node] = yield.to;
            made.yields.push_back(std::move(yield));
        }
        return made;
    }

    // It could not be placed yet, and so goes where others are being stopped: what that has brought
    // already is not for work of lower tiers.
    void keep_for(Placement const& placement)
    {
        auto const& job = farm_.jobs.at(placement.job);
        auto const tier = tier_of(farm_, job);
        if (tier < rule_.from)
            return;
        auto const& node = farm_.nodes.at(placement.node);
        yield_of(placement.node, tier);
        for (auto const& [name, seats] : job.steps[placement.step].demand.limits)
            keep_still(farm_.kept.seats, kept_.seats, name, tier);
        for (auto const name : farm::project_and_parents(job.record.project))
            keep_still(farm_.kept.projects, kept_.projects, std::string(name), tier);
        for (auto const place : { node.circuit, node.cooling })
            if (place >= 0)
                keep_still(farm_.kept.power, kept_.power, static_cast<std::size_t>(place), tier);
    }

    template<typename Map, typename Key>
    static void keep_still(Map const& before, Map& kept, Key const& what, Tier tier)
    {
        if (before.contains(what))
            keep(kept, what, tier);
    }

    template<typename Map, typename Key>
    static void keep(Map& kept, Key const& what, Tier tier)
    {
        auto const [at, is_new] = kept.try_emplace(what, tier);
        at->second = std::min(at->second, tier);
    }

    void keep(SharedCap const& cap, Tier tier)
    {
        switch (cap.kind) {
        case SharedCap::Kind::seats: return keep(kept_.seats, std::string(cap.name), tier);
        case SharedCap::Kind::vcpus_of_project:
            return keep(kept_.projects, std::string(cap.name), tier);
        case SharedCap::Kind::watts: return keep(kept_.power, cap.place, tier);
        }
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

    std::optional<SharedCap> lack_of(StepRef ref, Room const& room) const
    {
        auto const vcpus = soon_.taken(ref, room).get(Amounts::Kind::vcpu);
        return soon_.shared_caps().lacks(ref, room, vcpus);
    }

    bool may_be_served(StepRef ref) const
    {
        auto const gate = soon_.step_gate(ref);
        return gate == WaitClass::next || is_shared(gate);
    }

    void serve(StepRef ref)
    {
        if (!is_open(*ref.job, ref.index) || !may_be_served(ref))
            return;
        auto wanted = tasks_without_room(ref);
        if (wanted == 0)
            return;
        auto ways = ways_for(ref);
        while (wanted > 0 && may_be_served(ref)) {
            auto const best = std::min_element(ways.begin(), ways.end(),
                [](Way const& left, Way const& right) { return left.is_better_than(right); });
            if (best == ways.end()) {
                ++in_vain_;
                return;
            }
            auto way = std::move(*best);
            ways.erase(best);
            // Somebody there was stopped for what others lacked, or that has run out meanwhile.
            auto const is_stale = way.left.changes != way.room->changes;
            if (!is_stale && !go(ref, way))
                continue;
            wanted -= is_stale ? 0 : 1;
            served_ += is_stale ? 0 : 1;
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
        std::set<Room const*> seen;
        auto const look_at = [&](Room& room) {
            auto const gate = soon_.node_gate(ref, room);
            if ((gate != WaitClass::busy && gate != WaitClass::memory && !is_shared(gate)
                    && !(gate == WaitClass::next && lack_of(ref, room)))
                || !seen.insert(&room).second)
                return;
            ++looked_at;
            ++all_looked_at_;
            if (auto way = way_on(ref, room))
                ways.push_back(std::move(*way));
        };
        auto const rooms = soon_.rooms();
        if (rooms.empty())
            return ways;
        // From a place of the job's own, as in a plan.
        auto const start = ref.job->record.id.value * 7919;
        // Whoever has what it lacks may leave it the room as well.
        if (auto const lack = lack_of(ref, rooms[start % rooms.size()])) {
            auto const& holders = holders_of(*lack);
            for (std::size_t i = 0; i < std::min(holders.size(), max_holders_looked_at); ++i)
                look_at(room_of(holders[i].id));
        }
        for (std::size_t i = 0; i < rooms.size(); ++i) {
            if (looked_at >= max_rooms_looked_at || all_looked_at_ >= max_rooms_in_all)
                break;
            look_at(rooms[(start + i) % rooms.size()]);
        }
        return ways;
    }

    std::optional<Way> way_on(StepRef ref, Room& room)
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
        auto const lack = lack_of(ref, room);
        std::vector<Victim> victims;
        for (auto const id : room.node->occupying) {
            if (soon_.is_left_out(id))
                continue;
            auto victim = victim_of(id);
            victim.frees_more = lack
                && soon_.shared_caps().frees_some_of(*lack, farm_.attempts.at(id).record);
            if (victim.ends_soon) {
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
        if (!lack_of(ref, way.left))
            return way;
        // What else it takes is known by trying.
        auto const can_go = clear(ref, way);
        undo(way);
        return can_go ? std::optional(std::move(way)) : std::nullopt;
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

    // As far as the node goes.
    bool fits(StepRef ref, Room const& left) const
    {
        auto cleared = left;
        cleared.queued = 0;
        auto const gate = soon_.node_gate(ref, cleared);
        return gate == WaitClass::next || is_shared(gate);
    }

    // As if the way had been gone; false if that is not enough.
    bool clear(StepRef ref, Way& way)
    {
        way.lacks.clear();
        way.stopped_elsewhere.clear();
        way.gone_elsewhere.clear();
        way.loss_elsewhere_vcpu_s = 0;
        for (auto const id : way.gone)
            soon_.leave_out(*way.room, id);
        for (auto const& victim : way.stopped)
            soon_.leave_out(*way.room, victim.id);
        while (auto const lack = lack_of(ref, *way.room)) {
            way.lacks.push_back(*lack);
            if (!stop_elsewhere(ref, *lack, way))
                return false;
        }
        return soon_.step_gate(ref) == WaitClass::next
            && soon_.node_gate(ref, *way.room) == WaitClass::next;
    }

    void undo(Way const& way)
    {
        for (auto const id : way.gone)
            soon_.put_back(*way.room, id);
        for (auto const& victim : way.stopped)
            soon_.put_back(*way.room, victim.id);
        for (auto const id : way.gone_elsewhere)
            soon_.put_back(room_of(id), id);
        for (auto const& victim : way.stopped_elsewhere)
            soon_.put_back(room_of(victim.id), victim.id);
    }

    Room& room_of(AttemptId id)
    {
        auto* const room = soon_.room(farm_.attempts.at(id).record.node);
        VERIFY(room);
        return *room;
    }

    bool stop_elsewhere(StepRef ref, SharedCap const& lack, Way& way)
    {
        auto const tier = tier_of(farm_, *ref.job);
        for (auto const& victim : holders_of(lack)) {
            if ((victim.tier >= tier && !victim.ends_soon) || soon_.is_left_out(victim.id))
                continue;
            soon_.leave_out(room_of(victim.id), victim.id);
            if (victim.ends_soon) {
                way.gone_elsewhere.push_back(victim.id);
            } else {
                way.stopped_elsewhere.push_back(victim);
                way.loss_elsewhere_vcpu_s += victim.loss_vcpu_s;
            }
            return true;
        }
        return false;
    }

    // In the order in which they would be stopped.
    std::vector<Victim> const& holders_of(SharedCap const& lack)
    {
        auto const [known, is_new] = holders_.try_emplace(lack);
        auto& holders = known->second;
        if (!is_new)
            return holders;
        for (auto const& [id, attempt] : farm_.attempts)
            if (attempt.occupies && !attempt.cancel_reason
                && soon_.shared_caps().frees_some_of(lack, attempt.record)
                && soon_.room(attempt.record.node))
                holders.push_back(victim_of(id));
        std::sort(holders.begin(), holders.end());
        return holders;
    }

    bool go(StepRef ref, Way& way)
    {
        if (!clear(ref, way)) {
            undo(way);
            return false;
        }
        auto const tier = tier_of(farm_, *ref.job);
        for (auto const& lack : way.lacks)
            keep(lack, tier);
        auto& yield = yield_of(way.room->node->record.id, tier);
        for (auto const& victim : way.stopped)
            yield.stop.push_back(victim.id);
        for (auto const id : way.gone)
            if (!farm_.attempts.at(id).occupies)
                yield.stop.push_back(id);
        for (auto const& victim : way.stopped_elsewhere)
            yield_of(farm_.attempts.at(victim.id).record.node, tier).stop.push_back(victim.id);
        soon_.take(ref, *way.room, soon_.taken(ref, *way.room));
        return true;
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
        return { id, tier_of_attempt(id), loss, frees, attempt.record.gpus, ends_soon(attempt) };
    }

    bool ends_soon(farm::Attempt const& attempt) const
    {
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
    farm::Kept kept_;
    // Who has something of what many share.
    std::map<SharedCap, std::vector<Victim>> holders_;
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

RoomMade make_room(Farm const& farm, Now now, Policy const& policy)
{
    return wants_room(farm) ? RoomMaker(farm, now, policy).run() : RoomMade {};
}

}
