#include <cli/plan_drawing.h>

#include <plan/pipeline.h>

#include <algorithm>
#include <cmath>
#include <set>

namespace sidereal::cli {

namespace {

constexpr double gib = 1024.0 * 1024 * 1024;
constexpr std::size_t bar_width = 40;

std::string number(double value)
{
    return value >= 100 ? fmt::format("{:.0f}", value)
        : value >= 10   ? fmt::format("{:.1f}", value)
                        : fmt::format("{:.2f}", value);
}

std::string range(plan::Estimate const& estimate)
{
    return fmt::format(
        "{} ({} to {})", number(estimate.value), number(estimate.low), number(estimate.high));
}

std::string in_gib(double bytes) { return fmt::format("{:.2f}", bytes / gib); }

std::string verdict_text(plan::ModelPlan const& plan)
{
    return std::string(to_string(plan.verdict)) + (plan.is_tight ? ", barely" : "");
}

Color verdict_color(plan::ModelPlan const& plan)
{
    if (plan.verdict == plan::Verdict::no)
        return Color::red;
    return plan.verdict == plan::Verdict::fits && !plan.is_tight ? Color::green : Color::yellow;
}

// One letter or block for each part, as long as its share.
std::string memory_bar(plan::DeviceBytes const& device)
{
    auto const most = std::max(device.need(), device.usable);
    std::string bar;
    auto const add = [&](double bytes, char letter) {
        auto const cells = static_cast<std::size_t>(
            std::lround(bytes / most * static_cast<double>(bar_width)));
        bar.append(std::min(cells, bar_width - bar.size()), letter);
    };
    add(device.weights, 'W');
    add(device.cache, 'C');
    add(device.buffers + device.runtime, 'b');
    bar.resize(bar_width, '.');
    auto const end = static_cast<std::size_t>(
        device.usable / most * static_cast<double>(bar_width));
    bar.insert(std::min(end, bar_width), 1, '|');
    return bar;
}

void draw_devices(plan::ModelPlan const& plan)
{
    Table table({ { "  DEVICE" }, { "WEIGHTS GiB", Align::right }, { "CACHE", Align::right },
        { "BUFFERS", Align::right }, { "RUNTIME", Align::right }, { "NEEDS", Align::right },
        { "HAS", Align::right } });
    Table bars({ { "" }, { "" } });
    std::set<std::string> drawn;
    for (auto const& device : plan.devices) {
        table.add({ "  " + device.device, in_gib(device.weights), in_gib(device.cache),
            in_gib(device.buffers), in_gib(device.runtime), in_gib(device.need()),
            in_gib(device.usable) });
        auto const bar = memory_bar(device);
        if (drawn.insert(device.device + bar).second)
            bars.add({ "  " + device.device, bar });
    }
    auto const color = colors_wanted(stdout);
    auto const below = bars.draw(color);
    // Bars need no titles.
    print(stdout, table.draw(color) + below.substr(below.find('\n') + 1));
}

void draw_speed(plan::ModelPlan const& plan, plan::Workload const& workload)
{
    if (plan.spilled_fraction > 0)
        print(stdout,
            fmt::format("  with {:.0f} % of the weights in the host's memory:\n",
                100 * plan.spilled_fraction));
    else if (plan.verdict != plan::Verdict::fits)
        print(stdout, "  if all of it lay in memory of that speed:\n");
    print(stdout,
        fmt::format("  decode   {} tokens/s a stream; roofline {}\n", range(plan.decode),
            number(plan.roofline)));
    if (workload.streams > 1)
        print(stdout,
            fmt::format("  in all   {} tokens/s of {} streams\n", range(plan.decode_all),
                workload.streams));
    if (auto const& pipeline = plan.pipeline)
        print(stdout,
            fmt::format("  pipeline {} tokens/s in all, {} groups of {} streams in flight{}\n",
                number(pipeline->tokens_per_s), pipeline->groups, pipeline->streams_a_group,
                plan::overlaps_stages(workload.engine)
                    ? ""
                    : fmt::format("\n           ({} keeps one batch under way)", workload.engine)));
    print(stdout,
        fmt::format("  prefill  {} tokens/s; first token after {} s\n", range(plan.prefill),
            number(plan.first_token_s)));
    if (workload.speculation)
        print(stdout,
            fmt::format("  draft    {:.2f} times as fast{}\n", plan.speculation_gain,
                plan.speculation_gain < 1 ? ": it costs more than it gives" : ""));
    print(stdout,
        fmt::format("  energy   {} W, {:.3f} kWh and {:.3f} USD per million tokens\n",
            number(plan.watts), plan.kwh_per_mtok, plan.energy_usd_per_mtok));
    if (plan.usd_per_mtok)
        print(stdout,
            fmt::format("  cost     {:.2f} USD per million tokens with the machine over {} years\n",
                *plan.usd_per_mtok, workload.years));
}

void draw_plan(PlannedMachine const& planned, plan::Workload const& workload, bool explain)
{
    auto const& plan = planned.plan;
    print(stdout,
        fmt::format("{}: {}\n", planned.machine,
            paint_for(stdout, verdict_text(plan), verdict_color(plan))));
    for (auto const& remedy : plan.remedies)
        print(stdout,
            fmt::format("  {}: gives {} GiB, {}\n", remedy.what, in_gib(remedy.gives_bytes),
                remedy.is_enough ? "enough" : "not enough alone"));
    draw_devices(plan);
    draw_speed(plan, workload);
    if (explain)
        draw_explained(plan.explained);
}

void write_estimate(JsonWriter& json, std::string_view name, plan::Estimate const& estimate)
{
    json.key(name)
        .begin_object()
        .field("value", estimate.value)
        .field("low_80", estimate.low)
        .field("high_80", estimate.high)
        .end_object();
}

void write_devices(JsonWriter& json, plan::ModelPlan const& plan)
{
    json.key("devices").begin_array();
    for (auto const& device : plan.devices)
        json.begin_object()
            .field("device", device.device)
            .field("weights_bytes", device.weights)
            .field("cache_bytes", device.cache)
            .field("buffers_bytes", device.buffers)
            .field("runtime_bytes", device.runtime)
            .field("need_bytes", device.need())
            .field("usable_bytes", device.usable)
            .end_object();
    json.end_array().key("remedies").begin_array();
    for (auto const& remedy : plan.remedies)
        json.begin_object()
            .field("what", remedy.what)
            .field("gives_bytes", remedy.gives_bytes)
            .field("is_enough", remedy.is_enough)
            .end_object();
    json.end_array();
}

void write_plan(JsonWriter& json, PlannedMachine const& planned, bool explain)
{
    auto const& plan = planned.plan;
    json.begin_object()
        .field("machine", planned.machine)
        .field("verdict", to_string(plan.verdict))
        .field("is_tight", plan.is_tight)
        .field("split", plan.split == plan::Split::tensor ? "tensor" : "layer")
        .field("weights_bytes", plan.weights.bytes.total())
        .field("spilled_fraction", plan.spilled_fraction);
    write_devices(json, plan);
    write_estimate(json, "decode_tokens_per_s", plan.decode);
    write_estimate(json, "decode_all_tokens_per_s", plan.decode_all);
    write_estimate(json, "prefill_tokens_per_s", plan.prefill);
    if (auto const& pipeline = plan.pipeline)
        json.key("pipeline")
            .begin_object()
            .field("groups", pipeline->groups)
            .field("streams_a_group", pipeline->streams_a_group)
            .field("latency_s", pipeline->latency_s)
            .field("slowest_stage_s", pipeline->slowest_stage_s)
            .field("tokens_per_s", pipeline->tokens_per_s)
            .end_object();
    json.field("roofline_tokens_per_s", plan.roofline)
        .field("first_token_s", plan.first_token_s)
        .field("speculation_gain", plan.speculation_gain)
        .field("load_w", plan.watts)
        .field("kwh_per_million_tokens", plan.kwh_per_mtok)
        .field("energy_usd_per_million_tokens", plan.energy_usd_per_mtok)
        .field("usd_per_million_tokens", plan.usd_per_mtok);
    if (explain)
        write_explained(json, plan.explained);
    json.end_object();
}

}

void draw_explained(std::vector<plan::Explained> const& explained)
{
    for (auto const& row : explained) {
        print(stdout, fmt::format("  {} = {:.6g} {}\n", row.name, row.value, row.unit));
        print_wrapped(stdout, "    from ", row.formula);
        print_wrapped(
            stdout, "    source: ", fmt::format("{}; confidence: {}", row.source, row.confidence));
    }
}

void write_explained(JsonWriter& json, std::vector<plan::Explained> const& explained)
{
    json.key("explained").begin_array();
    for (auto const& row : explained)
        json.begin_object()
            .field("name", row.name)
            .field("value", row.value)
            .field("unit", row.unit)
            .field("formula", row.formula)
            .field("source", row.source)
            .field("confidence", row.confidence)
            .end_object();
    json.end_array();
}

void print_table(Table const& table, Context const& context)
{
    print(stdout,
        context.format == OutputFormat::json ? table.json() + "\n"
                                             : table.draw(colors_wanted(stdout)));
}

Table plan_table(std::vector<PlannedMachine> const& plans)
{
    Table table(
        { { "MACHINE" }, { "VERDICT" }, { "NEED GiB" }, { "USABLE GiB" }, { "DECODE tokens_per_s" },
            { "DECODE low_80" }, { "DECODE high_80" }, { "PREFILL tokens_per_s" },
            { "PREFILL low_80" }, { "PREFILL high_80" }, { "FIRST TOKEN s" }, { "LOAD W" },
            { "kWh per Mtoken" }, { "energy USD per Mtoken" }, { "USD per Mtoken" } });
    for (auto const& [machine, plan] : plans) {
        double need = 0;
        double usable = 0;
        for (auto const& device : plan.devices) {
            need += device.need();
            usable += device.usable;
        }
        auto const text = [](double value) { return fmt::format("{:.6g}", value); };
        table.add({ machine, verdict_text(plan), text(need / gib), text(usable / gib),
            text(plan.decode.value), text(plan.decode.low), text(plan.decode.high),
            text(plan.prefill.value), text(plan.prefill.low), text(plan.prefill.high),
            text(plan.first_token_s), text(plan.watts), text(plan.kwh_per_mtok),
            text(plan.energy_usd_per_mtok), plan.usd_per_mtok ? text(*plan.usd_per_mtok) : "" });
    }
    return table;
}

Table choice_table(std::vector<plan::Choice> const& choices)
{
    Table table({ { "CHOICE" }, { "QUANT" }, { "USD", Align::right }, { "TOKENS/s", Align::right },
        { "FROM", Align::right }, { "TO", Align::right }, { "USD/Mtoken", Align::right } });
    for (auto const& choice : choices)
        table.add({ choice.what, choice.plan.weights.quant,
            choice.price_usd ? fmt::format("{:.0f}", *choice.price_usd) : "-",
            number(choice.plan.decode.value), number(choice.plan.decode.low),
            number(choice.plan.decode.high),
            choice.plan.usd_per_mtok ? fmt::format("{:.2f}", *choice.plan.usd_per_mtok) : "-" });
    return table;
}

std::string plan_json(plan::Model const& model, plan::Workload const& workload,
    std::vector<PlannedMachine> const& plans, bool explain)
{
    JsonWriter json;
    json.begin_object()
        .field("model", model.id)
        .field("source", model.source)
        .field("parameters", model.params.total())
        .field("active_parameters", model.active_params())
        .field("quant", plans.front().plan.weights.quant)
        .field("engine", workload.engine)
        .field("context_tokens", workload.context)
        .field("streams", workload.streams)
        .field("cache_type", workload.cache_type)
        .key("notes")
        .begin_array();
    for (auto const& note : model.notes)
        json.value(note);
    json.end_array().key("plans").begin_array();
    for (auto const& planned : plans)
        write_plan(json, planned, explain);
    return json.end_array().end_object().take();
}

void draw_plans(plan::Model const& model, plan::Workload const& workload,
    std::vector<PlannedMachine> const& plans, bool explain)
{
    auto const& weights = plans.front().plan.weights;
    print(stdout,
        fmt::format("{} ({})\n{:.4g} billion parameters, {:.4g} active; {} in {} GiB\n", model.id,
            model.source, model.params.total() / 1e9, model.active_params() / 1e9, weights.quant,
            in_gib(weights.bytes.total())));
    for (auto const& note : model.notes)
        print_wrapped(stdout, "note: ", note);
    print(stdout,
        fmt::format("{}, context {}, {} stream{}, cache {}, prompt {}\n", workload.engine,
            workload.context, workload.streams, workload.streams > 1 ? "s" : "",
            workload.cache_type, workload.prompt));
    for (auto const& planned : plans) {
        print(stdout, "\n");
        draw_plan(planned, workload, explain);
    }
}

}
