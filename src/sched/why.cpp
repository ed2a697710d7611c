#include <sched/why.h>

#include <base/verify.h>
#include <sched/gate_text.h>
#include <sched/plan.h>
#include <sched/queue.h>
#include <sched/reserve.h>
#include <sched/slumber.h>

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <map>
#include <numeric>
#include <optional>
#include <set>
#include <string>
#include <vector>

namespace sidereal::sched {

namespace {

using farm::Amounts;
using farm::Farm;
using farm::TaskState;
using Kind = Amounts::Kind;
using NodeCounts = std::array<std::uint64_t, wait_classes>;

// What all nodes say to a step.
struct Survey {
    std::vector<WaitClass> said; // as Draft::rooms
    NodeCounts counts {};

    std::uint64_t count(WaitClass reason) const { return counts[static_cast<std::size_t>(reason)]; }
};

Survey ask_nodes(Draft const& draft, StepRef ref)
{
    Survey survey;
    survey.said.reserve(draft.rooms().size());
    for (auto const& room : draft.rooms()) {
        survey.said.push_back(draft.node_gate(ref, room));
        ++survey.counts[static_cast<std::size_t>(survey.said.back())];
    }
    return survey;
}

// What most of the busy nodes are short of.
std::string_view scarcest(Draft const& draft, StepRef ref, Survey const& survey)
{
    std::map<std::string_view, std::uint64_t> counts;
    for (std::size_t i = 0; i < survey.said.size(); ++i) {
        auto const& room = draft.rooms()[i];
        if (survey.said[i] != WaitClass::busy)
            continue;
        auto const name = room.has_space()
            ? room.node->capacity.first_short(room.used, draft.taken(ref, room))
            : std::string_view {};
        ++counts[name.empty() ? Amounts::name_of(Kind::vcpu) : name];
    }
    auto const most = std::max_element(counts.begin(), counts.end(),
        [](auto const& left, auto const& right) { return left.second < right.second; });
    return most == counts.end() ? Amounts::name_of(Kind::vcpu) : most->first;
}

// The node that comes nearest to having room, and by how much it falls short.
std::string best_offer(
    Draft const& draft, StepRef ref, Survey const& survey, std::string_view amount)
{
    Room const* best = nullptr;
    double most = -1;
    for (std::size_t i = 0; i < survey.said.size(); ++i) {
        auto const& room = draft.rooms()[i];
        auto const free = room.node->capacity.get(amount) - room.used.get(amount);
        if (survey.said[i] != WaitClass::misfit && free > most) {
            best = &room;
            most = free;
        }
    }
    if (!best)
        return "no node has it";
    auto const is_memory = amount == Amounts::name_of(Kind::memory);
    auto const unit = is_memory ? 1024.0 : 1.0;
    return fmt::format("needs {:.3g}{}, the best node ({}) has {:.3g} free",
        draft.taken(ref, *best).get(amount) / unit, is_memory ? " GiB" : "",
        best->node->record.facts.name, most / unit);
}

std::string when_room(Draft const& draft, StepRef ref, Survey const& survey)
{
    std::vector<Room const*> full;
    for (std::size_t i = 0; i < survey.said.size(); ++i)
        if (survey.said[i] == WaitClass::busy || survey.said[i] == WaitClass::memory)
            full.push_back(&draft.rooms()[i]);
    auto const soonest = soonest_room(draft, ref, full, std::nullopt);
    return soonest ? fmt::format("; room in about {}", to_human(*soonest)) : "";
}

std::string misfit_text(Draft const& draft, StepRef ref)
{
    auto const& step = ref.step();
    std::string example;
    for (auto const& room : draft.rooms()) {
        auto const& facts = room.node->record.facts;
        auto demand = step.demand;
        demand.reserved = draft.taken(ref, room);
        auto const reason = farm::misfit(demand, facts, room.node->capacity);
        example = fmt::format("{} on {}", reason.value_or("is not among its nodes"), facts.name);
        if (reason)
            break;
    }
    return fmt::format(
        "no node can ever run it ({}): add a node that has this, or lower the step's "
        "hostRequirements",
        example);
}

std::string power_text(Draft const& draft, StepRef ref, Survey const& survey, WaitClass gate)
{
    auto const at = std::find(survey.said.begin(), survey.said.end(), gate);
    VERIFY(at != survey.said.end());
    auto const& room = draft.rooms()[static_cast<std::size_t>(at - survey.said.begin())];
    auto const* rule = draft.full_power(ref, room);
    VERIFY(rule);
    if (gate == WaitClass::power)
        return fmt::format("circuit '{}' is full ({:g} W of a {:g} W breaker may be used all the "
                           "time): wait for running tasks to end, or move nodes to another",
            rule->name, rule->usable_w(), rule->rated_w);
    return fmt::format("room '{}' has cooling for {:g} W and is at that: wait, or add cooling",
        rule->name, rule->rated_w);
}

std::string pool_text(Draft const& draft, StepRef ref, Survey const& survey)
{
    auto const at = std::find(survey.said.begin(), survey.said.end(), WaitClass::project_cap);
    VERIFY(at != survey.said.end());
    auto const& room = draft.rooms()[static_cast<std::size_t>(at - survey.said.begin())];
    return fmt::format(
        "project '{}' is at its max_vcpus of pool '{}': raise it in the farm's rules, "
        "or wait for its running tasks to end",
        ref.job->record.project, draft.farm().pools[room.node->pool]);
}

std::string session_text(StepRef ref)
{
    return fmt::format("a session of its step is open and will have done the rest before a new one "
                       "is entered: entering another would take {}",
        to_human(ref.step().enter_times.mean().value_or(Duration::zero())));
}

std::string how_it_is_known(farm::PeakMemory const& peaks)
{
    if (!peaks.estimate_mib() || peaks.count() < farm::PeakMemory::least)
        return {};
    return fmt::format(" (learned from {} tasks, enough for {:.0f} % of those to come)",
        peaks.count(), std::floor(100 * peaks.confidence()));
}

std::string counted_nodes(std::uint64_t nodes)
{
    return fmt::format("{} node{}", nodes, nodes == 1 ? "" : "s");
}

std::uint64_t nodes_that_yield_to(Draft const& draft, StepRef ref, Survey const& survey)
{
    auto const tier = tier_of(draft.farm(), *ref.job);
    std::uint64_t nodes = 0;
    for (std::size_t i = 0; i < survey.said.size(); ++i) {
        auto const& to = draft.rooms()[i].node->yields_to;
        nodes += to && tier >= *to && survey.said[i] == WaitClass::busy ? 1u : 0u;
    }
    return nodes;
}

std::string busy_text(Draft const& draft, StepRef ref, Survey const& survey)
{
    if (auto const yielding = nodes_that_yield_to(draft, ref, survey); yielding > 0)
        return fmt::format("room is being made for it on {}, where work of lower tiers is "
                           "being stopped or ends soon: wait",
            counted_nodes(yielding));
    auto const amount = scarcest(draft, ref, survey);
    return fmt::format(
        "busy, {} that could run it: {} {}{}; add nodes, or raise the tier or priority",
        counted_nodes(survey.count(WaitClass::busy)), best_offer(draft, ref, survey, amount),
        amount, when_room(draft, ref, survey));
}

std::string node_text(Draft const& draft, StepRef ref, Survey const& survey, WaitClass reason)
{
    switch (reason) {
    case WaitClass::no_nodes: return "no node takes work: start an agent, or undrain a node";
    case WaitClass::misfit: return misfit_text(draft, ref);
    case WaitClass::blamed: return blame_text(draft, ref);
    case WaitClass::job_cap:
    case WaitClass::step_cap:
    case WaitClass::limit: return gate_text(draft, ref, reason);
    case WaitClass::power:
    case WaitClass::heat: return power_text(draft, ref, survey, reason);
    case WaitClass::kept_for_gpu:
        return fmt::format("{} with GPUs kept for GPU work that waits: add nodes without",
            counted_nodes(survey.count(reason)));
    case WaitClass::project_cap: return pool_text(draft, ref, survey);
    case WaitClass::session: return session_text(ref);
    case WaitClass::reserved:
        return fmt::format("{} kept free for work of a higher tier, or that needs a bigger part of "
                           "a node: raise the tier or priority, or add nodes",
            counted_nodes(survey.count(reason)));
    case WaitClass::memory:
        return fmt::format("short of memory: {}{}; a smaller worker.memory would help{}",
            best_offer(draft, ref, survey, Amounts::name_of(Kind::memory)),
            how_it_is_known(ref.step().memory), when_room(draft, ref, survey));
    case WaitClass::busy: return busy_text(draft, ref, survey);
    case WaitClass::next: return "goes out with the next plan";
    default: VERIFY_NOT_REACHED();
    }
}

// What most of the nodes say that could run it; a node that would take it counts more than all.
WaitClass verdict(Survey const& survey)
{
    if (survey.count(WaitClass::next) > 0)
        return WaitClass::next;
    auto best = WaitClass::misfit;
    for (std::size_t i = static_cast<std::size_t>(WaitClass::misfit) + 1; i < wait_classes; ++i) {
        auto const reason = static_cast<WaitClass>(i);
        if (survey.counts[i] > 0
            && (best == WaitClass::misfit || survey.counts[i] > survey.count(best)))
            best = reason;
    }
    return best;
}

// The farm before and after the next plan, which is only made if somebody asks.
class Outlook {
public:
    Outlook(Farm const& farm, Now now, Policy const& policy)
        : policy_(policy)
        , before_(farm, now)
    {
    }

