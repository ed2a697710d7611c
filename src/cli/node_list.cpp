#include <base/json_text.h>
#include <cli/client.h>
#include <cli/commands.h>
#include <cli/fields.h>
#include <cli/output.h>

namespace sidereal::cli {

namespace {

Result<int> list(Context const& context)
{
    auto const client = TRY(Client::of(context));
    auto const answer = TRY(client.get("/v1/nodes"));
    if (context.format == OutputFormat::json) {
        print(stdout, json_text(answer) + "\n");
        return 0;
    }
    Table table({ { "ID", Align::right }, { "NAME" }, { "STATE" }, { "RUNNING", Align::right },
        { "VCPUS USED", Align::right }, { "MEMORY", Align::right }, { "GPUS", Align::right },
        { "LAST HEARD" } });
    for (auto const& node : list_at(answer, "nodes")) {
        auto const state = text_at(node, "state");
        table.add({ std::to_string(count_at(node, "id")), text_at(node, "name"),
            { state, color_of_state(state) }, std::to_string(count_at(node, "running")),
            fmt::format("{}/{}", number_at(object_at(node, "used"), "worker.vcpu"),
                number_at(node, "vcpus")),
            human_bytes(number_at(node, "memory_bytes")), std::to_string(count_at(node, "gpus")),
            local_time_at(node, "last_heard") });
    }
    if (table.empty())
        print(stdout, "no nodes: start an agent with 'sidereal agent'\n");
    else
        print(stdout, table.draw(colors_wanted(stdout)));
    return 0;
}

}

Command node_list()
{
    return { "node list", "the machines of the farm", "sidereal node list", Speaks::to_brain,
        [](std::vector<Option>&) -> Run {
            return [](Context const& context) { return list(context); };
        } };
}

}
