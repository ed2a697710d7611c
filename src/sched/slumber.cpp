#include <sched/slumber.h>

#include <sched/plan.h>
#include <sched/queue.h>
#include <sched/reserve.h>

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <tuple>

namespace sidereal::sched {

namespace {

using farm::Farm;
using farm::Node;
using State = farm::NodePower::State;

// Of a step of which nothing was measured.
constexpr Duration unknown_run_time = std::chrono::hours(1);
constexpr Duration usual_wake = std::chrono::seconds(90);
constexpr Duration shortest_patience = std::chrono::minutes(1);
constexpr Duration first_pause = std::chrono::minutes(2);
constexpr std::uint32_t most_doublings = 5;
// Bounds on one answer.
constexpr std::size_t most_steps = 256;
constexpr std::uint64_t most_tasks = 4096;

// A node that was lost is off, as far as anybody can tell; one whose agent was stopped is not.
bool is_off(Node const& node)
{
    auto const lost = node.is_awake() && !node.lease_until && !node.record.stopped;
    return node.record.power.state == State::asleep || lost;
}

Wall may_try_from(Node const& node)
{
    auto const& power = node.record.power;
    if (power.failed_wakes == 0)
        return Wall::min();
    return power.since + first_pause * (1 << std::min(power.failed_wakes - 1, most_doublings));
}

class PowerPlanner {
public:
    PowerPlanner(Farm const& farm, Now now, Policy const& policy)
        : farm_(farm)
        , now_(now)
        , draft_(farm, now)
    {
        // For its reservations; it has placed already what it could.
        plan(draft_, policy);
    }

    PowerPlan run()
    {
        find_rooms();
        wake_for_work();
        wake_what_no_rule_names();
        put_to_sleep();
        return std::move(plan_);
    }

private:
    struct Candidate {
        Room room;
        Duration takes {};
        bool chosen { false };
    };

    void ask_again(Wall at)
    {
        if (at > now_.wall && (!plan_.next || at < *plan_.next))
            plan_.next = at;
    }

    void find_rooms()
    {
        for (auto const& [id, node] : farm_.nodes) {
            if (node.record.draining)
                continue;
            if (node.record.power.state == State::waking) {
                waking_.push_back({ Draft::woken(node), wake_time(farm_, node), true });
            } else if (is_off(node) && is_ruled(node)) {
                if (may_try_from(node) <= now_.wall)
                    asleep_.push_back({ Draft::woken(node), wake_time(farm_, node), false });
                else
                    ask_again(may_try_from(node));
            }
        }
        std::sort(asleep_.begin(), asleep_.end(), [](Candidate const& a, Candidate const& b) {
            auto const rank = [](Candidate const& candidate) {
                auto const& record = candidate.room.node->record;
                return std::tuple(record.power.state != State::asleep, record.power.failed_wakes,
                    candidate.takes, record.facts.rate.idle_w, record.id);
            };
            return rank(a) < rank(b);
        });
    }

    bool is_ruled(Node const& node) const
    {
        return node.record.power.state == State::asleep
            || (farm_.rules.sleeping && farm_.rules.sleeping->applies_to(node.record.facts.name));
    }

    void wake_for_work()
    {
        if (waking_.empty() && asleep_.empty())
            return;
        Queue queue(draft_);
        for (std::size_t steps = 0; auto const* job = queue.front(); queue.exhausted()) {
            for (auto const index : job->order) {
                StepRef const ref { job, static_cast<std::uint32_t>(index) };
                if (++steps > most_steps)
                    return;
                if (is_open(*job, index) && draft_.step_gate(ref) == WaitClass::next)
                    serve(ref);
            }
        }
    }

    // Its tasks go to what wakes already, then to what is worth waking.
    void serve(StepRef ref)
    {
        auto left = std::min(ref.step().tasks.count(farm::TaskState::ready), most_tasks);
        std::vector<Room const*> full;
        for (auto const& room : draft_.rooms()) {
            auto const gate = draft_.node_gate(ref, room);
            if (gate == WaitClass::next)
                return;
            if (gate == WaitClass::busy || gate == WaitClass::memory)
                full.push_back(&room);
        }
        auto const soonest = soonest_room(draft_, ref, full, unknown_run_time);
        for (auto* const candidates : { &waking_, &asleep_ }) {
            for (auto& candidate : *candidates) {
                auto const sooner = started_within(ref, soonest, candidate.takes);
                if (sooner >= left || draft_.step_gate(ref) != WaitClass::next)
                    return;
                left -= fill(ref, candidate, left - sooner);
            }
        }
    }

