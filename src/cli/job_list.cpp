#include <base/json_text.h>
#include <cli/client.h>
#include <cli/commands.h>
#include <cli/fields.h>
#include <cli/output.h>

#include <memory>

namespace sidereal::cli {

namespace {

struct Flags {
    std::optional<std::string> state;
    std::int64_t limit { 100 };
};

Result<int> list(Flags const& flags, Context const& context)
{
    auto const client = TRY(Client::of(context));
    auto target = fmt::format("/v1/jobs?limit={}", flags.limit);
    if (flags.state)
        target += "&state=" + io::percent_encode(*flags.state);
    auto const answer = TRY(client.get(target));
    if (context.format == OutputFormat::json) {
        print(stdout, json_text(answer) + "\n");
        return 0;
    }
    Table table(
        { { "ID", Align::right }, { "STATE" }, { "DONE", Align::right }, { "FAILED", Align::right },
            { "PRIORITY", Align::right }, { "USER" }, { "PROJECT" }, { "SUBMITTED" }, { "NAME" } });
    for (auto const& job : list_at(answer, "jobs")) {
        auto const& counts = object_at(job, "counts");
        auto const state = text_at(job, "state");
        auto const failed = count_at(counts, "failed");
        table.add({ std::to_string(count_at(job, "id")), { state, color_of_state(state) },
            fmt::format("{}/{}", count_at(counts, "succeeded"), count_at(counts, "tasks")),
            { std::to_string(failed), failed > 0 ? Color::red : Color::none },
            fmt::format("{}", number_at(job, "priority")), text_at(job, "user"),
            text_at(job, "project"), local_time_at(job, "submitted_at"), text_at(job, "name") });
    }
    if (table.empty())
        print(stdout,
            flags.state ? fmt::format("no job is {}\n", *flags.state)
                        : "no jobs: hand one in with 'sidereal job submit'\n");
    else
        print(stdout, table.draw(colors_wanted(stdout)));
    return 0;
}

}

Command job_list()
{
    return { "job list", "the jobs, newest first", "sidereal job list --state running",
        Speaks::to_brain, [](std::vector<Option>& options) -> Run {
            auto const flags = std::make_shared<Flags>();
            options.push_back({ "--state", &flags->state, "only jobs in this state", "STATE", false,
                {}, {}, { "queued", "running", "paused", "succeeded", "failed", "canceled" } });
            options.push_back(
                { "--limit", &flags->limit, "at most so many", "N", false, 1, 10000 });
            return [flags](Context const& context) { return list(*flags, context); };
        } };
}

}
