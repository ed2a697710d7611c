#include <cli/commands.h>
#include <cli/openjd_input.h>

#include <algorithm>
#include <iterator>
#include <memory>

namespace sidereal::cli {

namespace {

struct Flags {
    OpenjdFlags common;
    std::optional<std::string> step;
};

// One text for people, one for programs, written side by side.
struct Summary {
    JsonWriter json;
    std::string human;

    template<typename... Args>
    void say(fmt::format_string<Args...> format, Args&&... args)
    {
        fmt::format_to(std::back_inserter(human), format, std::forward<Args>(args)...);
        human += '\n';
    }
};

void add_step(Summary& out, openjd::Job const& job, openjd::Step const& step)
{
    out.json.begin_object().field("name", step.name).field("total_tasks", step.space.size());
    out.say("'{}' ({} total Tasks)", step.name, step.space.size());
    auto const first = step.space.at(0);
    out.json.key("parameter_definitions").begin_array();
    if (!first.empty())
        out.say("  Task parameters:");
    for (auto const& parameter : first) {
        auto const type = openjd::to_string(parameter.type);
        out.json.begin_object().field("name", parameter.name).field("type", type).end_object();
        out.say("    - {} ({})", parameter.name, type);
    }
    out.json.end_array().field("environments", step.environments.size());
    if (!step.environments.empty())
        out.say("  {} environments", step.environments.size());
    out.json.key("dependencies").begin_array();
    for (auto const index : step.depends_on) {
        out.json.value(job.steps[index].name);
        out.say("  depends on '{}'", job.steps[index].name);
    }
    out.json.end_array().end_object();
}

void add_job(Summary& out, openjd::Job const& job)
{
    std::uint64_t tasks = 0;
    std::size_t environments = job.environments.size();
    for (auto const& step : job.steps) {
        tasks += step.space.size();
        environments += step.environments.size();
    }
    out.json.field("name", job.name).key("parameter_definitions").begin_array();
    if (!job.parameters.empty())
        out.say("Parameters:");
    for (auto const& [name, value] : job.parameters) {
        auto const type = openjd::to_string(value.type);
        out.json.begin_object().field("name", name).field("type", type);
        out.json.field("value", value.text()).end_object();
        out.say("  - {} ({}): {}", name, type, value.text());
    }
    out.json.end_array().field("total_steps", job.steps.size()).field("total_tasks", tasks);
    out.json.field("total_environments", environments).key("steps").begin_array();
    out.say("\nTotal steps: {}\nTotal tasks: {}\nTotal environments: {}", job.steps.size(), tasks,
        environments);
    out.say("\n--- Steps in '{}' ---\n", job.name);
    for (auto const& step : job.steps)
        add_step(out, job, step);
    out.json.end_array();
}

OpenjdResult<Summary> summary(Flags const& flags)
{
    auto const job = openjd::make_job(TRY(read_request(flags.common)));
    if (!job)
        return tl::unexpected(openjd_fault(job.error()));
    Summary out;
    auto const message = fmt::format("Summary for '{}'", flags.step.value_or(job->name));
    out.json.begin_object().field("status", "success").field("message", message);
    out.say("\n--- {} ---\n", message);
    if (!flags.step) {
        add_job(out, *job);
        out.json.end_object();
        return out;
    }
    auto const found = std::find_if(job->steps.begin(), job->steps.end(),
        [&](auto const& step) { return step.name == *flags.step; });
    if (found == job->steps.end())
        return tl::unexpected(
            OpenjdFault { {}, fmt::format("there is no step '{}'", *flags.step) });
    out.json.key("step");
    add_step(out, *job, *found);
    out.json.end_object();
    return out;
}

int run(Flags const& flags)
{
    auto made = summary(flags);
    if (!made)
        return print_openjd_fault(flags.common.output, made.error());
    print_openjd(flags.common.output, made->json.take(), made->human);
    return 0;
}

}

Command openjd_summary()
{
    return { "openjd summary",
        "what a template makes of its parameters: steps, tasks, environments",
        "sidereal openjd summary template.yaml -p Frames=1-100", Speaks::to_nobody,
        [](std::vector<Option>& options) -> Run {
            auto const flags = std::make_shared<Flags>();
            add_openjd_options(options, flags->common, OpenjdUse::make);
            options.push_back({ "--step", &flags->step, "only this step", "NAME" });
            return [flags](Context const&) -> Result<int> { return run(*flags); };
        },
        Command::Output::own };
}

}
