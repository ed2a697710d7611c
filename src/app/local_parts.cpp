#include <app/local_parts.h>

#include <openjd/document.h>
#include <openjd/text_rules.h>

#include <algorithm>
#include <utility>

namespace sidereal::app {

namespace {

using cli::OpenjdFault;
using cli::OpenjdResult;
using Parts = std::vector<agent::LocalPart>;
using openjd::TaskParameters;

template<typename... Args>
tl::unexpected<OpenjdFault> refuse(fmt::format_string<Args...> format, Args&&... args)
{
    return tl::unexpected(OpenjdFault { {}, fmt::format(format, std::forward<Args>(args)...) });
}

using Texts = std::vector<std::pair<std::string, std::string>>;

// A task of the step with these values; a chunk may be any set of the parameter's values.
OpenjdResult<TaskParameters> task_of(openjd::Step const& step, Texts const& texts)
{
    auto task = step.space.at(0);
    std::vector<bool> given(task.size());
    for (auto const& pair : texts) {
        auto const& name = pair.first;
        auto const found = std::find_if(
            task.begin(), task.end(), [&](auto const& one) { return one.name == name; });
        if (found == task.end())
            return refuse("step '{}' has no task parameter '{}'", step.name, name);
        auto const index = static_cast<std::size_t>(found - task.begin());
        if (given[index])
            return refuse("task parameter '{}' is given twice", name);
        given[index] = true;
        found->value = pair.second;
    }
    for (std::size_t i = 0; i < task.size(); ++i) {
        if (!given[i])
            return refuse("task parameter '{}' needs a value", task[i].name);
    }
    if (!step.space.holds(task))
        return refuse("step '{}' has no task with these values", step.name);
    return task;
}

OpenjdResult<Texts> read_pairs(std::vector<std::string> const& arguments)
{
    Texts out;
    for (auto const& argument : arguments) {
        auto const equals = argument.find('=');
        if (equals == std::string::npos || equals == 0)
            return refuse("--task-param {}: expected NAME=VALUE", argument);
        out.emplace_back(argument.substr(0, equals), argument.substr(equals + 1));
    }
    return out;
}

OpenjdResult<std::vector<Texts>> read_tasks(std::string const& argument)
{
    auto const source = TRY(cli::read_argument(argument));
    auto const document = openjd::parse_document(source.text, source.file_name);
    if (!document)
        return tl::unexpected(cli::openjd_fault(document.error()));
    std::vector<Texts> out;
    bool fits = document->kind == openjd::Node::Kind::list && !document->children.empty();
    for (auto const& task : document->children) {
        fits = fits && task.kind == openjd::Node::Kind::map;
        Texts texts;
        for (std::size_t i = 0; fits && i < task.keys.size(); ++i) {
            fits = task.children[i].is_scalar();
            texts.emplace_back(task.keys[i].text, task.children[i].as_text());
        }
        out.push_back(std::move(texts));
    }
    if (!fits)
        return refuse("--tasks: expected a list of tasks such as [{{\"Frame\": 1}}]");
    return out;
}

OpenjdResult<agent::LocalPart> part_of(
    openjd::Job const& job, std::size_t step, LocalFlags const& flags)
{
    agent::LocalPart part { step };
    auto const& spec = job.steps[step];
    if (flags.maximum_tasks && *flags.maximum_tasks >= 0)
        part.most = static_cast<std::uint64_t>(*flags.maximum_tasks);
    std::vector<Texts> tasks;
    if (!flags.task_parameters.empty())
        tasks.push_back(TRY(read_pairs(flags.task_parameters)));
    if (flags.tasks)
        tasks = TRY(read_tasks(*flags.tasks));
    for (auto const& texts : tasks)
        part.tasks.push_back(TRY(task_of(spec, texts)));
    return part;
}

// Adds the step after everything it depends on, each step once.
void add_in_order(openjd::Job const& job, std::size_t step, std::vector<std::size_t>& order)
{
    if (std::find(order.begin(), order.end(), step) != order.end())
        return;
    for (auto const upstream : job.steps[step].depends_on)
        add_in_order(job, upstream, order);
    order.push_back(step);
}

Status check_flags(LocalFlags const& flags)
{
    int const selections = (flags.task_parameters.empty() ? 0 : 1) + (flags.tasks ? 1 : 0)
        + (flags.maximum_tasks ? 1 : 0);
    if (selections > 1)
        return fail(ErrorCode::invalid_input,
            "give one of --task-param, --tasks and --maximum-tasks, not several");
    if (flags.run_dependencies && flags.no_run_dependencies)
        return fail(
            ErrorCode::invalid_input, "give --run-dependencies or --no-run-dependencies, not both");
    return {};
}

}

void add_local_options(std::vector<cli::Option>& options, LocalFlags& flags)
{
    options.push_back(
        { "--step", &flags.step, "the step to run (default: all, in order)", "NAME" });
    options.push_back({ "-t,--task-param", &flags.task_parameters,
        "run the one task with these values: one NAME=VALUE for each task parameter (-tp too)",
        "NAME=VALUE" });
    options.push_back({ "--tasks", &flags.tasks,
        "run these tasks: [{\"NAME\": \"VALUE\"}, ...] or file://FILE", "TASKS" });
    options.push_back({ "--maximum-tasks", &flags.maximum_tasks,
        "run at most this many tasks of a step (-1: all)", "N" });
    options.push_back(
        { "--run-dependencies", &flags.run_dependencies, "run what the step depends on first" });
    options.push_back({ "--no-run-dependencies", &flags.no_run_dependencies,
        "run the step alone (the default)" });
}

OpenjdResult<Parts> local_parts(openjd::Job const& job, LocalFlags const& flags)
{
    if (auto const checked = check_flags(flags); !checked)
        return tl::unexpected(cli::openjd_fault(checked.error()));
    std::vector<std::size_t> order;
    std::optional<std::size_t> chosen;
    for (std::size_t i = 0; i < job.steps.size(); ++i) {
        if (job.steps.size() == 1 || flags.step == job.steps[i].name)
            chosen = i;
    }
    if (flags.step && (!chosen || job.steps[*chosen].name != *flags.step))
        return refuse("the job has no step '{}'", *flags.step);
    bool const picks = !flags.task_parameters.empty() || flags.tasks;
    if (picks && !chosen)
        return refuse("tasks belong to one step: name it with --step");
    if (!chosen) {
        for (std::size_t i = 0; i < job.steps.size(); ++i)
            add_in_order(job, i, order);
    } else if (flags.run_dependencies) {
        add_in_order(job, *chosen, order);
    } else {
        order.push_back(*chosen);
    }
    Parts parts;
    for (auto const step : order) {
        LocalFlags whole;
        parts.push_back(TRY(part_of(job, step, !chosen || step == *chosen ? flags : whole)));
    }
    return parts;
}

}
