#include <cli/plan_job_drawing.h>

#include <cli/fields.h>
#include <cli/output.h>
#include <cli/plan_chart.h>
#include <cli/plan_drawing.h>

#include <algorithm>
#include <cstdint>
#include <utility>

namespace sidereal::cli {

namespace {

Table place_table(PlannedJob const& asked)
{
    // Columns that are 0 everywhere say nothing.
    auto const has = [&](double plan::RenderCost::*part) {
        return std::any_of(asked.places.begin(), asked.places.end(),
            [&](auto const& priced) { return priced.middle.*part > 0; });
    };
    auto const has_lost = has(&plan::RenderCost::repeated_h);
    auto const has_licence = has(&plan::RenderCost::licence_usd);
    auto const has_egress = has(&plan::RenderCost::egress_usd);
    std::vector<Column> columns { { "WHERE" }, { "HOURS", Align::right },
        { "BILLED h", Align::right } };
    auto const add = [&](bool is_shown, std::string title) {
        if (is_shown)
            columns.push_back({ std::move(title), Align::right });
    };
    add(has_lost, "LOST h");
    add(true, "WORK USD");
    add(has_licence, "LICENCE");
    add(has_egress, "EGRESS");
    add(true, "TOTAL USD");
    add(true, "LOW TO HIGH USD");
    Table table(std::move(columns));
    for (auto const& priced : asked.places) {
        auto const& cost = priced.middle;
        std::vector<Cell> cells { priced.place.name, fmt::format("{:.2f}", cost.wall_h),
            fmt::format("{:.2f}", cost.billed_h) };
        if (has_lost)
            cells.emplace_back(fmt::format("{:.2f}", cost.repeated_h));
        cells.emplace_back(in_usd(cost.work_usd));
        if (has_licence)
            cells.emplace_back(in_usd(cost.licence_usd));
        if (has_egress)
            cells.emplace_back(in_usd(cost.egress_usd));
        cells.emplace_back(in_usd(cost.total_usd()));
        cells.emplace_back(fmt::format(
            "{} to {}", in_usd(priced.low.total_usd()), in_usd(priced.high.total_usd())));
        table.add(std::move(cells));
    }
    return table;
}

Table place_csv(PlannedJob const& asked)
{
    Table table(
        { { "place" }, { "wall_h" }, { "work_node_h" }, { "billed_node_h" }, { "repeated_node_h" },
            { "work_usd" }, { "compute_usd" }, { "licence_usd" }, { "egress_usd" }, { "total_usd" },
            { "total_at_lowest_price_usd" }, { "total_at_highest_price_usd" } });
    for (auto const& priced : asked.places) {
        auto const& cost = priced.middle;
        std::vector<Cell> cells { priced.place.name };
        for (auto const value : { cost.wall_h, cost.work_h, cost.billed_h, cost.repeated_h,
                 cost.work_usd, cost.compute_usd, cost.licence_usd, cost.egress_usd,
                 cost.total_usd(), priced.low.total_usd(), priced.high.total_usd() })
            cells.emplace_back(fmt::format("{:.2f}", value));
        table.add(std::move(cells));
    }
    for (auto const& place : asked.hopeless) {
        std::vector<Cell> cells { place.name };
        cells.resize(12, "");
        table.add(std::move(cells));
    }
    return table;
}

enum class NodeColumn : std::uint8_t { hours, usd };

// Time falls and starting costs grow with the nodes.
Result<Table> node_table(PlannedJob const& asked, NodeColumn shown)
{
    std::vector<Column> columns { { shown == NodeColumn::hours ? "  HOURS ON" : "  USD ON",
        Align::right } };
    for (auto const& priced : asked.places)
        columns.push_back({ priced.place.name, Align::right });
    std::vector<std::int64_t> counts { 1, 2, 5, 10, 20, 50, 100, asked.job.nodes };
    std::sort(counts.begin(), counts.end());
    counts.erase(std::unique(counts.begin(), counts.end()), counts.end());
    Table table(columns);
    for (auto const nodes : counts) {
        auto job = asked.job;
        job.nodes = nodes;
        if (nodes > job.frames)
            break;
        std::vector<Cell> cells { fmt::format("{} node{}", nodes, nodes == 1 ? " " : "s") };
        for (auto const& priced : asked.places) {
            auto const cost = TRY(plan::cost_of(job, priced.place));
            cells.emplace_back(shown == NodeColumn::hours ? fmt::format("{:.2f}", cost.wall_h)
                                                          : in_usd(cost.total_usd()));
        }
        table.add(std::move(cells));
    }
    return table;
}

void write(JsonWriter& json, std::string_view name, plan::RenderCost const& cost)
{
    json.key(name)
        .begin_object()
        .field("wall_h", cost.wall_h)
        .field("work_node_h", cost.work_h)
        .field("start_node_h", cost.start_h)
        .field("repeated_node_h", cost.repeated_h)
        .field("billed_node_h", cost.billed_h)
        .field("interruptions", cost.interruptions)
        .field("work_usd", cost.work_usd)
        .field("compute_usd", cost.compute_usd)
        .field("licence_usd", cost.licence_usd)
        .field("egress_usd", cost.egress_usd)
        .field("total_usd", cost.total_usd())
        .end_object();
}

std::vector<plan::Explained> explained(PlannedJob const& asked)
{
    std::vector<plan::Explained> all;
    for (auto const& priced : asked.places) {
        auto rows = plan::explain_render(asked.job, priced.place, priced.middle);
        all.insert(all.end(), rows.begin(), rows.end());
    }
    return all;
}

void write_needs(JsonWriter& json, plan::NodeAmounts const& needs)
{
    json.key("needs").begin_object();
    for (auto const& [name, amount] :
        { std::pair("vcpus", needs.vcpus), std::pair("memory_gib", needs.memory_gib),
            std::pair("gpus", needs.gpus), std::pair("gpu_memory_gib", needs.gpu_memory_gib) })
        if (amount)
            json.field(name, *amount);
    json.end_object();
}

}

std::string csv_of(PlannedJob const& asked) { return place_csv(asked).csv(); }

std::string json_of(PlannedJob const& asked, bool explain)
{
    JsonWriter json;
    json.begin_object()
        .field("frames", asked.job.frames)
        .field("minutes_per_frame", asked.job.minutes_per_frame)
        .field("nodes", asked.job.nodes);
    write_needs(json, asked.job.needs);
    json.key("places").begin_array();
    for (auto const& priced : asked.places) {
        json.begin_object()
            .field("place", priced.place.name)
            .field("price_usd_per_h", priced.place.usd_per_h)
            .field("source", priced.place.source);
        write(json, "lowest_price", priced.low);
        write(json, "middle_price", priced.middle);
        write(json, "highest_price", priced.high);
        json.end_object();
    }
    json.end_array().key("impossible").begin_array();
    for (auto const& place : asked.hopeless)
        json.begin_object().field("place", place.name).field("reason", place.why).end_object();
    json.end_array();
    if (explain)
        write_explained(json, explained(asked));
    return json.end_object().take();
}

Result<int> draw(PlannedJob const& asked, bool explain)
{
    auto const color = colors_wanted(stdout);
    print(stdout,
        fmt::format("{}: {} frames of {:.4g} min, {:.2f} node-hours, on {} node{}\n", asked.origin,
            asked.job.frames, asked.job.minutes_per_frame, asked.job.node_h(), asked.job.nodes,
            asked.job.nodes == 1 ? "" : "s"));
    if (auto const needs = plan::words(asked.job.needs); !needs.empty())
        print(stdout, fmt::format("a task needs {}\n", needs));
    print(stdout, "\n");
    if (!asked.places.empty())
        print(stdout, place_table(asked).draw(color));
    for (auto const& place : asked.hopeless)
        print(stdout, fmt::format("{}: impossible: {}\n", place.name, place.why));
    if (asked.places.empty())
        return 0;
    print(stdout, "\n");
    print(stdout, TRY(node_table(asked, NodeColumn::hours)).draw(color));
    print(stdout, "\n");
    print(stdout, TRY(node_table(asked, NodeColumn::usd)).draw(color));
    if (explain)
        draw_explained(explained(asked));
    return 0;
}

}
