#include <base/json_text.h>
#include <cli/client.h>
#include <cli/commands.h>
#include <cli/fields.h>
#include <cli/output.h>
#include <cli/verb.h>

#include <algorithm>
#include <memory>

namespace sidereal::cli {

namespace {

constexpr std::size_t nodes_named = 3;

std::string cause_of(Json const& group)
{
    if (auto const code = maybe_number_at(group, "exit_code"))
        return fmt::format("{} (exit code {:g})", text_at(group, "cause"), *code);
    if (auto const signal = maybe_number_at(group, "signal"))
        return fmt::format("{} (signal {:g})", text_at(group, "cause"), *signal);
    return text_at(group, "cause");
}

std::string nodes_of(Json const& group)
{
    auto const& nodes = list_at(group, "nodes");
    std::string text;
    for (std::size_t i = 0; i < nodes.size() && i < nodes_named; ++i)
        text += fmt::format("{}{} ({})", i == 0 ? "" : ", ", text_at(nodes[i], "name"),
            count_at(nodes[i], "failures"));
    if (nodes.size() > nodes_named)
        text += fmt::format(" and {} more", nodes.size() - nodes_named);
    return text;
}

std::string describe(Json const& group)
{
    auto const tasks = count_at(group, "tasks");
    auto const waiting = tasks - std::min(tasks, count_at(group, "failed"));
    auto text = fmt::format("{}  {} task{}{}: {}\n", text_at(group, "group"), tasks,
        tasks == 1 ? "" : "s",
        waiting > 0 ? fmt::format(", {} of them to be tried again", waiting) : "", cause_of(group));
    text += fmt::format("    | {}\n", text_at(group, "example"));
    text += fmt::format("    attempt {} and {} more on {}\n", count_at(group, "attempt"),
        count_at(group, "failures") - 1, nodes_of(group));
    return text
        + fmt::format(
            "    first {}, last {}\n", local_time_at(group, "first"), local_time_at(group, "last"));
}

Result<int> show(std::string const& id, Context const& context)
{
    auto const client = TRY(Client::of(context));
    auto const answer = TRY(
        client.get(fmt::format("/v1/jobs/{}/failures", io::percent_encode(id))));
    if (context.format == OutputFormat::json) {
        print(stdout, json_text(answer) + "\n");
        return 0;
    }
    auto const& groups = list_at(answer, "groups");
    if (groups.empty()) {
        print(stdout, fmt::format("job {}: nothing of it has failed\n", id));
        return 0;
    }
    std::string text;
    for (auto const& group : groups)
        text += describe(group);
    text += fmt::format("\nrun one group again: sidereal job retry {} --group {}\n", id,
        text_at(groups[0], "group"));
    print(stdout, text);
    return 0;
}

}

Command job_failures()
{
    return { "job failures", "what failed in a job, alike failures together",
        "sidereal job failures 12", Speaks::to_brain, [](std::vector<Option>& options) -> Run {
            auto const id = std::make_shared<std::string>();
            options.push_back(thing_option("job", id.get()));
            return [id](Context const& context) { return show(*id, context); };
        } };
}

}
