#include <base/json_text.h>
#include <cli/client.h>
#include <cli/commands.h>
#include <cli/fields.h>
#include <cli/output.h>
#include <cli/verb.h>

#include <memory>

namespace sidereal::cli {

namespace {

Result<int> why(std::string const& id, Context const& context)
{
    auto const client = TRY(Client::of(context));
    auto const answer = TRY(client.get(fmt::format("/v1/nodes/{}/why", io::percent_encode(id))));
    if (context.format == OutputFormat::json) {
        print(stdout, json_text(answer) + "\n");
        return 0;
    }
    print(stdout, fmt::format("{}: {}\n", text_at(answer, "node"), text_at(answer, "text")));
    auto const& steps = object_at(answer, "steps").get_object();
    if (steps.empty())
        return 0;
    Table table({ { "WAITING STEPS", Align::right }, { "REASON" } });
    for (auto const& field : steps)
        table.add({ std::to_string(count_at(object_at(answer, "steps"), field.key())),
            std::string(field.key()) });
    print(stdout, "\n" + table.draw(colors_wanted(stdout)));
    return 0;
}

}

Command node_why()
{
    return { "node why", "why a machine has no more to do", "sidereal node why node-a",
        Speaks::to_brain, [](std::vector<Option>& options) -> Run {
            auto const id = std::make_shared<std::string>();
            options.push_back(thing_option("node", id.get()));
            return [id](Context const& context) { return why(*id, context); };
        } };
}

}