    // How many of its tasks what is awake starts in that time.
    std::uint64_t started_within(StepRef ref, std::optional<Duration> soonest, Duration time) const
    {
        if (!soonest || *soonest > time)
            return 0;
        auto const& step = ref.step();
        auto const lasts = std::max(step.run_times.mean().value_or(unknown_run_time), Duration(1));
        auto const running = static_cast<double>(step.tasks.count(farm::TaskState::leased));
        auto const ends = running * to_seconds(time) / to_seconds(lasts);
        return static_cast<std::uint64_t>(std::clamp(ends, 1.0, 1e9));
    }

    // What of its tasks the node takes.
    std::uint64_t fill(StepRef ref, Candidate& candidate, std::uint64_t most)
    {
        std::uint64_t taken = 0;
        for (; taken < most; ++taken) {
            if (draft_.step_gate(ref) != WaitClass::next
                || draft_.node_gate(ref, candidate.room) != WaitClass::next)
                break;
            if (!candidate.chosen && !choose(ref, candidate))
                break;
            draft_.take(ref, candidate.room, draft_.taken(ref, candidate.room));
        }
        return taken;
    }

    bool choose(StepRef ref, Candidate& candidate)
    {
        auto const& node = *candidate.room.node;
        if (!draft_.shared_caps().has_power_to_wake(node))
            return false;
        draft_.shared_caps().wake(node);
        candidate.chosen = true;
        plan_.changes.push_back({ node.record.id, PowerChange::Kind::wake,
            fmt::format("for step '{}' of job {}", ref.job->spec->steps[ref.index].name,
                ref.job->record.id.value) });
        return true;
    }

    void wake_what_no_rule_names()
    {
        for (auto& candidate : asleep_) {
            auto const& node = *candidate.room.node;
            auto const& rule = farm_.rules.sleeping;
            auto const named = rule && rule->applies_to(node.record.facts.name);
            if (named || candidate.chosen || !draft_.shared_caps().has_power_to_wake(node))
                continue;
            draft_.shared_caps().wake(node);
            candidate.chosen = true;
            plan_.changes.push_back({ node.record.id, PowerChange::Kind::wake,
                "the farm's rules let it sleep no more" });
        }
    }

    void put_to_sleep()
    {
        auto const& rule = farm_.rules.sleeping;
        if (!rule)
            return;
        std::vector<Node const*> idle;
        std::uint64_t awake = 0;
        for (auto const& room : draft_.rooms()) {
            auto const& node = *room.node;
            if (!rule->applies_to(node.record.facts.name))
                continue;
            ++awake;
            if (!node.idle_since || room.kept_for || node.yields_to || room.placed > 0)
                continue;
            if (*node.idle_since + rule->after <= now_.wall)
                idle.push_back(&node);
            else
                ask_again(*node.idle_since + rule->after);
        }
        std::sort(idle.begin(), idle.end(), [](Node const* a, Node const* b) {
            auto const saves = [](Node const* node) {
                return node->record.facts.rate.idle_w - node->record.facts.rate.standby_w;
            };
            return std::tuple(-saves(a), *a->idle_since, a->record.id)
                < std::tuple(-saves(b), *b->idle_since, b->record.id);
        });
        for (auto const* node : idle) {
            if (awake <= rule->keep_awake)
                return;
            --awake;
            plan_.changes.push_back({ node->record.id, PowerChange::Kind::fall_asleep,
                fmt::format("no work for {}", to_human(now_.wall - *node->idle_since)) });
        }
    }

    Farm const& farm_;
    Now now_;
    Draft draft_;
    PowerPlan plan_;
    std::vector<Candidate> waking_;
    std::vector<Candidate> asleep_;
};

}

Duration wake_time(Farm const& farm, Node const& node)
{
    auto const measured = node.record.power.wake_time;
    if (measured > Duration::zero())
        return measured;
    return farm.rules.sleeping ? farm.rules.sleeping->wake : usual_wake;
}

Duration longest_wake(Farm const& farm, Node const& node)
{
    return std::max(shortest_patience, 3 * wake_time(farm, node));
}

Node const* waking_for(Draft const& draft, StepRef ref)
{
    for (auto const id : draft.farm().resting) {
        auto const& node = draft.farm().nodes.at(id);
        if (node.record.power.state != State::waking || node.record.draining)
            continue;
        if (draft.node_gate(ref, Draft::woken(node)) == WaitClass::next)
            return &node;
    }
    return nullptr;
}

PowerPlan plan_power(Farm const& farm, Now now, Policy const& policy)
{
    if (!farm.rules.sleeping && farm.resting.empty())
        return {};
    return PowerPlanner(farm, now, policy).run();
}

}
