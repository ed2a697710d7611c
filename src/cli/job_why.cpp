#include <base/json_text.h>
#include <cli/client.h>
#include <cli/commands.h>
#include <cli/fields.h>
#include <cli/output.h>
#include <cli/verb.h>

#include <memory>

namespace sidereal::cli {

namespace {

std::string node_reasons(Json const& row)
{
    std::string text;
    for (auto const& field : object_at(row, "nodes").get_object())
        text += fmt::format("{}{} {}", text.empty() ? "" : ", ",
            count_at(object_at(row, "nodes"), field.key()), std::string_view(field.key()));
    return text.empty() ? "-" : text;
}

std::string why_table(Json const& job, bool color)
{
    Table table({ { "STEP" }, { "TASKS", Align::right }, { "REASON" }, { "NODES SAY" } });
    for (auto const& row : list_at(job, "why"))
        table.add({ text_at(row, "step"), std::to_string(count_at(row, "tasks")),
            text_at(row, "reason"), node_reasons(row) });
    return table.draw(color);
}

Result<int> why(std::string const& id, Context const& context)
{
    auto const client = TRY(Client::of(context));
    auto const job = TRY(client.get("/v1/jobs/" + io::percent_encode(id)));
    if (context.format == OutputFormat::json) {
        std::string rows;
        for (auto const& row : list_at(job, "why"))
            rows += (rows.empty() ? "" : ",") + json_text(row);
        print(stdout, fmt::format("[{}]\n", rows));
        return 0;
    }
    if (list_at(job, "why").empty()) {
        print(stdout, fmt::format("job {}: no task waits ({})\n", id, text_at(job, "state")));
        return 0;
    }
    for (auto const& row : list_at(job, "why"))
        print(stdout, fmt::format("step '{}': {}\n", text_at(row, "step"), text_at(row, "text")));
    print(stdout, "\n" + why_table(job, colors_wanted(stdout)));
    return 0;
}

}

Command job_why()
{
    return { "job why", "why a job's tasks wait, and what would change that", "sidereal job why 12",
        Speaks::to_brain, [](std::vector<Option>& options) -> Run {
            auto const id = std::make_shared<std::string>();
            options.push_back(thing_option("job", id.get()));
            return [id](Context const& context) { return why(*id, context); };
        } };
}

}
