#include <base/json.h>
#include <cli/commands.h>
#include <cli/verb.h>

#include <fmt/format.h>

#include <memory>
#include <utility>

namespace sidereal::cli {

namespace {

struct Flags {
    std::string job;
    std::optional<std::string> step;
    std::optional<std::string> task;
    std::optional<std::string> group;
};

std::string choice_body(Flags const& flags)
{
    JsonWriter json;
    json.begin_object();
    if (flags.step)
        json.field("step", *flags.step);
    if (flags.task)
        json.field("task", *flags.task);
    if (flags.group)
        json.field("group", *flags.group);
    json.end_object();
    return json.take();
}

// About some of a job's tasks.
Command verb_on_tasks(Verb const& verb, std::string help, std::string example)
{
    return { fmt::format("{} {}", verb.noun, verb.name), std::move(help), std::move(example),
        Speaks::to_brain, [verb](std::vector<Option>& options) -> Run {
            auto const flags = std::make_shared<Flags>();
            options.push_back(thing_option("job", &flags->job));
            options.push_back({ "--step", &flags->step, "only this step", "NAME" });
            options.push_back({ "--task", &flags->task,
                "only this task: its index, or the value of its parameter", "N|NAME=VALUE" });
            options.push_back({ "--group", &flags->group,
                "only what failed alike: a group of 'sidereal job failures'", "GROUP" });
            return [flags, verb](Context const& context) {
                return run_verb(verb, flags->job, choice_body(*flags), context);
            };
        } };
}

}

Command job_pause()
{
    return plain_verb({ "job", "pause", "paused" },
        "give out no more of a job's tasks; what runs goes on", "sidereal job pause 12");
}

Command job_resume()
{
    return plain_verb(
        { "job", "resume", "resumed" }, "go on with a paused job", "sidereal job resume 12");
}

Command job_cancel()
{
    return plain_verb({ "job", "cancel", "is being canceled" },
        "stop a job: what runs is ended, the rest never starts", "sidereal job cancel 12");
}

Command job_retry()
{
    return verb_on_tasks({ "job", "retry", "runs again" },
        "run what failed or was canceled again; a chosen task in any case",
        "sidereal job retry 12\n  sidereal job retry 12 --step Frames --task Frame=7\n"
        "  sidereal job retry 12 --group 5f3a90c1");
}

Command job_skip()
{
    return verb_on_tasks({ "job", "skip", "goes on without them" },
        "pass over tasks that wait or have failed: those behind them go on",
        "sidereal job skip 12 --step Frames --task Frame=7\n  sidereal job skip 12 --step Preview\n"
        "  sidereal job skip 12 --group 5f3a90c1");
}

}
