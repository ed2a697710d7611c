#include <brain/mind.h>

#include <base/verify.h>

#include <fmt/format.h>

#include <utility>
#include <vector>

namespace sidereal::brain {

namespace {

using farm::Job;
using farm::TaskState;

void reset_task(
    Brain& brain, Job const& job, std::uint32_t step, std::uint64_t task, Effects& effects)
{
    record(brain, farm::ResetRecord { job.record.id, step, task, { brain.farm.last_attempt + 1 } },
        effects);
}

// Of one group of failures, or all.
void reset_failed(Brain& brain, Job const& job, std::uint32_t step,
    std::optional<std::uint32_t> group, Effects& effects)
{
    auto const& tasks = job.steps[step].tasks;
    auto const& troubles = job.steps[step].troubles;
    auto const is_meant = [&](std::uint64_t task) {
        auto const trouble = troubles.find(task);
        return !group || (trouble != troubles.end() && trouble->second.group == group);
    };
    for (auto task = tasks.next(TaskState::failed, 0); task;
         task = tasks.next(TaskState::failed, *task + 1))
        if (is_meant(*task))
            reset_task(brain, job, step, *task, effects);
}

void reset_skipped(Brain& brain, Job const& job, std::uint32_t step, Effects& effects)
{
    auto const& tasks = job.steps[step].tasks;
    for (auto task = tasks.next(TaskState::skipped, 0); task;
         task = tasks.next(TaskState::skipped, *task + 1))
        reset_task(brain, job, step, *task, effects);
}

Result<std::optional<std::uint32_t>> chosen_group(Job const& job, TaskChoice const& choice)
{
    if (!choice.group)
        return std::optional<std::uint32_t>();
    if (choice.task)
        return fail(ErrorCode::invalid_input, "name a task or a group of failures, not both");
    for (std::uint32_t i = 0; i < job.failure_groups.size(); ++i)
        if (job.failure_groups[i].id == *choice.group && job.failure_groups[i].tasks > 0)
            return std::optional(i);
    return fail(ErrorCode::not_found,
        "job {0} has no failures of a group '{1}': see 'sidereal job failures {0}'",
        job.record.id.value, *choice.group);
}

// The step's index; nothing if the choice leaves it open.
Result<std::optional<std::uint32_t>> chosen_step(Job const& job, TaskChoice const& choice)
{
    if (!choice.step) {
        if (choice.task && job.steps.size() != 1)
            return fail(ErrorCode::invalid_input,
                "job {} has {} steps: name the step of task {} with --step", job.record.id.value,
                job.steps.size(), *choice.task);
        return choice.task ? std::optional<std::uint32_t>(0) : std::nullopt;
    }
    for (std::uint32_t i = 0; i < job.spec->steps.size(); ++i) {
        if (job.spec->steps[i].name == *choice.step)
            return i;
    }
    return fail(ErrorCode::not_found, "job {} has no step '{}'", job.record.id.value, *choice.step);
}

// The chosen task of a step, which must not be running.
Status check_task(Job const& job, std::uint32_t step, std::uint64_t task)
{
    auto const& tasks = job.steps[step].tasks;
    if (task >= tasks.size())
        return fail(ErrorCode::not_found, "step '{}' has {} tasks, there is no task {}",
            job.spec->steps[step].name, tasks.size(), task);
    if (tasks.get(task) == TaskState::leased)
        return fail(ErrorCode::conflict, "task {} runs at this moment: cancel it or wait", task);
    return {};
}

Status retry(Brain& brain, Job const& job, TaskChoice const& choice, Effects& effects)
{
    auto const step = TRY(chosen_step(job, choice));
    auto const group = TRY(chosen_group(job, choice));
    if (choice.task)
        TRY(check_task(job, *step, *choice.task));
    auto opened = job.record;
    opened.ended_at.reset();
    opened.canceled = false;
    opened.paused = false;
    opened.pause_reason.clear();
    record(brain, opened, effects);
    if (choice.task)
        reset_task(brain, job, *step, *choice.task, effects);
    else
        for (std::uint32_t i = 0; i < job.steps.size(); ++i)
            if (!step || *step == i)
                reset_failed(brain, job, i, group, effects);
    if (choice.step && !choice.task && !group)
        reset_skipped(brain, job, *step, effects);
    return {};
}

// The tasks of one step that are meant, as few records as hold them.
void add_skips(Job const& job, std::uint32_t step, std::optional<std::uint32_t> group,
    std::vector<farm::ResetRecord>& skips)
{
    auto const& tasks = job.steps[step].tasks;
    auto const& troubles = job.steps[step].troubles;
    auto const is_meant = [&](std::uint64_t task) {
        auto const state = tasks.get(task);
        if (!group)
            return state == TaskState::ready || state == TaskState::failed;
        auto const trouble = troubles.find(task);
        return state == TaskState::failed && trouble != troubles.end()
            && trouble->second.group == group;
    };
    auto const first = skips.size();
    for (std::uint64_t task = 0; task < tasks.size(); ++task) {
        if (!is_meant(task))
            continue;
        if (skips.size() > first && skips.back().task + skips.back().tasks == task)
            ++skips.back().tasks;
        else
            skips.push_back({ job.record.id, step, task, {}, 1, true });
    }
}

Result<std::vector<farm::ResetRecord>> chosen_skips(Job const& job, TaskChoice const& choice)
{
    if (!choice.step && !choice.task && !choice.group)
        return fail(ErrorCode::invalid_input,
            "say what to skip of job {}: a step, a task or a group of failures",
            job.record.id.value);
    auto const step = TRY(chosen_step(job, choice));
    auto const group = TRY(chosen_group(job, choice));
    std::vector<farm::ResetRecord> skips;
    if (choice.task) {
        TRY(check_task(job, *step, *choice.task));
        if (job.steps[*step].tasks.get(*choice.task) == TaskState::succeeded)
            return fail(ErrorCode::conflict, "task {} has succeeded: there is nothing to skip",
                *choice.task);
        skips.push_back({ job.record.id, *step, *choice.task, {}, 1, true });
        return skips;
    }
    for (std::uint32_t i = 0; i < job.steps.size(); ++i)
        if (!step || *step == i)
            add_skips(job, i, group, skips);
    if (skips.empty())
        return fail(
            ErrorCode::conflict, "nothing to skip: of what is meant, no task waits or has failed");
    return skips;
}

Status skip(Brain& brain, Job const& job, TaskChoice const& choice, Effects& effects)
{
    auto const id = job.record.id.value;
    if (job.record.canceled)
        return fail(
            ErrorCode::conflict, "job {0} was canceled: 'sidereal job retry {0}' first", id);
    auto const skips = TRY(chosen_skips(job, choice));
    auto opened = job.record;
    opened.ended_at.reset();
    if (!(opened == job.record))
        record(brain, opened, effects);
    for (auto reset : skips) {
        reset.before = { brain.farm.last_attempt + 1 };
        record(brain, reset, effects);
    }
    return {};
}

void cancel(Brain& brain, Job const& job, Effects& effects)
{
    auto canceled = job.record;
    canceled.canceled = true;
    canceled.paused = false;
    record(brain, canceled, effects);
    for (auto& [id, attempt] : brain.farm.attempts) {
        if (attempt.record.job != canceled.id)
            continue;
        attempt.preempted = false;
        attempt.overdue = false;
        stop_attempt(brain, attempt, "the job was canceled");
    }
}

Status apply_verb(
    Brain& brain, Job const& job, JobVerb verb, TaskChoice const& choice, Effects& effects)
{
    auto const id = job.record.id.value;
    auto changed = job.record;
    if (verb == JobVerb::retry)
        return retry(brain, job, choice, effects);
    if (verb == JobVerb::skip)
        return skip(brain, job, choice, effects);
    if (job.ended())
        return fail(ErrorCode::conflict,
            "job {} has ended ({}): 'sidereal job retry {}' opens it again", id,
            to_string(job_state(job)), id);
    if (job.record.canceled)
        return fail(ErrorCode::conflict, "job {} is being canceled", id);
    switch (verb) {
    case JobVerb::pause:
        changed.paused = true;
        changed.pause_reason = "by hand";
        break;
    case JobVerb::resume:
        changed.paused = false;
        changed.pause_reason.clear();
        break;
    case JobVerb::cancel: cancel(brain, job, effects); return {};
    case JobVerb::retry:
    case JobVerb::skip: VERIFY_NOT_REACHED();
    }
    if (!(changed == job.record))
        record(brain, changed, effects);
    return {};
}

}

void on_job_verb(Brain& brain, JobId id, JobVerb verb, TaskChoice const& choice, Ticket ticket,
    Now now, Effects& effects)
{
    auto const* job = brain.farm.job(id);
    if (!job)
        return refuse(effects, ticket, no_such_job(id));
    auto const done = apply_verb(brain, *job, verb, choice, effects);
    if (!done)
        return refuse(effects, ticket, done.error());
    effects.sends.push_back({ ticket, Done {} });
    settle(brain, now, effects);
}

}
