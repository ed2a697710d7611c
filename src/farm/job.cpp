#include <farm/job.h>

#include <base/verify.h>

#include <algorithm>

namespace sidereal::farm {

std::string_view to_string(TaskState state)
{
    switch (state) {
    case TaskState::ready: return "ready";
    case TaskState::leased: return "running";
    case TaskState::succeeded: return "succeeded";
    case TaskState::failed: return "failed";
    case TaskState::canceled: return "canceled";
    case TaskState::skipped: return "skipped";
    }
    VERIFY_NOT_REACHED();
}

std::string_view to_string(StepState state)
{
    switch (state) {
    case StepState::waiting: return "waiting";
    case StepState::ready: return "ready";
    case StepState::running: return "running";
    case StepState::succeeded: return "succeeded";
    case StepState::skipped: return "skipped";
    case StepState::failed: return "failed";
    case StepState::canceled: return "canceled";
    case StepState::unreachable: return "unreachable";
    }
    VERIFY_NOT_REACHED();
}

std::string_view to_string(JobState state)
{
    switch (state) {
    case JobState::queued: return "queued";
    case JobState::running: return "running";
    case JobState::paused: return "paused";
    case JobState::succeeded: return "succeeded";
    case JobState::failed: return "failed";
    case JobState::canceled: return "canceled";
    }
    VERIFY_NOT_REACHED();
}

bool Trouble::has_failed_on(NodeId node) const
{
    return std::any_of(failed_on.begin(), failed_on.end(),
        [&](FailedOn const& failed) { return failed.node == node; });
}

bool Step::has_failed_on(std::uint64_t task, NodeId node) const
{
    auto const known = troubles.find(task);
    return known != troubles.end() && known->second.has_failed_on(node);
}

std::optional<double> Step::memory_mib() const
{
    auto const said = demand.reserved.get(Amounts::Kind::memory);
    auto const measured = memory.estimate_mib();
    if (said == 0 && !measured)
        return std::nullopt;
    return std::max(said, measured.value_or(0));
}

GpuNeed Step::gpu_need(double largest_mib) const
{
    GpuNeed need;
    need.count = static_cast<std::uint32_t>(demand.reserved.get(Amounts::Kind::gpu));
    if (need.count == 0)
        return need;
    auto const said = demand.floors.get(Amounts::Kind::gpu_memory);
    need.least_mib = std::max(said, std::min(vram.least_mib(), largest_mib));
    // Nothing is known of its need: a probe gets a whole GPU.
    if (wishes.gpu_share)
        need.part_mib = std::max(said, vram.estimate_mib().value_or(0));
    return need;
}

std::optional<Duration> Step::warm_run_time() const
{
    auto const mean = run_times.mean();
    if (!mean)
        return std::nullopt;
    auto const chunk = static_cast<Duration::rep>(chunks ? chunks->size() : 1);
    return std::max(Duration::zero(), *mean * chunk - enter_times.mean_of_all());
}

std::optional<Duration> Step::usually_within(std::uint64_t count) const
{
    auto const each = run_times.p90();
    return each ? std::optional(*each * static_cast<Duration::rep>(count)) : std::nullopt;
}

std::uint64_t Job::count(TaskState state) const
{
    std::uint64_t sum = 0;
    for (auto const& step : steps)
        sum += step.tasks.count(state);
    return sum;
}

std::uint64_t Job::task_count() const
{
    std::uint64_t sum = 0;
    for (auto const& step : steps)
        sum += step.tasks.size();
    return sum;
}

namespace {

bool will_never_succeed(StepState state)
{
    return state == StepState::failed || state == StepState::canceled
        || state == StepState::unreachable;
}

StepState state_of(Step const& step, bool waits, bool hopeless)
{
    auto const& tasks = step.tasks;
    if (tasks.count(TaskState::leased) > 0)
        return StepState::running;
    auto const skipped = tasks.count(TaskState::skipped);
    if (skipped > 0 && skipped == tasks.size())
        return StepState::skipped;
    if (tasks.count(TaskState::succeeded) + skipped == tasks.size())
        return StepState::succeeded;
    if (hopeless)
        return StepState::unreachable;
    if (tasks.count(TaskState::ready) > 0)
        return waits ? StepState::waiting : StepState::ready;
    return tasks.count(TaskState::failed) > 0 ? StepState::failed : StepState::canceled;
}

}

namespace {

// A step with ready tasks that all wait for tasks upstream, and whether that can still end.
StepState blocked_state(Job const& job, std::size_t index, std::vector<StepState> const& states)
{
    auto const& step = job.steps[index];
    auto const can_end = std::any_of(step.edges.begin(), step.edges.end(),
        [&](StepEdge const& edge) { return edge.step != index && !is_final(states[edge.step]); });
    if (can_end)
        return StepState::waiting;
    return step.tasks.count(TaskState::failed) > 0 ? StepState::failed : StepState::unreachable;
}

}

bool is_final(StepState state)
{
    return state == StepState::succeeded || state == StepState::skipped
        || will_never_succeed(state);
}

bool is_done(Step const& upstream, StepState state, EdgeMeaning const& meaning)
{
    if (will_never_succeed(state))
        return meaning.if_failed == IfFailed::go_on;
    return is_final(state)
        && (meaning.if_skipped == IfSkipped::go_on
            || upstream.tasks.count(TaskState::skipped) == 0);
}

namespace {

struct Inputs {
    bool ready { false };
    // And never will be.
    bool hopeless { false };
};

Inputs inputs_of(Job const& job, std::size_t index, std::vector<StepState> const& states)
{
    auto const& step = job.steps[index];
    std::size_t done = 0;
    std::size_t lost = 0;
    for (auto const& upstream : step.upstream) {
        auto const state = states[upstream.step];
        if (is_done(job.steps[upstream.step], state, upstream.meaning))
            ++done;
        else if (is_final(state))
            ++lost;
    }
    auto const all = step.upstream.size();
    if (step.wishes.after_any && all > 0)
        return { done > 0, lost == all };
    return { done == all, lost > 0 };
}

}

std::vector<StepState> step_states(Job const& job)
{
    std::vector<StepState> states(job.steps.size());
    for (auto const index : job.order) {
        auto const& step = job.steps[index];
        auto const inputs = inputs_of(job, index, states);
        states[index] = state_of(step, !inputs.ready, inputs.hopeless);
        if (states[index] == StepState::ready && !step.edges.empty()
            && !next_task(job, index, 0, states))
            states[index] = blocked_state(job, index, states);
    }
    return states;
}

bool inputs_ready(Job const& job, std::size_t index)
{
    return inputs_of(job, index, job.states).ready;
}

std::vector<std::size_t> dependency_order(openjd::Job const& spec)
{
    std::vector<std::size_t> order;
    std::vector<bool> placed(spec.steps.size(), false);
    std::vector<std::size_t> pending;
    for (std::size_t first = 0; first < spec.steps.size(); ++first) {
        pending.push_back(first);
        while (!pending.empty()) {
            auto const index = pending.back();
            auto const& upstream = spec.steps[index].depends_on;
            auto const missing = std::find_if(
                upstream.begin(), upstream.end(), [&](std::size_t step) { return !placed[step]; });
            if (!placed[index] && missing != upstream.end()) {
                VERIFY(pending.size() <= spec.steps.size());
                pending.push_back(*missing);
                continue;
            }
            pending.pop_back();
            if (!placed[index])
                order.push_back(index);
            placed[index] = true;
        }
    }
    return order;
}

bool is_settled(Job const& job)
{
    if (job.live_attempts > 0)
        return false;
    if (job.record.canceled)
        return true;
    return std::none_of(job.states.begin(), job.states.end(),
        [](StepState state) { return state == StepState::ready || state == StepState::waiting; });
}

JobState job_state(Job const& job)
{
    if (job.ended()) {
        if (job.count(TaskState::succeeded) + job.count(TaskState::skipped) == job.task_count())
            return JobState::succeeded;
        return job.record.canceled ? JobState::canceled : JobState::failed;
    }
    if (job.live_attempts > 0)
        return JobState::running;
    return job.record.paused ? JobState::paused : JobState::queued;
}

}
