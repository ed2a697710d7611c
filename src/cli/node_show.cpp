#include <base/json_text.h>
#include <base/time.h>
#include <cli/client.h>
#include <cli/commands.h>
#include <cli/fields.h>
#include <cli/output.h>
#include <cli/verb.h>

#include <memory>

namespace sidereal::cli {

namespace {

constexpr double mib = 1024.0 * 1024.0;

std::string amounts_table(Json const& node, bool color)
{
    Table table({ { "AMOUNT" }, { "USED", Align::right }, { "CAPACITY", Align::right } });
    auto const& used = object_at(node, "used");
    for (auto const& field : object_at(node, "capacity").get_object()) {
        std::string const name(field.key());
        table.add({ name, fmt::format("{:.6g}", number_at(used, name)),
            fmt::format("{:.6g}", number_at(object_at(node, "capacity"), name)) });
    }
    return table.draw(color);
}

std::string attempts_table(Json const& node, bool color)
{
    Table table({ { "JOB", Align::right }, { "TASK" }, { "ATTEMPT", Align::right },
        { "DONE", Align::right }, { "STATUS" } });
    for (auto const& attempt : list_at(node, "attempts")) {
        auto const started = truth_at(attempt, "started");
        table.add({ std::to_string(count_at(attempt, "job")), task_label(attempt),
            std::to_string(count_at(attempt, "attempt")),
            started ? fmt::format("{:.0f} %", number_at(attempt, "percent")) : "-",
            started ? Cell(text_at(attempt, "status")) : Cell("waits on the node", Color::dim) });
    }
    return table.draw(color);
}

std::string describe(Json const& node, bool color)
{
    auto const& rate = object_at(node, "rate");
    auto const& facts = object_at(node, "facts");
    auto const state = text_at(node, "state");
    auto text = fmt::format("node {}: {}\n", count_at(node, "id"), text_at(node, "name"));
    auto const line = [&](std::string_view name, std::string const& value) {
        if (!value.empty())
            text += fmt::format("  {}  {}\n", padded(name, 10), value);
    };
    line("state", color ? paint(state, color_of_state(state)) : state);
    line("machine",
        fmt::format("{} {}, {} vCPU, {}", text_at(facts, "os_family"), text_at(facts, "cpu_arch"),
            number_at(node, "vcpus"), human_bytes(number_at(node, "memory_bytes"))));
    line("pool", text_at(node, "pool"));
    for (auto const& gpu : list_at(node, "gpu_use"))
        line("gpu",
            fmt::format("{}, {}, {}: {}", text_at(gpu, "name"),
                human_bytes(number_at(gpu, "memory_mib") * mib), text_at(gpu, "uuid"),
                count_at(gpu, "attempts") == 0
                    ? "free"
                    : fmt::format("{} taken", human_bytes(number_at(gpu, "used_mib") * mib))));
    line("rate",
        fmt::format("{} W idle, {} W busy, {} W asleep, ${}/kWh, ${}/h", number_at(rate, "idle_w"),
            number_at(rate, "busy_w"), number_at(rate, "standby_w"), number_at(rate, "usd_per_kwh"),
            number_at(rate, "usd_per_h")));
    if (auto const wake_s = maybe_number_at(node, "wake_s"))
        line("wakes in", to_human(from_seconds(*wake_s)));
    if (auto const blamed = count_at(node, "blamed_for"); blamed > 0)
        line("blamed", fmt::format("{} tasks failed here lately and ran elsewhere", blamed));
    line("last heard", local_time_at(node, "last_heard"));
    line("first seen", local_time_at(node, "first_seen"));
    text += "\n" + amounts_table(node, color);
    if (!list_at(node, "attempts").empty())
        text += "\n" + attempts_table(node, color);
    return text;
}

Result<int> show(std::string const& id, Context const& context)
{
    auto const client = TRY(Client::of(context));
    auto const node = TRY(client.get("/v1/nodes/" + io::percent_encode(id)));
    if (context.format == OutputFormat::json)
        print(stdout, json_text(node) + "\n");
    else
        print(stdout, describe(node, colors_wanted(stdout)));
    return 0;
}

}

Command node_show()
{
    return { "node show", "one machine: what it has, what it runs, what it costs",
        "sidereal node show node-a", Speaks::to_brain, [](std::vector<Option>& options) -> Run {
            auto const id = std::make_shared<std::string>();
            options.push_back(thing_option("node", id.get()));
            return [id](Context const& context) { return show(*id, context); };
        } };
}

}
