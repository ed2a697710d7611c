#include <cli/commands.h>
#include <cli/fields.h>
#include <cli/output.h>
#include <cli/plan_chart.h>
#include <cli/plan_drawing.h>
#include <cli/plan_input.h>
#include <cli/plan_money.h>
#include <plan/render_job.h>

#include <algorithm>
#include <cmath>
#include <memory>

namespace sidereal::cli {

namespace {

struct Flags {
    plan::RenderJob job;
    std::optional<std::string> farm_job;
    OwnershipFlags ownership;
    double boot_min { 3 };
    double billed_step_min { 1 };
    double spot_discount { 0.65 };
    double interruptions_per_h { 0.05 };
    double licence_usd_per_h { 0 };
    double egress_usd_per_gb { 0 };
    double input_mb_per_s { 100 };
    double speed { 1 };
    bool csv { false };
    bool explain { false };
};

struct HopelessPlace {
    std::string name;
    std::string why;
};

struct Asked {
    plan::RenderJob job;
    std::string origin;
    std::vector<plan::PricedPlace> places;
    std::vector<HopelessPlace> hopeless;
};

// Of all tasks of the job, by the mean time of those that have run.
Status take_farm_job(Flags const& flags, Context const& context, Asked& asked)
{
    auto const client = TRY(Client::of(context));
    auto const answer = TRY(client.get("/v1/jobs/" + *flags.farm_job));
    double minutes = 0;
    double tasks = 0;
    for (auto const& step : list_at(answer, "steps")) {
        auto const count = number_at(object_at(step, "counts"), "tasks");
        auto const mean_s = maybe_number_at(step, "mean_run_s");
        if (!mean_s)
            return fail(ErrorCode::invalid_input,
                "job {}: nothing of step '{}' has run yet, so its time is not known; say "
                "--frames and --minutes-per-frame",
                *flags.farm_job, text_at(step, "name"));
        minutes += *mean_s / 60 * count;
        tasks += count;
    }
    asked.job.frames = std::llround(tasks);
    asked.job.minutes_per_frame = minutes / std::max(1.0, tasks);
    asked.origin = fmt::format(
        "job {} ('{}'), by its measured times", *flags.farm_job, text_at(answer, "name"));
    return {};
}

plan::RenderPlace cloud(Flags const& flags, std::string name, std::string source)
{
    plan::RenderPlace place;
    place.name = std::move(name);
    place.source = std::move(source);
    place.speed = flags.speed;
    place.boot_min = flags.boot_min;
    place.billed_step_min = flags.billed_step_min;
    place.licence_usd_per_h = flags.licence_usd_per_h;
    place.egress_usd_per_gb = flags.egress_usd_per_gb;
    place.input_mb_per_s = flags.input_mb_per_s;
    return place;
}

Status add_here(Flags const& flags, plan::Catalog const& catalog, Asked& asked)
{
    auto const& ownership = flags.ownership;
    if (!ownership.capex_usd && !ownership.machine)
        return {};
    auto const owned = TRY(read_ownership(ownership, catalog, nullptr));
    plan::RenderPlace here;
    here.name = "here";
    here.source = fmt::format("{:.4f} USD of energy and {:.4f} USD of all else a useful hour",
        plan::running_usd_per_h(owned),
        plan::owned_cost(owned).total() - plan::running_usd_per_h(owned));
    auto const usd_per_h = plan::owned_cost(owned).total();
    asked.places.push_back(TRY(plan::price(asked.job, here, { usd_per_h, usd_per_h })));
    return {};
}

Status add_places(Flags const& flags, plan::Catalog const& catalog, Asked& asked)
{
    TRY(add_here(flags, catalog, asked));
    auto const on_demand = TRY(find_offer(catalog, "cloud-comparable-node"));
    auto const by_oneself = TRY(find_offer(catalog, "farm-diy-8gpu"));
    auto const farm = TRY(find_offer(catalog, "farm-commercial-8gpu"));
    auto const add = [&](plan::RenderPlace const& place, OfferPrice const& offer) -> Status {
        auto const why = TRY(plan::why_hopeless(asked.job, place));
        if (why) {
            asked.hopeless.push_back({ place.name, *why });
            return {};
        }
        asked.places.push_back(TRY(plan::price(asked.job, place, { offer.low, offer.high })));
        return {};
    };
    auto spot = cloud(flags, "spot", on_demand.source + ", less the discount");
    spot.spot_discount = flags.spot_discount;
    spot.interruptions_per_h = flags.interruptions_per_h;
    TRY(add(spot, on_demand));
    TRY(add(cloud(flags, "on demand", on_demand.source), on_demand));
    // The offer's price is what the spot machines come to.
    auto diy = cloud(flags, "own farm on spot", by_oneself.source);
    diy.interruptions_per_h = flags.interruptions_per_h;
    TRY(add(diy, by_oneself));
    // A farm's time begins with the frame, and its price holds licences.
    plan::RenderPlace service;
    service.name = "commercial farm";
    service.source = farm.source;
    service.speed = flags.speed;
    return add(service, farm);
}

Table place_table(Asked const& asked)
{
    Table table({ { "WHERE" }, { "HOURS", Align::right }, { "NODE-H", Align::right },
        { "BILLED", Align::right }, { "LOST TO SPOT", Align::right },
        { "WORK ALONE USD", Align::right }, { "LICENCE", Align::right }, { "EGRESS", Align::right },
        { "TOTAL USD", Align::right }, { "LOWEST TO HIGHEST PRICE", Align::right } });
    for (auto const& priced : asked.places) {
        auto const& cost = priced.middle;
        table.add({ priced.place.name, fmt::format("{:.2f}", cost.wall_h),
            fmt::format("{:.2f}", cost.work_h), fmt::format("{:.2f}", cost.billed_h),
            fmt::format("{:.2f}", cost.repeated_h), in_usd(cost.work_usd), in_usd(cost.licence_usd),
            in_usd(cost.egress_usd), in_usd(cost.total_usd()),
            fmt::format(
                "{} to {}", in_usd(priced.low.total_usd()), in_usd(priced.high.total_usd())) });
    }
    return table;
}

Table place_csv(Asked const& asked)
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

// Time falls and starting costs grow with the nodes.
Result<Table> node_table(Asked const& asked)
{
    std::vector<Column> columns { { "  NODES", Align::right } };
    for (auto const& priced : asked.places) {
        columns.push_back({ priced.place.name + " h", Align::right });
        columns.push_back({ "USD", Align::right });
    }
    std::vector<std::int64_t> counts { 1, 2, 5, 10, 20, 50, 100, asked.job.nodes };
    std::sort(counts.begin(), counts.end());
    counts.erase(std::unique(counts.begin(), counts.end()), counts.end());
    Table table(columns);
    for (auto const nodes : counts) {
        auto job = asked.job;
        job.nodes = nodes;
        if (nodes > job.frames)
            break;
        std::vector<Cell> cells { fmt::format("{}", nodes) };
        for (auto const& priced : asked.places) {
            auto const cost = TRY(plan::cost_of(job, priced.place));
            cells.emplace_back(fmt::format("{:.2f}", cost.wall_h));
            cells.emplace_back(in_usd(cost.total_usd()));
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

std::vector<plan::Explained> explained(Asked const& asked)
{
    std::vector<plan::Explained> all;
    for (auto const& priced : asked.places) {
        auto rows = plan::explain_render(asked.job, priced.place, priced.middle);
        all.insert(all.end(), rows.begin(), rows.end());
    }
    return all;
}

std::string json_of(Asked const& asked, bool explain)
{
    JsonWriter json;
    json.begin_object()
        .field("frames", asked.job.frames)
        .field("minutes_per_frame", asked.job.minutes_per_frame)
        .field("nodes", asked.job.nodes)
        .key("places")
        .begin_array();
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

Result<int> draw(Asked const& asked, bool explain)
{
    auto const color = colors_wanted(stdout);
    print(stdout,
        fmt::format("{}: {} frames of {:.4g} min, {:.2f} node-hours, on {} node{}\n\n",
            asked.origin, asked.job.frames, asked.job.minutes_per_frame, asked.job.node_h(),
            asked.job.nodes, asked.job.nodes == 1 ? "" : "s"));
    print(stdout, place_table(asked).draw(color));
    for (auto const& place : asked.hopeless)
        print(stdout, fmt::format("{}: impossible: {}\n", place.name, place.why));
    print(stdout, "\n");
    print(stdout, TRY(node_table(asked)).draw(color));
    if (explain)
        draw_explained(explained(asked));
    return 0;
}

Result<int> run(Flags const& flags, Context const& context)
{
    auto const catalog = TRY(load_catalog(flags.ownership.catalog));
    Asked asked;
    asked.job = flags.job;
    asked.origin = "a job";
    if (flags.farm_job)
        TRY(take_farm_job(flags, context, asked));
    TRY(add_places(flags, catalog, asked));
    if (!flags.csv && context.format != OutputFormat::json)
        return draw(asked, flags.explain);
    print(stdout, flags.csv ? place_csv(asked).csv() : json_of(asked, flags.explain) + "\n");
    return 0;
}

void add_job_options(std::vector<Option>& options, Flags& flags)
{
    auto& job = flags.job;
    options.push_back({ "--frames", &job.frames, "of the job", "N" });
    options.push_back({ "--minutes-per-frame", &job.minutes_per_frame, "on one node", "MIN" });
    options.push_back({ "--job", &flags.farm_job,
        "a job of the farm in place of these: its tasks and their measured times", "ID" });
    options.push_back({ "-n,--nodes", &job.nodes, "at once", "N" });
    options.push_back({ "--input-gb", &job.input_gb, "sent to each rented node first", "GB" });
    options.push_back({ "--output-gb", &job.output_gb, "brought back in all", "GB" });
}

void add_cloud_options(std::vector<Option>& options, Flags& flags)
{
    options.push_back({ "--speed", &flags.speed,
        "of a rented node over that of the node the frames were timed on", "FACTOR" });
    options.push_back({ "--boot-minutes", &flags.boot_min, "of a rented node, paid", "MIN" });
    options.push_back({ "--billed-minutes", &flags.billed_step_min,
        "rented time is paid in steps of this", "MIN" });
    options.push_back({ "--spot-discount", &flags.spot_discount,
        "off the price on demand; 0.9 is the most that is advertised", "SHARE" });
    options.push_back(
        { "--interruptions", &flags.interruptions_per_h, "of a spot node, an hour", "N" });
    options.push_back({ "--licence", &flags.licence_usd_per_h, "a rented node and hour", "USD" });
    options.push_back({ "--egress", &flags.egress_usd_per_gb, "of the output, a GB", "USD" });
    options.push_back({ "--input-mb-per-s", &flags.input_mb_per_s,
        "in which the input reaches a rented node", "MB/S" });
}

}

Command plan_job()
{
    return { "plan job", "what a render job costs here, on rented machines and at a farm",
        "sidereal plan job --frames 240 --minutes-per-frame 25 --nodes 10 -m 4xrtx-5090\n"
        "sidereal plan job --job 12 --nodes 20",
        Speaks::to_brain, [](std::vector<Option>& options) -> Run {
            auto const flags = std::make_shared<Flags>();
            add_job_options(options, *flags);
            add_cloud_options(options, *flags);
            add_ownership_options(options, flags->ownership);
            options.push_back({ "--csv", &flags->csv, "comma-separated values for sheets" });
            options.push_back({ "--explain", &flags->explain,
                "each number with its formula, source and confidence" });
            return [flags](Context const& context) { return run(*flags, context); };
        } };
}

}
