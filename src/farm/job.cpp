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

std::optional<Duration> Step::mean_run_time() const
{
    if (measured == 0)
        return std::nullopt;
    return measured_total / static_cast<Duration::rep>(measured);
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
    if (tasks.count(TaskState::succeeded) == tasks.size())
        return StepState::succeeded;
    if (hopeless)
        return StepState::unreachable;
    if (tasks.count(TaskState::ready) > 0)
        return waits ? StepState::waiting : StepState::ready;
    return tasks.count(TaskState::failed) > 0 ? StepState::failed : StepState::canceled;
}

}

std::vector<StepState> step_states(Job const& job)
{
    std::vector<StepState> states(job.steps.size());
    for (auto const index : job.order) {
        bool waits = false;
        bool hopeless = false;
        for (auto const upstream : job.spec->steps[index].depends_on) {
            waits = waits || states[upstream] != StepState::succeeded;
            hopeless = hopeless || will_never_succeed(states[upstream]);
        }
        states[index] = state_of(job.steps[index], waits, hopeless);
    }
    return states;
}

bool inputs_ready(Job const& job, std::size_t index, std::vector<StepState> const& states)
{
    auto const& upstream = job.spec->steps[index].depends_on;
    return std::all_of(upstream.begin(), upstream.end(),
        [&](std::size_t step) { return states[step] == StepState::succeeded; });
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
    auto const states = step_states(job);
    return std::none_of(states.begin(), states.end(),
        [](StepState state) { return state == StepState::ready || state == StepState::waiting; });
}

JobState job_state(Job const& job)
{
    if (job.ended()) {
        if (job.count(TaskState::succeeded) == job.task_count())
            return JobState::succeeded;
        return job.record.canceled ? JobState::canceled : JobState::failed;
    }
    if (job.live_attempts > 0)
        return JobState::running;
    return job.record.paused ? JobState::paused : JobState::queued;
}

}
