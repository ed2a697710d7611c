#include <cli/client.h>
#include <cli/commands.h>
#include <cli/fields.h>
#include <cli/output.h>

#include <algorithm>
#include <memory>

namespace sidereal::cli {

namespace {

struct Flags {
    std::string job;
    std::optional<std::string> step;
    std::optional<std::string> task;
};

struct Verb {
    std::string_view name;
    std::string_view done;
};

Result<int> run_verb(Verb verb, std::string const& job, std::string body, Context const& context)
{
    auto const client = TRY(Client::of(context));
    auto const target = fmt::format("/v1/jobs/{}/{}", io::percent_encode(job), verb.name);
    auto const answer = TRY(client.post(target, std::move(body)));
    if (context.format == OutputFormat::json)
        print(stdout, json_text(answer) + "\n");
    else
        print(stdout, fmt::format("job {} {}\n", job, verb.done));
    return 0;
}

Command plain_verb(Verb verb, std::string help)
{
    return { fmt::format("job {}", verb.name), std::move(help),
        fmt::format("sidereal job {} 12", verb.name), Speaks::to_brain,
        [verb](std::vector<Option>& options) -> Run {
            auto const id = std::make_shared<std::string>();
            options.push_back({ "JOB", id.get(), "the job's id", "ID", true });
            return [verb, id](Context const& context) { return run_verb(verb, *id, {}, context); };
        } };
}

std::string retry_body(Flags const& flags)
{
    JsonWriter json;
    json.begin_object();
    if (flags.step)
        json.field("step", *flags.step);
    if (flags.task)
        json.field("task", *flags.task);
    json.end_object();
    return json.take();
}

}

Command job_pause()
{
    return plain_verb(
        { "pause", "paused" }, "give out no more of a job's tasks; what runs goes on");
}

Command job_resume() { return plain_verb({ "resume", "resumed" }, "go on with a paused job"); }

Command job_cancel()
{
    return plain_verb(
        { "cancel", "is being canceled" }, "stop a job: what runs is ended, the rest never starts");
}

Command job_retry()
{
    return { "job retry", "run what failed or was canceled again; a chosen task in any case",
        "sidereal job retry 12\n  sidereal job retry 12 --step Frames --task Frame=7",
        Speaks::to_brain, [](std::vector<Option>& options) -> Run {
            auto const flags = std::make_shared<Flags>();
            options.push_back({ "JOB", &flags->job, "the job's id", "ID", true });
            options.push_back({ "--step", &flags->step, "only this step", "NAME" });
            options.push_back({ "--task", &flags->task,
                "only this task: its index, or the value of its parameter", "N|NAME=VALUE" });
            return [flags](Context const& context) {
                return run_verb({ "retry", "runs again" }, flags->job, retry_body(*flags), context);
            };
        } };
}

}
