#include <api/find.h>

#include <algorithm>
#include <charconv>

namespace sidereal::api {

Result<farm::Job const*> find_job(farm::Farm const& farm, std::string_view id)
{
    auto const number = parse_id<JobId>(id);
    if (!number)
        return fail(ErrorCode::invalid_input, "'{}' is no job id: a job's id is a number", id);
    auto const* job = farm.job(*number);
    if (!job)
        return fail(ErrorCode::not_found, "there is no job {}: see 'sidereal job list'", id);
    return job;
}

Result<farm::Node const*> find_node(farm::Farm const& farm, std::string_view id_or_name)
{
    if (auto const number = parse_id<NodeId>(id_or_name)) {
        if (auto const* node = farm.node(*number))
            return node;
    }
    for (auto const& [id, node] : farm.nodes) {
        if (node.record.facts.name == id_or_name)
            return &node;
    }
    return fail(
        ErrorCode::not_found, "there is no node '{}': see 'sidereal node list'", id_or_name);
}

Result<std::uint32_t> find_step(farm::Job const& job, std::string_view name)
{
    std::string known;
    for (std::uint32_t i = 0; i < job.spec->steps.size(); ++i) {
        auto const& step = job.spec->steps[i].name;
        if (step == name)
            return i;
        known += fmt::format("{}{}", known.empty() ? "" : ", ", step);
    }
    return fail(ErrorCode::not_found, "job {} has no step '{}': it has {}", job.record.id.value,
        name, known);
}

namespace {

// Looking for a value takes a walk over the step's tasks; a longer one would hold up the farm.
constexpr std::uint64_t max_searched_tasks = 100'000;

std::string const* value_of(openjd::TaskParameters const& parameters, std::string_view name)
{
    for (auto const& parameter : parameters) {
        if (parameter.name == name)
            return &parameter.value;
    }
    return nullptr;
}

// Where chunks are cut as they are given out, a task is one value: people say 12, not 12-12.
bool is_value(openjd::Step const& step, std::string_view text, std::string_view value)
{
    return text == value || (step.chunks && text == fmt::format("{0}-{0}", value));
}

// "Frame=12"
std::string example_value(openjd::Step const& step)
{
    auto const parameters = step.space.at(0);
    return parameters.empty() ? "Frame=12"
                              : fmt::format("{}={}", parameters[0].name, parameters[0].value);
}

Result<std::uint64_t> task_by_value(
    farm::Job const& job, std::uint32_t step, std::string_view name, std::string_view value)
{
    auto const& spec = job.spec->steps[step];
    if (!value_of(spec.space.at(0), name))
        return fail(ErrorCode::not_found, "step '{}' has no task parameter '{}'", spec.name, name);
    auto const searched = std::min(spec.space.size(), max_searched_tasks);
    for (std::uint64_t task = 0; task < searched; ++task) {
        if (is_value(spec, *value_of(spec.space.at(task), name), value))
            return task;
    }
    if (searched < spec.space.size())
        return fail(ErrorCode::invalid_input,
            "step '{}' has {} tasks, too many to search for {}={}: give the task's index",
            spec.name, spec.space.size(), name, value);
    return fail(ErrorCode::not_found, "step '{}' has no task with {}={}", spec.name, name, value);
}

Result<std::uint32_t> step_of(farm::Job const& job, TaskName const& name)
{
    if (name.step)
        return find_step(job, *name.step);
    if (job.steps.size() == 1)
        return 0;
    auto const equals = name.task ? name.task->find('=') : std::string::npos;
    for (std::uint32_t i = 0; equals != std::string::npos && i < job.steps.size(); ++i) {
        if (value_of(job.spec->steps[i].space.at(0), name.task->substr(0, equals)))
            return i;
    }
    return fail(ErrorCode::invalid_input, "job {} has {} steps: say which step, such as {}",
        job.record.id.value, job.steps.size(), job.spec->steps[0].name);
}

}

Result<TaskPlace> find_task(farm::Job const& job, TaskName const& name)
{
    TaskPlace place;
    place.step = TRY(step_of(job, name));
    auto const& spec = job.spec->steps[place.step];
    auto const size = spec.space.size();
    if (!name.task) {
        if (size != 1)
            return fail(ErrorCode::invalid_input,
                "step '{}' has {} tasks: say which task, by its index 0 to {} or by a value such "
                "as {}",
                spec.name, size, size - 1, example_value(spec));
        return place;
    }
    auto const equals = name.task->find('=');
    if (equals != std::string::npos) {
        place.task = TRY(task_by_value(
            job, place.step, name.task->substr(0, equals), name.task->substr(equals + 1)));
        return place;
    }
    auto const* const end = name.task->data() + name.task->size();
    auto const [stop, failure] = std::from_chars(name.task->data(), end, place.task);
    if (failure != std::errc {} || stop != end)
        return fail(ErrorCode::invalid_input,
            "'{}' is no task: give its index or a value such as {}", *name.task,
            example_value(spec));
    if (place.task >= size)
        return fail(ErrorCode::not_found, "step '{}' has {} tasks, there is no task {}", spec.name,
            size, place.task);
    return place;
}

}
