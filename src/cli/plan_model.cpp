#include <cli/commands.h>
#include <cli/output.h>
#include <cli/plan_drawing.h>
#include <cli/plan_farm.h>
#include <cli/plan_find.h>
#include <cli/plan_input.h>
#include <plan/requirements.h>

#include <memory>

namespace sidereal::cli {

namespace {

struct Flags {
    WorkloadFlags common;
    bool explain { false };
    bool csv { false };
    bool requirements { false };
    std::optional<std::string> find;
    double min_decode { 0 };
    std::optional<std::string> prefill_on;
    double transfer_gb_per_s { 1.1 };
    std::int64_t answer_tokens { 512 };
    bool from_farm { false };
};

Status add_farm(PlanQuestion& asked, Context const& context)
{
    std::vector<std::string> left_out;
    auto const nodes = TRY(farm_machines(context, asked.catalog, left_out));
    for (auto const& reason : left_out)
        print(stderr, fmt::format("left out: {}\n", reason));
    if (nodes.empty())
        return fail(ErrorCode::not_found, "no node of the farm has a GPU that the planner knows");
    for (auto const& node : nodes)
        asked.machines.push_back(node.machine);
    return {};
}

Result<PlanQuestion> read_flags(Flags const& flags, Context const& context)
{
    PlanQuestion asked;
    asked.catalog = TRY(load_catalog(flags.common.catalog));
    asked.calibration = TRY(load_calibration(flags.common.calibration));
    asked.model = TRY(load_model(flags.common.model, asked.catalog));
    asked.workload = TRY(read_workload(flags.common, asked.model));
    for (auto const& text : flags.common.machines)
        asked.machines.push_back(TRY(plan::read_machine(text, flags.common.link, asked.catalog)));
    if (flags.from_farm)
        TRY(add_farm(asked, context));
    auto const needs_machine = !flags.requirements && flags.find != "machine";
    if (asked.machines.empty() && needs_machine)
        return fail(ErrorCode::invalid_input,
            "no machine is given: say one with --machine, as in 'sidereal plan catalog' (or "
            "--from-farm, or --find machine)");
    return asked;
}

Result<int> run(Flags const& flags, Context const& context)
{
    auto const asked = TRY(read_flags(flags, context));
    if (flags.requirements) {
        auto const weights = TRY(plan::size_weights(
            asked.model, asked.workload.quant, asked.workload.engine, asked.catalog));
        auto const needs = TRY(plan::host_needs(
            asked.model, weights, asked.workload, asked.catalog, flags.min_decode));
        print(stdout, plan::host_requirements_yaml(needs));
        return 0;
    }
    auto const format = flags.csv              ? PlanFormat::csv
        : context.format == OutputFormat::json ? PlanFormat::json
                                               : PlanFormat::text;
    if (flags.find)
        return find_plan(asked, *flags.find, flags.min_decode, format);
    if (flags.prefill_on) {
        auto const first = TRY(
            plan::read_machine(*flags.prefill_on, flags.common.link, asked.catalog));
        return plan_two_phases(
            asked, { first, first, flags.transfer_gb_per_s, flags.answer_tokens }, format);
    }
    std::vector<PlannedMachine> plans;
    for (auto const& machine : asked.machines) {
        auto plan = TRY(plan::plan_model(asked.model, machine, asked.workload, asked.catalog,
            asked.calibration, plan::Explain::yes));
        plans.push_back({ machine.text, std::move(plan) });
    }
    if (flags.csv) {
        print(stdout, plan_table(plans).csv());
    } else if (context.format == OutputFormat::json) {
        print(stdout, plan_json(asked.model, asked.workload, plans, flags.explain) + "\n");
    } else {
        draw_plans(asked.model, asked.workload, plans, flags.explain);
    }
    return 0;
}

}

Command plan_model()
{
    return { "plan model", "whether a model fits a machine, how fast it is and what that costs",
        "sidereal plan model llama-3.x-70b -q Q4_K_M -m 2xrtx-4090 -m dgx-spark-gb10\n"
        "sidereal plan model gpt-oss-120b --find machine --min-tokens-per-s 40",
        Speaks::to_brain, [](std::vector<Option>& options) -> Run {
            auto const flags = std::make_shared<Flags>();
            add_workload_options(options, flags->common);
            options.push_back({ .name = "--find",
                .target = &flags->find,
                .help = "ask the other way round",
                .value_name = "WHAT",
                .choices = { "context", "streams", "quant", "machine" } });
            options.push_back({ "--min-tokens-per-s", &flags->min_decode,
                "what --find quant and machine must reach, a stream", "N" });
            options.push_back({ "--prefill-on", &flags->prefill_on,
                "another machine that works through the prompt and sends the cache over",
                "MACHINE" });
            options.push_back({ "--transfer-gb-per-s", &flags->transfer_gb_per_s,
                "how fast it is sent", "GB/S" });
            options.push_back({ "--answer", &flags->answer_tokens,
                "tokens of the answer, for the time of both", "TOKENS" });
            options.push_back({ "--from-farm", &flags->from_farm,
                "each node of the farm with a GPU is a machine" });
            options.push_back({ "--requirements", &flags->requirements,
                "print the hostRequirements of an OpenJD step that runs it" });
            options.push_back({ "--explain", &flags->explain,
                "each number with its formula, source and confidence" });
            options.push_back({ "--csv", &flags->csv, "comma-separated values for sheets" });
            return [flags](Context const& context) { return run(*flags, context); };
        } };
}

}
