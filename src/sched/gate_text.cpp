#include <sched/gate_text.h>

#include <base/verify.h>
#include <farm/stuck.h>

#include <fmt/format.h>

namespace sidereal::sched {

namespace {

using farm::Farm;
using farm::TaskState;

// By somebody who waits for the answer.
constexpr std::size_t max_nodes_looked_at = 256;

// Of the step's running tasks.
std::uint64_t count_stuck(Draft const& draft, farm::Job const& job, std::size_t index)
{
    auto const& farm = draft.farm();
    std::uint64_t stuck = 0;
    std::size_t looked_at = 0;
    for (auto const& [node, tasks] : job.steps[index].on_nodes) {
        if (++looked_at > max_nodes_looked_at)
            break;
        for (auto const id : farm.nodes.at(node).occupying) {
            auto const& attempt = farm.attempts.at(id);
            auto const is_its = attempt.record.job == job.record.id && attempt.record.step == index;
            if (is_its && farm::stuck_signs(farm, attempt, draft.now().mono).is_stuck())
                ++stuck;
        }
    }
    return stuck;
}

std::string upstream_names(Draft const& draft, farm::Job const& job, std::size_t index)
{
    std::string names;
    for (auto const& upstream : job.steps[index].upstream) {
        auto const& step = job.steps[upstream.step];
        if (farm::is_done(step, job.states[upstream.step], upstream.meaning))
            continue;
        names += fmt::format("{}'{}' ({} of {} tasks done", names.empty() ? "" : ", ",
            job.spec->steps[upstream.step].name, step.tasks.count(TaskState::succeeded),
            step.tasks.size());
        if (auto const failed = step.tasks.count(TaskState::failed); failed > 0)
            names += fmt::format(", {} failed: retry or skip them", failed);
        if (auto const skipped = step.tasks.count(TaskState::skipped); skipped > 0)
            names += fmt::format(", {} skipped", skipped);
        if (auto const stuck = count_stuck(draft, job, upstream.step); stuck > 0)
            names += fmt::format(", {} running and stuck, it seems: see 'sidereal job show {}'",
                stuck, job.record.id.value);
        names += ")";
    }
    return names;
}

std::string steps_of_edges(farm::Job const& job, std::size_t index)
{
    std::string names;
    for (auto const& edge : job.steps[index].edges)
        names += fmt::format("{}'{}'", names.empty() ? "" : ", ", job.spec->steps[edge.step].name);
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

std::string cap_text(StepRef ref, WaitClass gate)
{
    auto const of_job = gate == WaitClass::job_cap;
    auto const& caps = of_job ? ref.job->record.scheduling.caps : ref.step().wishes.caps;
    auto const vcpus = of_job ? ref.job->vcpus : ref.step().vcpus;
    auto const tasks = of_job ? ref.job->live_attempts : ref.step().tasks.count(TaskState::leased);
    auto const at_tasks = caps.tasks && tasks >= *caps.tasks;
    auto const at_vcpus = caps.vcpus && vcpus + ref.step().demand.vcpus() > *caps.vcpus + 1e-9;
    auto const cap = at_tasks || (caps.tasks && !at_vcpus && !caps.nodes && !caps.tasks_per_node)
        ? fmt::format("{} tasks at a time", *caps.tasks)
        : at_vcpus || (caps.vcpus && !caps.nodes && !caps.tasks_per_node)
        ? fmt::format("{:g} vcpus at a time", *caps.vcpus)
        : caps.nodes ? fmt::format("{} nodes", *caps.nodes)
                     : fmt::format("{} tasks a node", caps.tasks_per_node.value_or(0));
    return fmt::format("the {} is at its cap ({}): raise it, or wait for running tasks to end",
        of_job ? "job" : "step", cap);
}

std::string limit_text(Draft const& draft, StepRef ref)
{
    // A node's own wish for a seat may be what holds it back.
    auto const name = draft.shared_caps()
                          .full_limit(ref, nullptr)
                          .value_or(ref.step().demand.limits.empty()
                                  ? ""
                                  : ref.step().demand.limits[0].first);
    auto const* rule = draft.farm().rules.limit(name);
    auto const found = draft.farm().limits.find(name);
    if (!rule || found == draft.farm().limits.end())
        return fmt::format("all seats of '{}' are taken: wait for one, or raise the limit", name);
    auto const now = draft.now().wall;
    auto const& use = found->second;
    if (now < use.refused_until)
        return fmt::format("the licence server had no seat of '{}' left: the next is tried in {}; "
                           "free one, or add seats",
            name, to_human(use.refused_until - now));
    auto const used = use.seats(*rule, now);
    auto const ours = rule->counted_by == farm::CountedBy::task ? use.held.tasks
        : rule->counted_by == farm::CountedBy::node ? static_cast<double>(use.held.nodes.size())
                                                    : static_cast<double>(use.held.users.size());
    auto const total = use.total(*rule, now);
    if (used + 1 <= total)
        return fmt::format("what is left of the {:g} seats of '{}' goes to other work or to nodes "
                           "that hold one: wait, or raise the limit",
            total, name);
    auto const others = used > ours ? fmt::format(", {:g} of them by others", used - ours) : "";
    return fmt::format("{:g} of {:g} seats of '{}' are taken{}: wait for one, or raise the limit",
        used, total, name, others);
}

std::string ceiling_text(Farm const& farm, StepRef ref)
{
    for (auto const name : farm::project_and_parents(ref.job->record.project)) {
        auto const* rule = farm.rules.project(name);
        auto const use = farm.projects.find(name);
        auto const vcpus = use == farm.projects.end() ? 0 : use->second.vcpus;
        if (rule && rule->max_vcpus && vcpus + ref.step().demand.vcpus() > *rule->max_vcpus + 1e-9)
            return fmt::format("project '{}' runs {:g} of at most {:g} vcpus: raise its max_vcpus "
                               "in the farm's rules, or wait for its running tasks to end",
                name, vcpus, *rule->max_vcpus);
    }
    return fmt::format("project '{}' will be at its max_vcpus with the next plan: raise it in the "
                       "farm's rules, or wait for its running tasks to end",
        ref.job->record.project);
}

}

std::string blame_text(Draft const& draft, StepRef ref, Room const& room)
{
    auto const now = draft.now().wall;
    auto const& node = *room.node;
    auto const& name = node.record.facts.name;
    return draft.is_bad(node.record.id)
        ? fmt::format("{} failed {} tasks lately that ran elsewhere", name, node.blame.count(now))
        : fmt::format("{} failed {} tasks of the step lately that nothing else explains", name,
            ref.step().blame.at(node.record.id).count(now));
}

std::string blame_text(Draft const& draft, StepRef ref)
{
    std::string text;
    std::size_t others = 0;
    for (auto const& room : draft.rooms()) {
        if (!draft.is_held_back(ref, room))
            continue;
        others += text.empty() ? 0u : 1u;
        text = text.empty() ? blame_text(draft, ref, room) : text;
    }
    return fmt::format("{}{}: wait for another node, or mend it and 'sidereal node forgive' it",
        text, others > 0 ? fmt::format(", and {} more nodes did as badly", others) : "");
}

std::string gate_text(Draft const& draft, StepRef ref, WaitClass gate)
{
    auto const& job = *ref.job;
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
        return fmt::format("waits for step {}", upstream_names(draft, job, ref.index));
    case WaitClass::after_task:
        return fmt::format(
            "waits for single tasks of step {} to end", steps_of_edges(job, ref.index));
    case WaitClass::job_cap:
    case WaitClass::step_cap: return cap_text(ref, gate);
    case WaitClass::project_cap: return ceiling_text(draft.farm(), ref);
    case WaitClass::memory:
        return "its tasks were killed for want of memory, and a few at a time find out how much "
               "they need: wait for those, or state worker.memory in hostRequirements";
    case WaitClass::limit: return limit_text(draft, ref);
    default: VERIFY_NOT_REACHED();
    }
}

}