    Draft const& before() const { return before_; }

    Draft const& after()
    {
        if (!after_) {
            after_.emplace(before_.farm(), before_.now());
            for (auto const& placement : plan(*after_, policy_).placements)
                ++placed_[{ placement.job, placement.step }];
        }
        return *after_;
    }

    // Tasks of it go out with the plan.
    bool goes(StepRef ref) const { return placed_.contains({ ref.job->record.id, ref.index }); }

    // Before the plan some node would have taken it; only one with space can.
    bool fits_before(StepRef ref) const
    {
        auto const open = before_.open_rooms();
        return std::any_of(open.begin(), open.end(),
            [&](Room const& room) { return before_.node_gate(ref, room) == WaitClass::next; });
    }

    // The jobs that the plan serves.
    std::string first_ones() const
    {
        std::set<JobId> jobs;
        for (auto const& [key, tasks] : placed_)
            jobs.insert(key.first);
        if (jobs.size() > max_named)
            return fmt::format("{} other jobs go", jobs.size());
        std::string names;
        for (auto const id : jobs)
            names += fmt::format("{}{}", names.empty() ? "" : ", ", id.value);
        return names.empty() ? "other work goes"
                             : fmt::format("{} {} {}", jobs.size() > 1 ? "the jobs" : "job", names,
                                 jobs.size() > 1 ? "go" : "goes");
    }

private:
    static constexpr std::size_t max_named = 3;

