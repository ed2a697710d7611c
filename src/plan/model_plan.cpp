#include <plan/model_plan.h>

#include <plan/cache.h>
#include <plan/engine_name.h>
#include <plan/explain.h>
#include <plan/memory.h>
#include <plan/pipeline.h>
#include <plan/speed.h>

#include <algorithm>
#include <cmath>
#include <initializer_list>

namespace sidereal::plan {

namespace {

// Standard deviations on each side that hold 80 %.
constexpr double z80 = 1.2816;
// What several streams at a time, and devices that wait for each other, add to the spread.
constexpr double batch_doubt = 0.15;
constexpr double link_doubt = 0.08;
// Where threads and pages lie decides how much of each processor's memory speed is reached.
constexpr double sockets_doubt = 0.3;
// Builds, drivers and settings that a result does not tell; four rounds of strangers' results.
constexpr double decode_build_doubt = 0.03;
constexpr double prefill_build_doubt = 0.1;
// And a program that does not say what it runs with.
constexpr double front_end_doubt = 0.12;
// It may take a few ms a token to choose and send it, or none that shows.
constexpr double front_end_doubt_s = 1.5e-3;
// Launches of expert layers are what builds change most: fused within a year to half.
constexpr double moe_doubt = 0.12;
// How far builds and settings move a layer's overhead, the speed of the cache and of attention:
// the spread grows with their share of the time.
constexpr double layer_doubt = 0.15;
constexpr double cache_doubt = 0.15;
constexpr double attention_doubt = 0.2;
constexpr double spill_doubt = 0.4;
// What a family's results leave open for a device without one, in prefill.
constexpr double family_doubt = 0.08;
// And what physics leaves open where no result of the family is known.
constexpr double physics_doubt = 0.15;
constexpr double prefill_physics_doubt = 0.2;
// Micro-batches of a token against those of usual_rows.
constexpr double few_rows_doubt = 0.35;
constexpr double usual_rows = 512;
// While decoding, memory is busy and arithmetic is not.
constexpr double decode_load = 0.85;

Estimate spread(double value, double sigma)
{
    auto const factor = std::exp(z80 * sigma);
    return { value, value / factor, value * factor };
}

Status in_range(std::string_view name, double value, double min, double max)
{
    if (value >= min && value <= max)
        return {};
    return fail(ErrorCode::invalid_input, "{} is {}: expected {} to {}", name, value, min, max);
}

Status check_workload(Workload const& workload, Model const& model)
{
    TRY(in_range("context", static_cast<double>(workload.context), 1, 1 << 24));
    TRY(in_range("prompt", static_cast<double>(workload.prompt), 1, 1 << 24));
    TRY(in_range("cached tokens", static_cast<double>(workload.cached), 0, 1 << 24));
    TRY(in_range("streams", static_cast<double>(workload.streams), 1, 65'536));
    TRY(in_range("micro-batch", static_cast<double>(workload.micro_batch), 1, 65'536));
    TRY(in_range("price of a kWh", workload.usd_per_kwh, 0, 100));
    TRY(in_range("years", workload.years, 0.01, 100));
    TRY(in_range("host memory", workload.host_memory_gib, 0, 1e6));
    if (auto const& draft = workload.speculation) {
        TRY(in_range("acceptance", draft->acceptance, 0, 1));
        TRY(in_range("draft length", static_cast<double>(draft->length), 1, 64));
        TRY(in_range("draft cost", draft->draft_cost, 0, 10));
    }
    if (model.max_context && workload.context > *model.max_context)
        return fail(ErrorCode::invalid_input, "context is {}: {} goes up to {}", workload.context,
            model.id, *model.max_context);
    return {};
}

// Tensor parallelism is what compiled engines do with several devices, and what two Sparks do.
Split usual_split(Machine const& machine, Workload const& workload)
{
    if (workload.split)
        return *workload.split;
    auto const compiled = !is_llama_cpp(workload.engine);
    return compiled && machine.devices.size() > 1 ? Split::tensor : Split::layer;
}

void judge(ModelPlan& plan, MemoryInput const& input, Catalog const& catalog)
{
    plan.devices = device_bytes(input);
    auto const missing = missing_bytes(plan.devices);
    if (missing <= 0) {
        plan.verdict = Verdict::fits;
        for (auto const& device : plan.devices)
            plan.is_tight = plan.is_tight || device.need() > 0.97 * device.usable;
        return;
    }
    plan.remedies = find_remedies(input, catalog);
    auto const helps = std::any_of(plan.remedies.begin(), plan.remedies.end(),
        [](Remedy const& remedy) { return remedy.is_enough; });
    plan.verdict = helps ? Verdict::fits_if : Verdict::no;
    if (input.workload.host_memory_gib > 0)
        plan.spilled_fraction = std::min(1.0, missing / plan.weights.bytes.total());
}

double hypotenuse(std::initializer_list<double> sides)
{
    double sum = 0;
    for (auto const side : sides)
        sum += side * side;
    return std::sqrt(sum);
}

double decode_base_sigma(EngineProfile const& profile, Device const& device)
{
    switch (known_from(profile, device)) {
    case Known::device: return profile.decode_sigma_seen;
    case Known::family: return profile.decode_sigma_unseen;
    case Known::physics: break;
    }
    return hypotenuse({ profile.decode_sigma_unseen, physics_doubt });
}

double prefill_base_sigma(EngineProfile const& profile, Device const& device)
{
    switch (known_from(profile, device)) {
    case Known::device: return profile.prefill_sigma;
    case Known::family: return hypotenuse({ profile.prefill_sigma, family_doubt });
    case Known::physics: break;
    }
    return hypotenuse({ profile.prefill_sigma, prefill_physics_doubt });
}

// Of the logarithm of measured over predicted.
double decode_sigma(SpeedInput const& input, StepTime const& step)
{
    auto const& devices = input.machine.devices;
    auto const is_tensor = input.split == Split::tensor && devices.size() > 1;
    return hypotenuse({
        decode_base_sigma(input.profile, devices.front()),
        decode_build_doubt,
        input.workload.streams > 1 ? batch_doubt : 0,
        is_tensor ? link_doubt : 0,
        devices.size() > 1 && input.profile.sockets_share < 1 ? sockets_doubt : 0,
        is_front_end(input.workload.engine)
            ? hypotenuse({ front_end_doubt, front_end_doubt_s / step.total() })
            : 0,
        input.model.is_moe() ? moe_doubt : 0,
        layer_doubt * step.layers_s / step.total(),
        cache_doubt * step.cache_s / step.total(),
    });
}

// Micro-batches smaller than these are known only where the profile has their half_rows.
double few_rows_sigma(SpeedInput const& input)
{
    auto const rows = static_cast<double>(input.workload.micro_batch);
    if (!is_llama_cpp(input.workload.engine) || input.profile.half_rows > 0 || rows >= usual_rows)
        return 0;
    return few_rows_doubt * (1 - rows / usual_rows);
}

double prefill_sigma(SpeedInput const& input, PromptTime const& prompt)
{
    auto const other = prompt.reading_s + prompt.layers_s;
    return hypotenuse({
        prefill_base_sigma(input.profile, input.machine.devices.front()),
        prefill_build_doubt,
        is_front_end(input.workload.engine) ? front_end_doubt : 0,
        few_rows_sigma(input),
        layer_doubt * other / prompt.total(),
        attention_doubt * prompt.attention_s / prompt.total(),
        spill_doubt * prompt.spill_s / prompt.total(),
    });
}

// Tokens a second of one stream if all bytes moved at nominal bandwidth and nothing else took time.
double roofline_of(SpeedInput const& input, StepTime const& step)
{
    auto const& profile = input.profile;
    auto const weights_s = step.weights_s * profile.bandwidth_efficiency
        * relative_efficiency(profile, input.weights.quant);
    auto const cache_s = step.cache_s * profile.cache_efficiency;
    return 1 / ((weights_s + cache_s) * open_share(input.machine, profile) + step.spill_s);
}

void set_speed(ModelPlan& plan, SpeedInput const& input, Calibration const& calibration)
{
    auto const& device = input.machine.devices.front();
    auto const quants = quant_class(plan.weights.quant);
    auto const& engine = input.workload.engine;
    auto const step = decode_step(input);
    auto const prompt = prefill_time(input);
    auto const sigma = decode_sigma(input, step);
    plan.shares = { (step.weights_s + step.cache_s) / step.total(), step.layers_s / step.total() };
    plan.decode_correction = calibration.correction(
        { device.id, engine, quants, "decode", sigma, plan.shares });
    plan.prefill_correction = calibration.correction(
        { device.id, engine, quants, "prefill", prefill_sigma(input, prompt), {} });
    if (input.workload.speculation)
        plan.speculation_gain = speculation_gain(*input.workload.speculation);
    plan.roofline = roofline_of(input, step);
    plan.pipeline = pipeline_of(input);
    auto speed = 1 / step.total();
    if (plan.pipeline && overlaps_stages(engine)) {
        // A stream's group goes through all stages for each of its tokens.
        auto group = input.workload;
        group.streams = plan.pipeline->streams_a_group;
        SpeedInput const of_group { input.model, input.machine, group, input.weights, input.profile,
            input.split, input.cache_bits, input.spilled };
        plan.roofline = roofline_of(of_group, decode_step(of_group));
        speed = plan.pipeline->tokens_per_s / static_cast<double>(input.workload.streams);
    }
    if (plan.pipeline)
        plan.pipeline->tokens_per_s *= plan.decode_correction.factor * plan.speculation_gain;
    // Nothing is faster than its bytes.
    speed = std::min(plan.decode_correction.factor * speed, plan.roofline);
    plan.decode = spread(speed * plan.speculation_gain, plan.decode_correction.sigma);
    plan.decode.high = std::min(plan.decode.high, plan.roofline * plan.speculation_gain);
    auto const streams = static_cast<double>(input.workload.streams);
    plan.decode_all = { plan.decode.value * streams, plan.decode.low * streams,
        plan.decode.high * streams };
    auto const rate = static_cast<double>(input.workload.prompt) / prompt.total();
    plan.prefill = spread(rate * plan.prefill_correction.factor, plan.prefill_correction.sigma);
    plan.first_token_s = static_cast<double>(input.workload.prompt) / plan.prefill.value
        + 1 / plan.decode.value;
}

void set_money(ModelPlan& plan, Machine const& machine, Workload const& workload)
{
    // In a layer split the others idle at about a fifth.
    auto const n = static_cast<double>(machine.devices.size());
    auto const waits = plan.split == Split::layer
        && !(plan.pipeline && overlaps_stages(workload.engine));
    auto const busy = waits ? (1 + 0.2 * (n - 1)) / n : 1;
    plan.watts = machine.load_watts() * decode_load * busy;
    auto const seconds = 1e6 / plan.decode_all.value;
    plan.kwh_per_mtok = plan.watts * seconds / 3.6e6;
    plan.energy_usd_per_mtok = plan.kwh_per_mtok * workload.usd_per_kwh;
    if (auto const price = machine.price_usd())
        plan.usd_per_mtok = plan.energy_usd_per_mtok
            + *price / (workload.years * 365.25 * 86'400) * seconds;
}

}

std::string_view to_string(Verdict verdict)
{
    switch (verdict) {
    case Verdict::fits: return "FITS";
    case Verdict::fits_if: return "FITS IF";
    case Verdict::no: break;
    }
    return "NO";
}

Result<ModelPlan> plan_model(Model const& model, Machine const& machine, Workload const& workload,
    Catalog const& catalog, Calibration const& calibration, Explain explain)
{
    TRY(check_workload(workload, model));
    auto const* profile = TRY(find_profile(machine.devices.front(), workload.engine, catalog));
    auto const bits = TRY(cache_bits(workload.cache_type, catalog));
    ModelPlan plan;
    plan.weights = TRY(size_weights(model, workload.quant, workload.engine, catalog));
    plan.split = usual_split(machine, workload);
    judge(plan, { model, machine, workload, plan.weights, plan.split, bits }, catalog);
    SpeedInput const input { model, machine, workload, plan.weights, *profile, plan.split, bits,
        plan.spilled_fraction };
    set_speed(plan, input, calibration);
    set_money(plan, machine, workload);
    if (explain == Explain::yes)
        plan.explained = explain_plan(plan, input);
    return plan;
}

}
