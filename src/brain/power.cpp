// Nodes that sleep and wake: the scheduler decides, here it becomes records and orders.
#include <brain/mind.h>

#include <sched/slumber.h>

#include <set>

namespace sidereal::brain {

namespace {

using farm::NodeRecord;
using State = farm::NodePower::State;

// A node that still answers so long after it was told to sleep does not do it.
constexpr Duration longest_falling_asleep = std::chrono::minutes(5);
// A call so soon may be of a machine that is about to be off, even if its agent was started anew.
constexpr Duration longest_way_down = std::chrono::minutes(1);

void set_power(Brain& brain, NodeId id, State state, Now now, Effects& effects)
{
    auto changed = brain.farm.nodes.at(id).record;
    changed.power.state = state;
    changed.power.since = now.wall;
    record(brain, changed, effects);
}

void tell(Brain& brain, NodeId id, std::string event, Note::Level level, std::string reason,
    Effects& effects)
{
    note(effects, level, std::move(event),
        { { "node", brain.farm.nodes.at(id).record.facts.name }, { "reason", std::move(reason) } });
}

// What was told and did not happen in time.
void look_after(Brain& brain, NodeId id, Now now, Effects& effects)
{
    auto& node = brain.farm.nodes.at(id);
    auto const& power = node.record.power;
    // A clock that was set back must not make anybody wait.
    auto const elapsed = std::chrono::abs(now.wall - power.since);
    if (power.state == State::falling_asleep && !node.lease_until) {
        set_power(brain, id, State::asleep, now, effects);
    } else if (power.state == State::falling_asleep && elapsed > longest_falling_asleep) {
        node.idle_since = now.wall;
        set_power(brain, id, State::awake, now, effects);
        tell(brain, id, "node_does_not_sleep", Note::Level::warning,
            "it still answers; can its driver put it to sleep?", effects);
    } else if (power.state == State::waking && elapsed > sched::longest_wake(brain.farm, node)) {
        auto failed = node.record;
        failed.power.state = State::asleep;
        failed.power.since = now.wall;
        ++failed.power.failed_wakes;
        record(brain, failed, effects);
        tell(brain, id, "node_does_not_wake", Note::Level::warning,
            fmt::format("not heard of for {}", to_human(elapsed)), effects);
    }
}

void carry_out(Brain& brain, sched::PowerChange const& change, Now now, Effects& effects)
{
    auto const wake = change.kind == sched::PowerChange::Kind::wake;
    set_power(brain, change.node, wake ? State::waking : State::falling_asleep, now, effects);
    auto const& record = brain.farm.nodes.at(change.node).record;
    effects.power.push_back({ change.node, record.facts.name, record.facts.pool, change.kind });
    tell(brain, change.node, wake ? "node_wakes" : "node_sleeps", Note::Level::info, change.reason,
        effects);
}

void note_awake(Brain& brain, NodeId id, Now now, Effects& effects)
{
    auto woken = brain.farm.nodes.at(id).record;
    auto const took = now.wall - woken.power.since;
    // The mean of what was known and what it was now: one slow boot is not the rule.
    if (woken.power.state == State::waking && took > Duration::zero())
        woken.power.wake_time = woken.power.wake_time > Duration::zero()
            ? (woken.power.wake_time + took) / 2
            : took;
    woken.power.state = State::awake;
    woken.power.since = now.wall;
    woken.power.failed_wakes = 0;
    brain.farm.nodes.at(id).idle_since = now.wall;
    record(brain, woken, effects);
    tell(brain, id, "node_awake", Note::Level::info, fmt::format("after {}", to_human(took)),
        effects);
}

}

void manage_power(Brain& brain, Now now, Effects& effects)
{
    if (!brain.farm.rules.sleeping && brain.farm.resting.empty())
        return;
    auto const ask_at = [&](Mono time) {
        if (!brain.next_start || time < *brain.next_start)
            brain.next_start = time;
    };
    if (now.mono < brain.next_power)
        return ask_at(brain.next_power);
    brain.next_power = now.mono + between_power;
    for (auto& [id, node] : brain.farm.nodes)
        if (node.is_awake() && node.present && node.live_attempts() == 0
            && (!node.idle_since || *node.idle_since > now.wall))
            node.idle_since = now.wall;
    for (auto const id : std::set(brain.farm.resting))
        look_after(brain, id, now, effects);
    auto const plan = sched::plan_power(brain.farm, now, brain.config.policy);
    for (auto const& change : plan.changes)
        carry_out(brain, change, now, effects);
    if (plan.next)
        ask_at(now.mono + (*plan.next - now.wall));
    for (auto const id : brain.farm.resting) {
        auto const& node = brain.farm.nodes.at(id);
        if (node.record.power.state == State::waking)
            ask_at(now.mono + sched::longest_wake(brain.farm, node) + Duration(1));
        else if (node.record.power.state == State::falling_asleep)
            ask_at(now.mono + longest_falling_asleep + Duration(1));
    }
}

void note_call(Brain& brain, NodeId id, bool first_of_its_life, Now now, Effects& effects)
{
    auto const& power = brain.farm.nodes.at(id).record.power;
    auto const on_its_way_down = std::chrono::abs(now.wall - power.since) < longest_way_down;
    switch (power.state) {
    case State::awake: return;
    case State::waking: return note_awake(brain, id, now, effects);
    case State::falling_asleep:
        if (first_of_its_life && !on_its_way_down)
            note_awake(brain, id, now, effects);
        return;
    case State::asleep:
        // It was only not heard of for a while.
        if (on_its_way_down)
            return set_power(brain, id, State::falling_asleep, now, effects);
        return note_awake(brain, id, now, effects);
    }
}

}
