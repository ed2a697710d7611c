#include <sched/why.h>

#include <base/verify.h>
#include <sched/plan.h>
#include <sched/queue.h>
#include <sched/reserve.h>

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <map>
#include <numeric>
#include <optional>

namespace sidereal::sched {

namespace {

using farm::Amounts;
using farm::Farm;
using farm::TaskState;
using Kind = Amounts::Kind;
using NodeCounts = std::array<std::uint64_t, wait_classes>;

std::string upstream_names(farm::Job const& job, std::size_t index)
{
    std::string names;
    for (auto const upstream : job.steps[index].upstream) {
        if (job.states[upstream] != farm::StepState::succeeded)
            names += fmt::format(
                "{}'{}'", names.empty() ? "" : ", ", job.spec->steps[upstream].name);
    }
    return names;
}

std::string jobs_waited_for(farm::Job const& job)
{
    std::string names;
    for (auto const& edge : job.record.scheduling.after_jobs)
        names += fmt::format("{}{}{}", names.empty() ? "" : ", ", edge.job.value,
            edge.step.empty() ? "" : fmt::format(" (step '{}')", edge.step));
    return names;
}

// For the gates that no node has a say in.
std::string gate_text(Draft const& draft, StepRef ref, WaitClass gate)
{
    auto const& job = *ref.job;
    auto const& caps = gate == WaitClass::job_cap ? job.record.scheduling.caps
                                                  : ref.step().wishes.caps;
    switch (gate) {
    case WaitClass::paused:
        return job.record.pause_reason.empty()
            ? "the job is paused: resume it"
            : fmt::format("the job is paused ({}): resume it", job.record.pause_reason);
    case WaitClass::not_before:
        return fmt::format("the job may not start before {}: wait, or submit it without not_before",
            to_rfc3339(*job.record.scheduling.not_before));
    case WaitClass::after_job:
        return fmt::format("waits for {} of the jobs {}: let them finish, or retry what failed",
            job.record.scheduling.after_any ? "one" : "all", jobs_waited_for(job));
    case WaitClass::dependency:
        return fmt::format("waits for step {}", upstream_names(job, ref.index));
    case WaitClass::after_task: return "waits for single tasks of the steps it depends on";
    case WaitClass::job_cap:
    case WaitClass::step_cap:
        return fmt::format("the {} is at its cap ({}): raise it, or wait for running tasks to end",
            gate == WaitClass::job_cap ? "job" : "step",
            caps.tasks       ? fmt::format("{} tasks at a time", *caps.tasks)
                : caps.vcpus ? fmt::format("{:g} vcpus at a time", *caps.vcpus)
                : caps.nodes ? fmt::format("{} nodes", *caps.nodes)
                             : fmt::format("{} tasks a node", caps.tasks_per_node.value_or(0)));
    case WaitClass::project_cap:
        return fmt::format(
            "project '{}' is at its max_vcpus: raise it in the farm's rules, or wait "
            "for its running tasks to end",
            job.record.project);
    case WaitClass::memory:
        return "its tasks were killed for want of memory, and a few at a time find out how much "
               "they need: wait for those, or state worker.memory in hostRequirements";
    case WaitClass::limit:
        return fmt::format(
            "all seats of '{}' are taken: wait for one, or raise the limit", draft.full_limit(ref));
    default: VERIFY_NOT_REACHED();
    }
}

// The node that comes nearest to having room, and by how much it falls short.
std::string best_offer(Draft const& draft, StepRef ref, Kind kind)
{
    Room const* best = nullptr;
    double most = -1;
    for (auto const& room : draft.rooms()) {
        auto const gate = draft.node_gate(ref, room);
        auto const free = room.node->capacity.get(kind) - room.used.get(kind);
        if (gate != WaitClass::misfit && free > most) {
            best = &room;
            most = free;
        }
    }
    if (!best)
        return "no node has it";
    auto const unit = kind == Kind::memory ? 1024.0 : 1.0;
    return fmt::format("needs {:.3g}{}, the best node ({}) has {:.3g} free",
        draft.taken(ref, *best).get(kind) / unit, kind == Kind::memory ? " GiB" : "",
        best->node->record.facts.name, most / unit);
}

std::string when_room(Draft const& draft, StepRef ref)
{
    auto const soonest = soonest_room(draft, ref);
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

std::string power_text(Draft const& draft, StepRef ref, WaitClass gate)
{
    for (auto const& room : draft.rooms()) {
        auto const* rule = draft.full_power(ref, room);
        if (!rule || draft.node_gate(ref, room) != gate)
            continue;
        if (gate == WaitClass::power)
            return fmt::format(
                "circuit '{}' is full ({:g} W of a {:g} W breaker may be used all the "
                "time): wait for running tasks to end, or move nodes to another",
                rule->name, rule->usable_w(), rule->rated_w);
        return fmt::format("room '{}' has cooling for {:g} W and is at that: wait, or add cooling",
            rule->name, rule->rated_w);
    }
    VERIFY_NOT_REACHED();
}

std::string counted_nodes(std::uint64_t nodes)
{
    return fmt::format("{} node{}", nodes, nodes == 1 ? "" : "s");
}

std::uint64_t nodes_that_yield_to(Draft const& draft, StepRef ref)
{
    auto const tier = tier_of(draft.farm(), *ref.job);
    return static_cast<std::uint64_t>(
        std::count_if(draft.rooms().begin(), draft.rooms().end(), [&](Room const& room) {
            auto const& to = room.node->yields_to;
            return to && tier >= *to && draft.node_gate(ref, room) == WaitClass::busy;
        }));
}

std::string node_text(Draft const& draft, StepRef ref, WaitClass reason, std::uint64_t nodes)
{
    switch (reason) {
    case WaitClass::no_nodes: return "no node takes work: start an agent, or undrain a node";
    case WaitClass::misfit: return misfit_text(draft, ref);
    case WaitClass::job_cap:
    case WaitClass::step_cap:
    case WaitClass::limit: return gate_text(draft, ref, reason);
    case WaitClass::power:
    case WaitClass::heat: return power_text(draft, ref, reason);
    case WaitClass::kept_for_gpu:
        return fmt::format(
            "{} with GPUs kept for GPU work that waits: add nodes without", counted_nodes(nodes));
    case WaitClass::reserved:
        return fmt::format("{} kept free for work of a higher tier, or that needs a bigger part of "
                           "a node: raise the tier or priority, or add nodes",
            counted_nodes(nodes));
    case WaitClass::memory:
        return fmt::format("short of memory: {}; a smaller worker.memory would help{}",
            best_offer(draft, ref, Kind::memory), when_room(draft, ref));
    case WaitClass::busy:
        if (auto const yielding = nodes_that_yield_to(draft, ref); yielding > 0)
            return fmt::format("room is being made for it on {}, where work of lower tiers is "
                               "being stopped or ends soon: wait",
                counted_nodes(yielding));
        return fmt::format("busy, {} that could run it: {} worker.vcpu{}; add nodes, or raise the "
                           "tier or priority",
            counted_nodes(nodes), best_offer(draft, ref, Kind::vcpu), when_room(draft, ref));
    case WaitClass::behind: return "other work goes first: raise the tier or priority, or wait";
    case WaitClass::next: return "goes out with the next plan";
    default: VERIFY_NOT_REACHED();
    }
}

NodeCounts ask_nodes(Draft const& draft, StepRef ref)
{
    NodeCounts counts {};
    for (auto const& room : draft.rooms())
        ++counts[static_cast<std::size_t>(draft.node_gate(ref, room))];
    return counts;
}

// What most of the nodes say that could run it; a node that would take it counts more than all.
WaitClass verdict(NodeCounts const& counts)
{
    auto const at = [&](WaitClass reason) { return counts[static_cast<std::size_t>(reason)]; };
    if (at(WaitClass::next) > 0)
        return WaitClass::next;
    auto best = WaitClass::misfit;
    for (std::size_t i = static_cast<std::size_t>(WaitClass::misfit) + 1; i < wait_classes; ++i) {
        auto const reason = static_cast<WaitClass>(i);
        if (at(reason) > 0 && (best == WaitClass::misfit || at(reason) > at(best)))
            best = reason;
    }
    return best;
}

// The farm before and after the next plan.
struct Outlook {
    Draft before;
    Draft after;
    std::map<std::pair<JobId, std::uint32_t>, std::uint64_t> placed;

    Outlook(Farm const& farm, Now now, Policy const& policy)
        : before(farm, now)
        , after(farm, now)
    {
        for (auto const& placement : plan(after, policy).placements)
            ++placed[{ placement.job, placement.step }];
    }
};

Waiting why_no_room(Outlook const& outlook, StepRef ref)
{
    Waiting row;
    if (outlook.before.rooms().empty()) {
        row.reason = WaitClass::no_nodes;
    } else {
        auto const counts = ask_nodes(outlook.after, ref);
        for (std::size_t i = 0; i < wait_classes; ++i)
            if (counts[i] > 0)
                row.nodes.push_back({ static_cast<WaitClass>(i), counts[i] });
        row.reason = verdict(counts);
        auto const goes = outlook.placed.contains({ ref.job->record.id, ref.index });
        auto const fits_now = verdict(ask_nodes(outlook.before, ref)) == WaitClass::next;
        if (goes)
            row.reason = WaitClass::next;
        else if (row.reason == WaitClass::next)
            row.reason = WaitClass::behind;
        else if (fits_now && row.reason == WaitClass::busy)
            row.reason = counts[static_cast<std::size_t>(WaitClass::reserved)] > 0
                ? WaitClass::reserved
                : WaitClass::behind;
    }
    auto const nodes = std::find_if(row.nodes.begin(), row.nodes.end(),
        [&](NodeReason const& reason) { return reason.reason == row.reason; });
    row.text = node_text(
        outlook.after, ref, row.reason, nodes == row.nodes.end() ? 0 : nodes->nodes);
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

void add_rows(Outlook const& outlook, StepRef ref, std::vector<Waiting>& rows)
{
    auto ready = ref.step().tasks.count(TaskState::ready);
    if (ready == 0)
        return;
    auto const gate = outlook.before.step_gate(ref);
    auto const by_tasks = gate > WaitClass::dependency && !ref.step().edges.empty();
    auto const blocked = by_tasks ? blocked_by_tasks(*ref.job, ref.index) : 0;
    if (blocked > 0)
        rows.push_back({ ref.index, blocked, WaitClass::after_task,
            gate_text(outlook.before, ref, WaitClass::after_task), {} });
    ready -= blocked;
    if (ready == 0)
        return;
    auto row = gate == WaitClass::next
        ? why_no_room(outlook, ref)
        : Waiting { 0, 0, gate, gate_text(outlook.before, ref, gate), {} };
    row.step = ref.index;
    row.tasks = ready;
    rows.push_back(std::move(row));
}

}

std::vector<Waiting> why(Farm const& farm, Now now, Policy const& policy, farm::Job const& job)
{
    std::vector<Waiting> rows;
    if (job.ended())
        return rows;
    Outlook const outlook(farm, now, policy);
    for (std::uint32_t i = 0; i < job.steps.size(); ++i)
        add_rows(outlook, { &job, i }, rows);
    return rows;
}

NodeAnswer why_idle(Farm const& farm, Now now, Policy const& policy, farm::Node const& node)
{
    if (!node.present)
        return { "it is not in contact with the brain: start its agent", {} };
    if (node.record.draining)
        return { "it is being drained: undrain it", {} };
    Outlook const outlook(farm, now, policy);
    auto const room = std::find_if(outlook.after.rooms().begin(), outlook.after.rooms().end(),
        [&](Room const& known) { return known.node == &node; });
    VERIFY(room != outlook.after.rooms().end());
    if (!room->has_space())
        return { "it is not idle: all its CPUs are taken", {} };
    std::map<WaitClass, std::uint64_t> steps;
    for (auto const id : farm.open_jobs) {
        auto const& job = farm.jobs.at(id);
        for (std::uint32_t i = 0; i < job.steps.size(); ++i) {
            if (job.steps[i].tasks.count(TaskState::ready) == 0)
                continue;
            auto const gate = outlook.after.step_gate({ &job, i });
            ++steps[gate == WaitClass::next ? outlook.after.node_gate({ &job, i }, *room) : gate];
        }
    }
    if (steps.empty())
        return { "no work waits", {} };
    auto const most = std::max_element(steps.begin(), steps.end(),
        [](auto const& left, auto const& right) { return left.second < right.second; });
    return { fmt::format("{} steps wait, and none may start here now: {} of them because of '{}'",
                 std::accumulate(steps.begin(), steps.end(), std::uint64_t { 0 },
                     [](auto sum, auto const& entry) { return sum + entry.second; }),
                 most->second, to_string(most->first)),
        { steps.begin(), steps.end() } };
}

}
