#include <cli/commands.h>
#include <cli/fields.h>
#include <cli/output.h>
#include <cli/plan_input.h>
#include <cli/plan_job_drawing.h>
#include <cli/plan_job_template.h>
#include <cli/plan_money.h>
#include <plan/machine.h>
#include <plan/render_job.h>

#include <algorithm>
#include <cmath>
#include <memory>

namespace sidereal::cli {

namespace {

struct Flags {
    plan::RenderJob job;
    std::optional<std::string> target;
    std::vector<std::string> parameters;
    std::optional<std::int64_t> frames;
    // Of a rented node.
    plan::NodeAmounts node;
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

// Of all tasks of the job, by the mean time of those that have run.
Status take_farm_job(Flags const& flags, Context const& context, PlannedJob& asked)
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

// Flags go before what the template says.
Status take_template(Flags const& flags, Context const& context, PlannedJob& asked)
{
    if (flags.farm_job)
        return fail(ErrorCode::invalid_input,
            "both the template {} and --job {} are given: expected one of them", *flags.target,
            *flags.farm_job);
    auto const work = TRY(read_template_work(*flags.target, flags.parameters, context.format));
    auto& job = asked.job;
    if (job.minutes_per_frame == 0)
        return fail(ErrorCode::invalid_input,
            "{}: a template does not say how long a task takes: say it with --minutes-per-frame",
            *flags.target);
    job.frames = flags.frames.value_or(work.tasks);
    auto const fill = [](std::optional<double>& given, std::optional<double> const& said) {
        if (!given)
            given = said;
    };
    fill(job.needs.vcpus, work.needs.vcpus);
    fill(job.needs.memory_gib, work.needs.memory_gib);
    fill(job.needs.gpus, work.needs.gpus);
    // Who says that it does without a GPU means its memory, too.
    if (flags.job.needs.gpus != 0)
        fill(job.needs.gpu_memory_gib, work.needs.gpu_memory_gib);
    asked.origin = fmt::format("{} ('{}')", *flags.target, work.name);
    return {};
}

plan::RenderPlace cloud(Flags const& flags, std::string name, std::string source)
{
    plan::RenderPlace place;
    place.name = std::move(name);
    place.source = std::move(source);
    place.speed = flags.speed;
    place.node = flags.node;
    place.boot_min = flags.boot_min;
    place.billed_step_min = flags.billed_step_min;
    place.licence_usd_per_h = flags.licence_usd_per_h;
    place.egress_usd_per_gb = flags.egress_usd_per_gb;
    place.input_mb_per_s = flags.input_mb_per_s;
    return place;
}

Status add(PlannedJob& asked, plan::RenderPlace const& place, plan::PriceRange const& range)
{
    auto const why = TRY(plan::why_hopeless(asked.job, place));
    if (why)
        asked.hopeless.push_back({ place.name, *why });
    else
        asked.places.push_back(TRY(plan::price(asked.job, place, range)));
    return {};
}

Status add_here(Flags const& flags, plan::Catalog const& catalog, PlannedJob& asked)
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
    if (ownership.machine)
        here.node = plan::node_of(TRY(plan::read_devices(*ownership.machine, catalog)));
    auto const usd_per_h = plan::owned_cost(owned).total();
    return add(asked, here, { usd_per_h, usd_per_h });
}

Status add_places(Flags const& flags, plan::Catalog const& catalog, PlannedJob& asked)
{
    TRY(add_here(flags, catalog, asked));
    auto const on_demand = TRY(find_offer(catalog, "cloud-comparable-node"));
    auto const by_oneself = TRY(find_offer(catalog, "farm-diy-8gpu"));
    auto const farm = TRY(find_offer(catalog, "farm-commercial-8gpu"));
    auto const range = [](OfferPrice const& offer) {
        return plan::PriceRange { offer.low, offer.high };
    };
    auto spot = cloud(flags, "spot", on_demand.source + ", less the discount");
    spot.spot_discount = flags.spot_discount;
    spot.interruptions_per_h = flags.interruptions_per_h;
    TRY(add(asked, spot, range(on_demand)));
    TRY(add(asked, cloud(flags, "on demand", on_demand.source), range(on_demand)));
    // The offer's price is what the spot machines come to.
    auto diy = cloud(flags, "own farm on spot", by_oneself.source);
    diy.interruptions_per_h = flags.interruptions_per_h;
    TRY(add(asked, diy, range(by_oneself)));
    // A farm's time begins with the frame, and its price holds licences.
    plan::RenderPlace service;
    service.name = "commercial farm";
    service.source = farm.source;
    service.speed = flags.speed;
    service.node = flags.node;
    return add(asked, service, range(farm));
}

Result<int> run(Flags const& flags, Context const& context)
{
    if (!flags.farm_job && !flags.target && !flags.frames && flags.job.minutes_per_frame == 0)
        return fail(ErrorCode::invalid_input,
            "no job is given: say --frames and --minutes-per-frame, or a template and "
            "--minutes-per-frame, or --job ID for one of the farm");
    auto const catalog = TRY(load_catalog(flags.ownership.catalog));
    PlannedJob asked;
    asked.job = flags.job;
    asked.job.frames = flags.frames.value_or(0);
    asked.origin = "a job";
    if (!flags.target && !flags.parameters.empty())
        return fail(ErrorCode::invalid_input,
            "-p {}: it is a parameter of a template, and none is given: give its file or a "
            "bundle's folder",
            flags.parameters.front());
    if (flags.target)
        TRY(take_template(flags, context, asked));
    else if (flags.farm_job)
        TRY(take_farm_job(flags, context, asked));
    TRY(add_places(flags, catalog, asked));
    if (!flags.csv && context.format != OutputFormat::json)
        return draw(asked, flags.explain);
    print(stdout, flags.csv ? csv_of(asked) : json_of(asked, flags.explain) + "\n");
    return 0;
}

void add_job_options(std::vector<Option>& options, Flags& flags)
{
    auto& job = flags.job;
    options.push_back({ "TARGET", &flags.target,
        "a template file, or a bundle's folder: its tasks, and what they need of a node", "PATH" });
    options.push_back({ "-p,--parameter", &flags.parameters,
        "a job parameter: NAME=VALUE, file://FILE or a JSON object; may be repeated",
        "NAME=VALUE" });
    options.push_back(
        { "--frames", &flags.frames, "of the job (default: the template's tasks)", "N" });
    options.push_back({ "--minutes-per-frame", &job.minutes_per_frame, "on one node", "MIN" });
    options.push_back({ "--job", &flags.farm_job,
        "a job of the farm in place of these: its tasks and their measured times", "ID" });
    options.push_back({ "-n,--nodes", &job.nodes, "at once", "N" });
    options.push_back({ "--input-gb", &job.input_gb, "sent to each rented node first", "GB" });
    options.push_back({ "--output-gb", &job.output_gb, "brought back in all", "GB" });
}

void add_node_options(std::vector<Option>& options, Flags& flags)
{
    auto& needs = flags.job.needs;
    options.push_back({ "--vcpus", &needs.vcpus,
        "that a task needs (default of all four: the most that a step of the template asks for)",
        "N" });
    options.push_back({ "--memory-gib", &needs.memory_gib, "that a task needs", "GIB" });
    options.push_back({ "--gpus", &needs.gpus, "that a task needs", "N" });
    options.push_back(
        { "--gpu-memory-gib", &needs.gpu_memory_gib, "of one GPU, that a task needs", "GIB" });
    auto& node = flags.node;
    options.push_back({ "--node-vcpus", &node.vcpus,
        "of a rented node; what is not said of it is taken to be enough", "N" });
    options.push_back({ "--node-memory-gib", &node.memory_gib, "of a rented node", "GIB" });
    options.push_back({ "--node-gpus", &node.gpus, "of a rented node", "N" });
    options.push_back({ "--node-gpu-memory-gib", &node.gpu_memory_gib,
        "of the largest GPU of a rented node", "GIB" });
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
        "  sidereal plan job examples/film-blender -p Frames=1-240 --minutes-per-frame 25\n"
        "  sidereal plan job --job 12 --nodes 20",
        Speaks::to_brain, [](std::vector<Option>& options) -> Run {
            auto const flags = std::make_shared<Flags>();
            add_job_options(options, *flags);
            add_node_options(options, *flags);
            add_cloud_options(options, *flags);
            add_ownership_options(options, flags->ownership);
            options.push_back({ "--csv", &flags->csv, "comma-separated values for sheets" });
            options.push_back({ "--explain", &flags->explain,
                "each number with its formula, source and confidence" });
            return [flags](Context const& context) { return run(*flags, context); };
        } };
}

}
