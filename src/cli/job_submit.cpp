#include <cli/client.h>
#include <cli/commands.h>
#include <cli/job_end.h>
#include <cli/output.h>
#include <cli/submission.h>

#include <memory>

namespace sidereal::cli {

namespace {

struct Flags : SubmitFlags {
    bool watch { false };
};

Result<int> submit(Flags const& flags, Context const& context)
{
    auto const url = TRY(find_server(context));
    auto const id = TRY(submit_job(url, flags, context.format));
    if (context.format == OutputFormat::json)
        print(stdout, fmt::format("{{\"id\":{}}}\n", id.value));
    else if (flags.watch)
        print(stdout, fmt::format("job {} submitted\n", id.value));
    else
        print(stdout,
            fmt::format("job {0} submitted: follow it with 'sidereal job watch {0}'\n", id.value));
    if (!flags.watch)
        return 0;
    return watch_to_the_end(id, context);
}

void declare(Flags& flags, std::vector<Option>& options)
{
    options.push_back(
        { "TARGET", &flags.target, "a template file, or a bundle's folder", "PATH", true });
    options.push_back({ "-p,--parameter", &flags.parameters,
        "a job parameter: NAME=VALUE, file://FILE or a JSON object; may be repeated",
        "NAME=VALUE" });
    options.push_back({ "--project", &flags.project, "who the work is for", "NAME" });
    options.push_back({ "--priority", &flags.priority, "a higher number goes first (default: 0)",
        "-100..100", false, -100, 100 });
    options.push_back({ "--max-retries", &flags.max_retries,
        "how often a failed task is run again (default: 2)", "N", false, 0, 1000 });
    options.push_back({ "--max-failed-tasks", &flags.max_failed_tasks,
        "more failed tasks than this pause the job (default: no limit)", "N", false, 0 });
    options.push_back({ "--tier", &flags.tier,
        "strict: while work of a higher tier can run, none of a lower one starts (default: normal)",
        "TIER", false, {}, {}, { "idle", "low", "normal", "high", "urgent" } });
    options.push_back(
        { "--after", &flags.after, "wait until this job has succeeded; may be repeated", "JOB" });
    options.push_back(
        { "--not-before", &flags.not_before, "do not start earlier", "2026-11-22T20:00:00Z" });
    options.push_back(
        { "--deadline", &flags.deadline, "when it must be done", "2026-11-23T08:00:00Z" });
    options.push_back({ "--order", &flags.order,
        "which tasks go first; preview: first, middle, last, then every tenth (default: listed)",
        "ORDER", false, {}, {}, { "listed", "reverse", "middle_out", "preview" } });
    options.push_back({ "--scheduling", &flags.scheduling_file,
        "a document with more of this: caps, order and dependencies of single steps (default: "
        "scheduling.yaml of the bundle)",
        "PATH" });
    options.push_back({ "--paused", &flags.paused, "submit it paused" });
    options.push_back({ "--watch", &flags.watch, "follow the job to its end" });
    options.push_back({ "--no-check-inputs", &flags.no_check_inputs,
        "do not look whether the files that the job reads are here" });
}

}

Command job_submit()
{
    return { "job submit", "hand in a job: an OpenJD template or a job bundle",
        "sidereal job submit examples/film-blender -p Frames=1-4 --watch\n"
        "  sidereal job submit shot.yaml -p file://shot.json --priority 50",
        Speaks::to_brain, [](std::vector<Option>& options) -> Run {
            auto const flags = std::make_shared<Flags>();
            declare(*flags, options);
            return [flags](Context const& context) { return submit(*flags, context); };
        } };
}

}
