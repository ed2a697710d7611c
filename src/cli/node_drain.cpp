#include <cli/client.h>
#include <cli/commands.h>
#include <cli/fields.h>
#include <cli/output.h>

#include <memory>

namespace sidereal::cli {

namespace {

struct Verb {
    std::string_view name;
    std::string_view done;
};

Result<int> run_verb(Verb verb, std::string const& node, Context const& context)
{
    auto const client = TRY(Client::of(context));
    auto const answer = TRY(
        client.post(fmt::format("/v1/nodes/{}/{}", io::percent_encode(node), verb.name)));
    if (context.format == OutputFormat::json)
        print(stdout, json_text(answer) + "\n");
    else
        print(stdout, fmt::format("node {} {}\n", node, verb.done));
    return 0;
}

Command command_of(Verb verb, std::string help)
{
    return { fmt::format("node {}", verb.name), std::move(help),
        fmt::format("sidereal node {} node-a", verb.name), Speaks::to_brain,
        [verb](std::vector<Option>& options) -> Run {
            auto const id = std::make_shared<std::string>();
            options.push_back({ "NODE", id.get(), "the node's name or id", "NAME", true });
            return [verb, id](Context const& context) { return run_verb(verb, *id, context); };
        } };
}

}

Command node_drain()
{
    return command_of({ "drain", "takes no more work; what it runs goes on" },
        "give a machine no more work; what it runs goes on");
}

Command node_undrain()
{
    return command_of({ "undrain", "takes work again" }, "give a drained machine work again");
}

}
