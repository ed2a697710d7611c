#include <farm/job.h>

#include <base/verify.h>

#include <algorithm>

namespace sidereal::farm {

namespace {

Result<std::size_t> find_step(openjd::Job const& spec, std::string_view name)
{
    for (std::size_t i = 0; i < spec.steps.size(); ++i) {
        if (spec.steps[i].name == name)
            return i;
    }
    return fail(ErrorCode::invalid_input,
        "scheduling: the job has no step '{}': name a step of the template", name);
}

// Whether `from` comes to `to` by the template's dependencies.
bool reaches(openjd::Job const& spec, std::size_t from, std::size_t to)
{
    std::vector<bool> seen(spec.steps.size(), false);
    std::vector<std::size_t> pending { from };
    while (!pending.empty()) {
        auto const step = pending.back();
        pending.pop_back();
        if (step == to)
            return true;
        for (auto const upstream : spec.steps[step].depends_on) {
            if (!seen[upstream])
                pending.push_back(upstream);
            seen[upstream] = true;
        }
    }
    return false;
}

Status add_edge(
    openjd::Job const& spec, std::vector<Step>& steps, std::size_t index, TaskEdge const& edge)
{
    auto const upstream = TRY(find_step(spec, edge.step));
    auto const& name = spec.steps[index].name;
    auto& step = steps[index];
    if (upstream != index && reaches(spec, upstream, index))
        return fail(ErrorCode::invalid_input,
            "scheduling: tasks of '{}' cannot wait for '{}', which depends on it", name, edge.step);
    if (upstream != index && !reaches(spec, index, upstream))
        return fail(ErrorCode::invalid_input,
            "scheduling: step '{}' does not depend on '{}': add the dependency to the template",
            name, edge.step);
    if (spec.steps[upstream].space.size() != spec.steps[index].space.size())
        return fail(ErrorCode::invalid_input,
            "scheduling: '{}' has {} tasks and '{}' has {}: task by task they must be as many",
            name, spec.steps[index].space.size(), edge.step, spec.steps[upstream].space.size());
    std::erase_if(step.upstream, [&](Upstream const& one) { return one.step == upstream; });
    step.edges.push_back({ upstream, edge.first, edge.last, edge.any, edge.meaning });
    return {};
}

Status add_edge(
    openjd::Job const& spec, std::vector<Step>& steps, std::size_t index, WholeStepEdge const& edge)
{
    auto const upstream = TRY(find_step(spec, edge.step));
    auto const& name = spec.steps[index].name;
    if (upstream == index || !reaches(spec, index, upstream))
        return fail(ErrorCode::invalid_input,
            "scheduling: step '{}' does not depend on '{}': add the dependency to the template",
            name, edge.step);
    auto& all = steps[index].upstream;
    std::erase_if(all, [&](Upstream const& one) { return one.step == upstream; });
    all.push_back({ upstream, edge.meaning });
    return {};
}

Status check_gpu_share(std::string_view name, Step const& step)
{
    if (step.wishes.gpu_share && step.demand.reserved.get(Amounts::Kind::gpu) != 1)
        return fail(ErrorCode::invalid_input,
            "scheduling: gpu_share is for tasks with a part of one GPU, and '{}' asks for {:g}: "
            "let it ask for 1 amount.worker.gpu",
            name, step.demand.reserved.get(Amounts::Kind::gpu));
    return {};
}

// A cap that lets no task at all run would keep the job waiting for ever.
Status check_cap(std::string_view name, Caps const& caps, Step const& step)
{
    if (caps.vcpus && *caps.vcpus < step.demand.vcpus())
        return fail(ErrorCode::invalid_input,
            "scheduling: a task of '{}' takes {:g} vcpus, and the cap is {:g}: raise the cap", name,
            step.demand.vcpus(), *caps.vcpus);
    return {};
}

// The task has succeeded, or what became of it is as good to those behind the edge. One that has
// no turn to come any more counts as failed.
bool task_done(TaskState task, StepState step, EdgeMeaning const& meaning)
{
    switch (task) {
    case TaskState::succeeded: return true;
    case TaskState::skipped: return meaning.if_skipped == IfSkipped::go_on;
    case TaskState::leased: return false;
    case TaskState::ready:
    case TaskState::canceled: return meaning.if_failed == IfFailed::go_on && is_final(step);
    case TaskState::failed: return meaning.if_failed == IfFailed::go_on;
    }
    VERIFY_NOT_REACHED();
}

bool edge_done(Job const& job, StepEdge const& edge, std::uint64_t task, StepState upstream)
{
    auto const& tasks = job.steps[edge.step].tasks;
    auto const at = static_cast<std::int64_t>(task);
    auto const end = static_cast<std::int64_t>(tasks.size());
    auto const first = std::max<std::int64_t>(at + edge.first, 0);
    auto const last = std::min<std::int64_t>(at + edge.last, end - 1);
    if (first > last)
        return true;
    for (auto i = first; i <= last; ++i) {
        auto const done = task_done(
            tasks.get(static_cast<std::uint64_t>(i)), upstream, edge.meaning);
        if (done == edge.any)
            return done;
    }
    return !edge.any;
}

// Where to look on when a task's edge is not done: the first task that the next upstream success
// could free. Only worth it where one task frees one other.
std::uint64_t skip_ahead(Job const& job, Step const& step, std::uint64_t task)
{
    if (step.edges.size() != 1)
        return task + 1;
    auto const& edge = step.edges[0];
    if (edge.first != edge.last || edge.first > 0 || edge.meaning.if_failed == IfFailed::go_on)
        return task + 1;
    auto const& upstream = job.steps[edge.step].tasks;
    auto const from = static_cast<std::int64_t>(task) + 1 + edge.first;
    auto const start = static_cast<std::uint64_t>(std::max<std::int64_t>(from, 0));
    auto next = upstream.next(TaskState::succeeded, start);
    if (edge.meaning.if_skipped == IfSkipped::go_on)
        if (auto const skipped = upstream.next(TaskState::skipped, start))
            next = std::min(next.value_or(*skipped), *skipped);
    if (!next)
        return step.tasks.size();
    auto const freed = static_cast<std::int64_t>(*next) - edge.first;
    return static_cast<std::uint64_t>(std::max<std::int64_t>(freed, from - edge.first));
}

}

Result<std::vector<Step>> make_steps(openjd::Job const& spec, Scheduling const& scheduling)
{
    std::vector<Step> steps;
    for (auto const& step : spec.steps) {
        Step made { demand_of(step.requirements), TaskSet(step.space.size()), {}, scheduling.order,
            {}, {}, {}, {}, {}, {}, {}, {}, 0, {}, {}, 0 };
        for (auto const upstream : step.depends_on)
            made.upstream.push_back({ upstream });
        if (step.chunks)
            made.chunks.emplace(*step.chunks);
        steps.push_back(std::move(made));
    }
    for (auto& step : steps)
        if (step.chunks)
            step.order = TaskOrder::listed;
    for (std::size_t i = 0; i < steps.size(); ++i)
        TRY(check_cap(spec.steps[i].name, scheduling.caps, steps[i]));
    for (auto const& [name, wishes] : scheduling.steps) {
        auto const index = TRY(find_step(spec, name));
        auto& step = steps[index];
        step.wishes = wishes;
        step.order = step.chunks ? TaskOrder::listed : wishes.order.value_or(scheduling.order);
        if (step.chunks && wishes.order.value_or(TaskOrder::listed) != TaskOrder::listed)
            return fail(ErrorCode::invalid_input,
                "scheduling: the chunks of '{}' are cut from its list as they are given out: they "
                "have no other order",
                name);
        TRY(check_cap(name, wishes.caps, step));
        TRY(check_gpu_share(name, step));
        for (auto const& edge : wishes.after_steps)
            TRY(add_edge(spec, steps, index, edge));
        for (auto const& edge : wishes.after_tasks)
            TRY(add_edge(spec, steps, index, edge));
    }
    return steps;
}

namespace {

bool task_inputs_ready(
    Job const& job, std::size_t index, std::uint64_t task, std::vector<StepState> const& states)
{
    auto const& edges = job.steps[index].edges;
    return std::all_of(edges.begin(), edges.end(), [&](StepEdge const& edge) {
        // Its own tasks have their turn as long as any of them has.
        auto const upstream = edge.step == index ? StepState::ready : states[edge.step];
        return edge_done(job, edge, task, upstream);
    });
}

}

bool task_inputs_ready(Job const& job, std::size_t index, std::uint64_t task)
{
    return task_inputs_ready(job, index, task, job.states);
}

namespace {

// How many tasks from this one on may go out as one.
std::uint64_t chunk_from(
    Job const& job, std::size_t index, std::uint64_t task, std::vector<StepState> const& states)
{
    auto const& step = job.steps[index];
    auto const failed_before = [&](std::uint64_t other) {
        auto const trouble = step.troubles.find(other);
        return trouble != step.troubles.end() && trouble->second.failures > 0;
    };
    // A task that failed goes alone, so that it takes no others with it again.
    if (!step.chunks || failed_before(task))
        return 1;
    auto const most = std::min(step.chunks->size(), job.spec->steps[index].space.together(task));
    std::uint64_t count = 1;
    while (count < most && step.tasks.get(task + count) == TaskState::ready
        && task_inputs_ready(job, index, task + count, states) && !failed_before(task + count))
        ++count;
    return count;
}

std::optional<NextTask> next_listed(
    Job const& job, std::size_t index, std::uint64_t position, std::vector<StepState> const& states)
{
    auto const& step = job.steps[index];
    while (position < step.tasks.size()) {
        auto const task = step.tasks.next(TaskState::ready, position);
        if (!task)
            return std::nullopt;
        if (task_inputs_ready(job, index, *task, states)) {
            auto const tasks = chunk_from(job, index, *task, states);
            return NextTask { *task, tasks, *task + tasks };
        }
        position = skip_ahead(job, step, *task);
    }
    return std::nullopt;
}

}

std::optional<NextTask> next_task(Job const& job, std::size_t index, std::uint64_t position)
{
    return next_task(job, index, position, job.states);
}

std::optional<NextTask> next_task(
    Job const& job, std::size_t index, std::uint64_t position, std::vector<StepState> const& states)
{
    auto const& step = job.steps[index];
    if (step.tasks.count(TaskState::ready) == 0)
        return std::nullopt;
    if (step.order == TaskOrder::listed)
        return next_listed(job, index, position, states);
    for (auto at = std::max(position, step.ordered_from); at < step.tasks.size(); ++at) {
        auto const task = task_at(step.order, step.tasks.size(), at);
        if (step.tasks.get(task) == TaskState::ready && task_inputs_ready(job, index, task, states))
            return NextTask { task, 1, at + 1 };
    }
    return std::nullopt;
}

}
