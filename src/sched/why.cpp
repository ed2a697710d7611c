#include <sched/why.h>

#include <base/verify.h>

#include <fmt/format.h>

#include <optional>

namespace sidereal::sched {

namespace {

std::string upstream_names(
    farm::Job const& job, std::size_t index, std::vector<farm::StepState> const& states)
{
    std::string names;
    for (auto const upstream : job.spec->steps[index].depends_on) {
        if (states[upstream] != farm::StepState::succeeded)
            names += fmt::format(
                "{}'{}'", names.empty() ? "" : ", ", job.spec->steps[upstream].name);
    }
    return names;
}

Waiting why_no_room(farm::Farm const& farm, farm::Step const& step)
{
    std::size_t known = 0;
    std::size_t fitting = 0;
    std::optional<std::string> short_of;
    std::optional<std::string> unfit;
    for (auto const& [id, node] : farm.nodes) {
        if (!node.takes_work())
            continue;
        ++known;
        if (auto reason = farm::misfit(step.demand, node.record.facts, node.capacity)) {
            unfit = fmt::format("{} on {}", *reason, node.record.facts.name);
            continue;
        }
        ++fitting;
        auto const missing = farm::shortage(step.demand.reserved, node.capacity, node.used);
        if (!missing && node.queue.empty())
            return { 0, 0, WaitClass::next, "goes out with the next plan" };
        short_of = missing.value_or(farm::vcpu_amount);
    }
    if (known == 0)
        return { 0, 0, WaitClass::no_nodes,
            "no node takes work: start an agent, or undrain a node" };
    if (fitting == 0)
        return { 0, 0, WaitClass::misfit,
            fmt::format("no node can ever run it ({}): add a node that has this, or lower the "
                        "step's hostRequirements",
                *unfit) };
    return { 0, 0, WaitClass::busy,
        fmt::format("all {} nodes that fit are short of {}: waits for running tasks to end, or add "
                    "nodes",
            fitting, *short_of) };
}

}

std::string_view to_string(WaitClass reason)
{
    switch (reason) {
    case WaitClass::paused: return "paused";
    case WaitClass::dependency: return "dependency";
    case WaitClass::no_nodes: return "no_nodes";
    case WaitClass::misfit: return "misfit";
    case WaitClass::busy: return "busy";
    case WaitClass::next: return "next";
    }
    VERIFY_NOT_REACHED();
}

std::vector<Waiting> why(farm::Farm const& farm, farm::Job const& job)
{
    std::vector<Waiting> rows;
    auto const states = farm::step_states(job);
    for (std::size_t i = 0; i < job.steps.size(); ++i) {
        auto const ready = job.steps[i].tasks.count(farm::TaskState::ready);
        if (ready == 0)
            continue;
        Waiting row;
        if (job.record.paused)
            row = { 0, 0, WaitClass::paused,
                job.record.pause_reason.empty()
                    ? "the job is paused: resume it"
                    : fmt::format("the job is paused ({}): resume it", job.record.pause_reason) };
        else if (!farm::inputs_ready(job, i, states))
            row = { 0, 0, WaitClass::dependency,
                fmt::format("waits for step {}", upstream_names(job, i, states)) };
        else
            row = why_no_room(farm, job.steps[i]);
        row.step = static_cast<std::uint32_t>(i);
        row.tasks = ready;
        rows.push_back(std::move(row));
    }
    return rows;
}

}
