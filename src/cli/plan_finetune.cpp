#include <cli/commands.h>
#include <cli/output.h>
#include <cli/plan_drawing.h>
#include <cli/plan_input.h>
#include <plan/finetune.h>

#include <fmt/ranges.h>

#include <memory>

namespace sidereal::cli {

namespace {

struct Flags {
    std::string model;
    std::vector<std::string> machines;
    std::string method { "lora" };
    bool no_checkpointing { false };
    plan::Training training;
    std::optional<std::string> catalog;
};

plan::Method method_of(std::string const& name)
{
    if (name == "full")
        return plan::Method::full;
    return name == "qlora" ? plan::Method::qlora : plan::Method::lora;
}

std::string in_gib(double bytes) { return fmt::format("{:.2f}", bytes / (1024.0 * 1024 * 1024)); }

void draw_memory(plan::TrainingMemory const& memory)
{
    Table table({ { "  WEIGHTS GiB", Align::right }, { "GRADIENTS", Align::right },
        { "OPTIMIZER", Align::right }, { "ACTIVATIONS", Align::right }, { "LOGITS", Align::right },
        { "RUNTIME", Align::right }, { "TOTAL", Align::right } });
    table.add({ in_gib(memory.weights), in_gib(memory.gradients), in_gib(memory.optimizer),
        in_gib(memory.activations), in_gib(memory.logits), in_gib(memory.runtime),
        in_gib(memory.total()) });
    print(stdout, table.draw(colors_wanted(stdout)));
}

std::string_view verdict_of(plan::TrainingPlan const& plan)
{
    if (plan.fits)
        return "FITS";
    return plan.fits_with.empty() ? "NO" : "FITS IF";
}

void draw(std::string const& machine, plan::TrainingPlan const& plan, plan::Training const& asked)
{
    print(stdout,
        fmt::format("{}: {} (needs {} of {} GiB)\n", machine, verdict_of(plan),
            in_gib(plan.memory.total()), in_gib(plan.usable_bytes)));
    if (!plan.fits_with.empty())
        print(stdout,
            fmt::format("  with {} it fits: {} GiB\n", fmt::join(plan.fits_with, ", "),
                in_gib(plan.fits_with_bytes)));
    draw_memory(plan.memory);
    print(stdout,
        fmt::format("  {:.3g} steps/s\n  {:.0f} nominal tokens/s (steps x batch x maximum "
                    "length)\n  {:.0f} real tokens/s; ceiling at the whole bf16 peak {:.0f}\n",
            plan.steps_per_s, plan.nominal_tokens_per_s, plan.real_tokens_per_s,
            plan.ceiling_tokens_per_s));
    if (asked.tokens > 0)
        print(stdout,
            fmt::format("  the job: {:.1f} h, {:.1f} kWh, {:.2f} USD of electricity\n", plan.job_h,
                plan.job_kwh, plan.job_usd));
    for (auto const& remark : plan.remarks)
        print_wrapped(stdout, "  note: ", remark);
}

void write(JsonWriter& json, std::string const& machine, plan::TrainingPlan const& plan)
{
    auto const& memory = plan.memory;
    json.begin_object()
        .field("machine", machine)
        .field("fits", plan.fits)
        .field("need_bytes", memory.total())
        .field("usable_bytes", plan.usable_bytes)
        .field("weights_bytes", memory.weights)
        .field("gradients_bytes", memory.gradients)
        .field("optimizer_bytes", memory.optimizer)
        .field("activations_bytes", memory.activations)
        .field("logits_bytes", memory.logits)
        .field("runtime_bytes", memory.runtime)
        .field("adapter_parameters", plan.adapter_params)
        .field("steps_per_s", plan.steps_per_s)
        .field("nominal_tokens_per_s", plan.nominal_tokens_per_s)
        .field("real_tokens_per_s", plan.real_tokens_per_s)
        .field("ceiling_tokens_per_s", plan.ceiling_tokens_per_s)
        .field("job_h", plan.job_h)
        .field("job_kwh", plan.job_kwh)
        .field("job_usd", plan.job_usd)
        .key("fits_with")
        .begin_array();
    for (auto const& change : plan.fits_with)
        json.value(change);
    json.end_array()
        .field("fits_with_need_bytes",
            plan.fits_with.empty() ? std::nullopt : std::optional(plan.fits_with_bytes))
        .key("remarks")
        .begin_array();
    for (auto const& remark : plan.remarks)
        json.value(remark);
    json.end_array().end_object();
}

Result<int> run(Flags const& flags, Context const& context)
{
    auto const catalog = TRY(load_catalog(flags.catalog));
    auto const model = TRY(load_model(flags.model, catalog));
    auto training = flags.training;
    training.method = method_of(flags.method);
    training.checkpointing = !flags.no_checkpointing;
    JsonWriter json;
    json.begin_object().field("model", model.id).field("method", flags.method);
    json.key("plans").begin_array();
    for (auto const& text : flags.machines) {
        auto const machine = TRY(plan::read_machine(text, {}, catalog));
        auto const plan = TRY(plan::plan_training(model, machine, training));
        write(json, text, plan);
        if (context.format == OutputFormat::table)
            draw(text, plan, training);
    }
    if (context.format == OutputFormat::json)
        print(stdout, json.end_array().end_object().take() + "\n");
    return 0;
}

void add_options(std::vector<Option>& options, Flags& flags)
{
    auto& training = flags.training;
    options.push_back({ "MODEL", &flags.model, "as for 'plan model'", "FILE", true });
    options.push_back({ "-m,--machine", &flags.machines, "as for 'plan model'", "MACHINE", true });
    options.push_back({ "--method", &flags.method, "what is trained", "full|lora|qlora", false, {},
        {}, { "full", "lora", "qlora" } });
    options.push_back({ "--batch", &training.batch, "rows a step", "N" });
    options.push_back({ "--max-length", &training.max_length, "tokens a row is padded to", "N" });
    options.push_back({ "--mean-length", &training.mean_length,
        "tokens a row really has; 0: the maximum, as with packing", "N" });
    options.push_back({ "--rank", &training.rank, "of the adapters", "N" });
    options.push_back({ "--no-checkpointing", &flags.no_checkpointing,
        "keep all activations: faster, and more memory" });
    options.push_back({ "--fused-loss", &training.fused_loss, "the loss is computed in pieces" });
    options.push_back({ "--utilisation", &training.utilisation,
        "share of the bf16 peak that is reached: 0.35 to 0.55, small batches 0.15 to 0.3",
        "SHARE" });
    options.push_back({ "--tokens", &training.tokens, "of the data, for the job's time", "N" });
    options.push_back({ "--epochs", &training.epochs, "times through the data", "N" });
    options.push_back({ "--usd-per-kwh", &training.usd_per_kwh, "price of electricity", "USD" });
    add_catalog_option(options, flags.catalog);
}

}

Command plan_finetune()
{
    return { "plan finetune", "what training a model takes: memory, and nominal and real speed",
        "sidereal plan finetune llama-3.1-8b --method lora --batch 2 -m rtx-5090",
        Speaks::to_nobody, [](std::vector<Option>& options) -> Run {
            auto const flags = std::make_shared<Flags>();
            add_options(options, *flags);
            return [flags](Context const& context) { return run(*flags, context); };
        } };
}

}
