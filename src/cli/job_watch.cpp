#include <cli/client.h>
#include <cli/commands.h>
#include <cli/job_end.h>
#include <cli/output.h>
#include <cli/verb.h>
#include <cli/watch_view.h>

#include <io/file.h>

#include <cstdlib>
#include <memory>

namespace sidereal::cli {

namespace {

Result<int> watch(std::string const& text, Context const& context)
{
    auto const id = parse_id<JobId>(text);
    if (!id)
        return fail(ErrorCode::invalid_input, "'{}' is no job id: a job's id is a number", text);
    return watch_to_the_end(*id, context);
}

}

Result<int> watch_to_the_end(JobId id, Context const& context)
{
    auto const url = TRY(find_server(context));
    WatchOptions options;
    options.style = context.format == OutputFormat::json ? WatchStyle::json
                                                         : watch_style_for(stdout);
    options.color = colors_wanted(stdout);
    // A brain that was started anew may listen on another port.
    options.find_url = [context] {
        auto const found = find_server(context);
        return found ? std::optional(*found) : std::nullopt;
    };
    auto const end = TRY(watch_job(url, id, options));
    if (end.succeeded())
        return 0;
    if (context.format == OutputFormat::table)
        print(stderr, failure_report(end.job));
    return error_row(ErrorCode::job_failed).exit_code;
}

Command job_watch()
{
    return { "job watch", "follow a job to its end; exit code 1 if it does not succeed",
        "sidereal job watch 12", Speaks::to_brain, [](std::vector<Option>& options) -> Run {
            auto const id = std::make_shared<std::string>();
            options.push_back(thing_option("job", id.get()));
            return [id](Context const& context) { return watch(*id, context); };
        } };
}

}