    Policy const& policy_;
    Draft before_;
    std::optional<Draft> after_;
    std::map<std::pair<JobId, std::uint32_t>, std::uint64_t> placed_;
};

WaitClass reason_of(Outlook& outlook, StepRef ref, Survey const& survey)
{
    if (outlook.goes(ref))
        return WaitClass::next;
    auto const said = verdict(survey);
    if (said == WaitClass::next)
        return WaitClass::behind;
    if (said == WaitClass::busy && outlook.fits_before(ref))
        return survey.count(WaitClass::reserved) > 0 ? WaitClass::reserved : WaitClass::behind;
    return said;
}

std::string waking_text(Draft const& draft, farm::Node const& node)
{
    auto const since = draft.now().wall - node.record.power.since;
    auto const left = std::max(Duration::zero(), wake_time(draft.farm(), node) - since);
    return fmt::format("wakes {}: there in about {}", node.record.facts.name, to_human(left));
}

// What awake nodes do not take may be what another wakes for.
void look_for_waking(Draft const& draft, StepRef ref, Waiting& row)
{
    if (row.reason == WaitClass::next || row.reason == WaitClass::session)
        return;
    auto const* const waking = waking_for(draft, ref);
    if (!waking)
        return;
    row.reason = WaitClass::waking;
    row.text = waking_text(draft, *waking);
}

Waiting why_no_room(Outlook& outlook, StepRef ref)
{
    Waiting row;
    auto const& draft = outlook.after();
    if (draft.rooms().empty()) {
        row.reason = WaitClass::no_nodes;
        row.text = node_text(draft, ref, {}, row.reason);
        look_for_waking(draft, ref, row);
        return row;
    }
    auto const survey = ask_nodes(draft, ref);
    for (std::size_t i = 0; i < wait_classes; ++i)
        if (survey.counts[i] > 0)
            row.nodes.push_back({ static_cast<WaitClass>(i), survey.counts[i] });
    row.reason = reason_of(outlook, ref, survey);
    row.text = row.reason == WaitClass::behind
        ? fmt::format("{} first: raise the tier or priority, or wait", outlook.first_ones())
        : node_text(draft, ref, survey, row.reason);
    look_for_waking(draft, ref, row);
    return row;
}

// Ready tasks that wait for single tasks upstream.
std::uint64_t blocked_by_tasks(farm::Job const& job, std::size_t index)
{
    auto const& tasks = job.steps[index].tasks;
    std::uint64_t blocked = 0;
    for (auto task = tasks.next(TaskState::ready, 0); task;
         task = tasks.next(TaskState::ready, *task + 1))
        blocked += farm::task_inputs_ready(job, index, *task) ? 0u : 1u;
    return blocked;
}

void add_rows(Outlook& outlook, StepRef ref, std::vector<Waiting>& rows)
{
    auto ready = ref.step().tasks.count(TaskState::ready);
    if (ready == 0)
        return;
    auto const gate = outlook.before().step_gate(ref);
    auto const by_tasks = gate > WaitClass::dependency && !ref.step().edges.empty();
    auto const blocked = by_tasks ? blocked_by_tasks(*ref.job, ref.index) : 0;
    if (blocked > 0)
        rows.push_back({ ref.index, blocked, WaitClass::after_task,
            gate_text(outlook.before(), ref, WaitClass::after_task), {} });
    ready -= blocked;
    if (ready == 0)
        return;
    auto row = gate == WaitClass::next
        ? why_no_room(outlook, ref)
        : Waiting { 0, 0, gate, gate_text(outlook.before(), ref, gate), {} };
    row.step = ref.index;
    row.tasks = ready;
    rows.push_back(std::move(row));
}

// What the node says to one of the steps, with the numbers.
std::string refusal_text(Draft const& draft, Room const& room, StepRef ref, WaitClass reason)
{
    auto const& node = *room.node;
    auto const wanted = draft.taken(ref, room);
    switch (reason) {
    case WaitClass::misfit: {
        auto demand = ref.step().demand;
        demand.reserved = wanted;
        return farm::misfit(demand, node.record.facts, node.capacity)
            .value_or("is pinned to other nodes");
    }
    case WaitClass::blamed: return blame_text(draft, ref, room) + ": 'sidereal node forgive' it";
    case WaitClass::memory:
        return fmt::format("needs {:.3g} GiB of memory, of which {:.3g} are free",
            wanted.get(Kind::memory) / 1024,
            (node.capacity.get(Kind::memory) - room.used.get(Kind::memory)) / 1024);
    case WaitClass::busy: {
        auto const name = node.capacity.first_short(room.used, wanted);
        if (name.empty())
            return "needs a GPU that is free and large enough";
        return fmt::format("needs {:g} {}, of which {:g} are free", wanted.get(name), name,
            node.capacity.get(name) - room.used.get(name));
    }
    case WaitClass::power:
    case WaitClass::heat: {
        auto const* rule = draft.full_power(ref, room);
        return rule ? fmt::format("would take '{}' above {:g} W", rule->name, rule->usable_w())
                    : std::string(to_string(reason));
    }
    case WaitClass::kept_for_gpu: return "would take room that is kept for GPU work";
    case WaitClass::session: return session_text(ref);
    case WaitClass::reserved: return "would take room that is kept for other work";
    case WaitClass::next: return "may start here and goes out with the next plan";
    case WaitClass::paused:
    case WaitClass::not_before:
    case WaitClass::after_job:
    case WaitClass::dependency:
    case WaitClass::after_task:
    case WaitClass::job_cap:
    case WaitClass::step_cap:
    case WaitClass::project_cap:
    case WaitClass::limit: return gate_text(draft, ref, reason);
    default: return fmt::format("may not: '{}'", to_string(reason));
    }
}

std::string held_back_text(Draft const& draft, farm::Node const& node)
{
    auto const now = draft.now().wall;
    return fmt::format("it is held back: it failed {} tasks lately that ran elsewhere; wait {}, or "
                       "mend it and 'sidereal node forgive {}'",
        node.blame.count(now), to_human(node.blame.holds_for(farm::node_blame_limit, now)),
        node.record.facts.name);
}

std::string idle_text(Draft const& draft, Room const& room, StepRef example, WaitClass reason,
    std::map<WaitClass, std::uint64_t> const& steps)
{
    auto const all = std::accumulate(steps.begin(), steps.end(), std::uint64_t { 0 },
        [](auto sum, auto const& entry) { return sum + entry.second; });
    auto const of_them = steps.at(reason);
    auto const& job = *example.job;
    return fmt::format("{}; {}step '{}' of job {} {}",
        all == 1 ? std::string("1 step waits, and may not start here now")
                 : fmt::format("{} steps wait, and none may start here now", all),
        all == 1 ? std::string()
                 : fmt::format("{} of them because of '{}': ", of_them, to_string(reason)),
        job.spec->steps[example.index].name, job.record.id.value,
        refusal_text(draft, room, example, reason));
}

}

std::vector<Waiting> why(Farm const& farm, Now now, Policy const& policy, farm::Job const& job)
{
    std::vector<Waiting> rows;
    if (job.ended())
        return rows;
    Outlook outlook(farm, now, policy);
    for (std::uint32_t i = 0; i < job.steps.size(); ++i)
        add_rows(outlook, { &job, i }, rows);
    return rows;
}

NodeAnswer why_idle(Farm const& farm, Now now, Policy const& policy, farm::Node const& node)
{
    if (node.record.power.state == farm::NodePower::State::asleep)
        return { "it sleeps: it is woken when work waits that it can run", {} };
    if (node.record.power.state == farm::NodePower::State::waking)
        return { fmt::format("it wakes, in about {}", to_human(wake_time(farm, node))), {} };
    if (!node.present)
        return { "it is not in contact with the brain: start its agent", {} };
    if (node.record.draining)
        return { "it is being drained: undrain it", {} };
    if (!node.is_awake())
        return { "it goes to sleep, since it had no work: it is woken when there is some", {} };
    Outlook outlook(farm, now, policy);
    auto const& draft = outlook.after();
    auto const rooms = draft.rooms();
    auto const room = std::find_if(
        rooms.begin(), rooms.end(), [&](Room const& known) { return known.node == &node; });
    VERIFY(room != rooms.end());
    if (!room->has_space())
        return { "it is not idle: all its CPUs are taken", {} };
    std::map<WaitClass, std::uint64_t> steps;
    std::map<WaitClass, StepRef> examples;
    for (auto const* open : draft.open_jobs()) {
        auto const& job = *open;
        for (std::uint32_t i = 0; i < job.steps.size(); ++i) {
            if (job.steps[i].tasks.count(TaskState::ready) == 0)
                continue;
            auto const gate = draft.step_gate({ &job, i });
            auto const reason = gate == WaitClass::next ? draft.node_gate({ &job, i }, *room)
                                                        : gate;
            ++steps[reason];
            examples.try_emplace(reason, StepRef { &job, i });
        }
    }
    if (draft.is_bad(node.record.id))
        return { held_back_text(draft, node), { steps.begin(), steps.end() } };
    if (steps.empty())
        return { "no work waits", {} };
    auto const most = std::max_element(steps.begin(), steps.end(),
        [](auto const& left, auto const& right) { return left.second < right.second; });
    return { idle_text(draft, *room, examples.at(most->first), most->first, steps),
        { steps.begin(), steps.end() } };
}

}
