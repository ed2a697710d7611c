#include <base/json.h>
#include <cli/commands.h>
#include <cli/verb.h>

#include <memory>

namespace sidereal::cli {

namespace {

struct Flags {
    std::string job;
    std::optional<std::string> step;
    std::optional<std::string> task;
    std::optional<std::string> group;
};

std::string retry_body(Flags const& flags)
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
    return { "job retry", "run what failed or was canceled again; a chosen task in any case",
        "sidereal job retry 12\n  sidereal job retry 12 --step Frames --task Frame=7\n"
        "  sidereal job retry 12 --group 5f3a90c1",
        Speaks::to_brain, [](std::vector<Option>& options) -> Run {
            auto const flags = std::make_shared<Flags>();
            options.push_back(thing_option("job", &flags->job));
            options.push_back({ "--step", &flags->step, "only this step", "NAME" });
            options.push_back({ "--task", &flags->task,
                "only this task: its index, or the value of its parameter", "N|NAME=VALUE" });
            options.push_back({ "--group", &flags->group,
                "only what failed alike: a group of 'sidereal job failures'", "GROUP" });
            return [flags](Context const& context) {
                return run_verb(
                    { "job", "retry", "runs again" }, flags->job, retry_body(*flags), context);
            };
        } };
}

}
