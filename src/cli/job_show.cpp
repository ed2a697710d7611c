#include <base/json_text.h>
#include <cli/client.h>
#include <cli/commands.h>
#include <cli/fields.h>
#include <cli/job_tables.h>
#include <cli/output.h>
#include <cli/verb.h>
#include <cli/watch_view.h>

#include <memory>

namespace sidereal::cli {

namespace {

std::string head(Json const& job, bool color)
{
    auto const state = text_at(job, "state");
    auto text = fmt::format("job {}: {}\n", count_at(job, "id"), text_at(job, "name"));
    auto const line = [&](std::string_view name, std::string const& value) {
        if (!value.empty())
            text += fmt::format("  {}  {}\n", padded(name, 10), value);
    };
    line("state", color ? paint(state, color_of_state(state)) : state);
    line("paused", truth_at(job, "paused") ? text_at(job, "pause_reason") : "");
    line("user", text_at(job, "user"));
    line("project", text_at(job, "project"));
    line("priority", fmt::format("{}", number_at(job, "priority")));
    line("submitted", local_time_at(job, "submitted_at"));
    line("ended", local_time_at(job, "ended_at"));
    line("time left", time_left(job));
    return text;
}

std::string parameters(Json const& job)
{
    std::string text;
    for (auto const& field : object_at(job, "parameters").get_object())
        text += fmt::format("  {} = {}\n", std::string_view(field.key()),
            text_at(object_at(job, "parameters"), field.key()));
    return text.empty() ? text : "\nparameters\n" + text;
}

std::string why(Json const& job)
{
    if (has_ended(job))
        return {};
    std::string text;
    for (auto const& row : list_at(job, "why"))
        text += fmt::format("  {} task{} of step '{}': {}\n", count_at(row, "tasks"),
            count_at(row, "tasks") == 1 ? "" : "s", text_at(row, "step"), text_at(row, "text"));
    return text.empty() ? text : "\nwhy work waits\n" + text;
}

Result<int> show(std::string const& id, Context const& context)
{
    auto const client = TRY(Client::of(context));
    auto const job = TRY(client.get("/v1/jobs/" + io::percent_encode(id)));
    if (context.format == OutputFormat::json) {
        print(stdout, json_text(job) + "\n");
        return 0;
    }
    auto const color = colors_wanted(stdout);
    auto text = head(job, color) + parameters(job);
    text += "\n" + steps_table(job, color);
    if (!list_at(job, "running").empty())
        text += "\n" + running_table(job, color);
    if (!list_at(job, "nodes").empty())
        text += "\n" + use_table(job, color);
    text += why(job);
    if (!list_at(job, "failures").empty())
        text += "\n" + failure_report(job);
    print(stdout, text);
    return 0;
}

}

Command job_show()
{
    return { "job show", "one job: steps, what runs where, failures, cost, why it waits",
        "sidereal job show 12", Speaks::to_brain, [](std::vector<Option>& options) -> Run {
            auto const id = std::make_shared<std::string>();
            options.push_back(thing_option("job", id.get()));
            return [id](Context const& context) { return show(*id, context); };
        } };
}

}
