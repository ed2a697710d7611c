#include <plan/speed.h>

#include <plan/cache.h>

#include <fmt/ranges.h>

#include <algorithm>
#include <cmath>
#include <set>

namespace sidereal::plan {

namespace {

// From one device to the next.
constexpr double hop_s = 20e-6;
// Of the fp16 peak, by a library's matrix product.
constexpr double float_efficiency = 0.5;

bool runs_on_family(EngineProfile const& profile, Device const& device)
{
    auto const& families = profile.families;
    return std::find(families.begin(), families.end(), device.family) != families.end();
}

// Seconds to move the bytes through the devices' memory.
double move_s(SpeedInput const& input, double bytes)
{
    auto const eta = input.profile.bandwidth_efficiency;
    auto const& devices = input.machine.devices;
    if (input.split == Split::tensor) {
        double slowest = devices.front().bandwidth_gb_per_s;
        for (auto const& device : devices)
            slowest = std::min(slowest, device.bandwidth_gb_per_s);
        return bytes / (static_cast<double>(devices.size()) * slowest * 1e9 * eta);
    }
    double room = 0;
    for (auto const& device : devices)
        room += usable_bytes(device);
    double seconds = 0;
    for (auto const& device : devices)
        seconds += bytes * usable_bytes(device) / room / (device.bandwidth_gb_per_s * 1e9 * eta);
    return seconds;
}

double layers_s(SpeedInput const& input)
{
    double us = 0;
    for (auto const& layer : input.model.layers)
        us += layer.expert_ffn > 0 ? input.profile.layer_moe_us : input.profile.layer_dense_us;
    return us * 1e-6;
}

// Two all-reduces a layer of so many tokens, or a hop from device to device.
double links_s(SpeedInput const& input, double tokens, double alpha_s)
{
    auto const n = static_cast<double>(input.machine.devices.size());
    if (n < 2)
        return 0;
    auto const row = tokens * static_cast<double>(input.model.hidden) * 2;
    auto const speed = input.machine.link.gb_per_s_per_direction * 1e9;
    if (input.split == Split::layer)
        return (n - 1) * (hop_s + row / speed);
    return 2 * static_cast<double>(input.model.layers.size())
        * (alpha_s + 2 * (n - 1) / n * row / speed);
}

bool is_float(std::string_view quant) { return quant_class(quant) == "float"; }

double linear_efficiency(SpeedInput const& input)
{
    auto const& profile = input.profile;
    if (profile.prefill_path == "int8" && is_float(input.weights.quant))
        return float_efficiency;
    return input.model.is_moe() ? profile.prefill_efficiency_moe : profile.prefill_efficiency_dense;
}

double attention_ops(Model const& model, std::int64_t prompt)
{
    double ops = 0;
    auto const tokens = static_cast<double>(prompt);
    for (auto const& layer : model.layers) {
        if (layer.kind == LayerKind::recurrent)
            continue;
        auto const window = static_cast<double>(layer.window);
        auto const seen = layer.window > 0 ? std::min(window, tokens / 2) : tokens / 2;
        ops += 2 * static_cast<double>(layer.q_heads)
            * static_cast<double>(layer.key_dim + layer.value_dim) * tokens * seen;
    }
    return ops;
}

// Devices that work at the same time on one prompt.
double working(SpeedInput const& input)
{
    return input.split == Split::tensor ? static_cast<double>(input.machine.devices.size()) : 1;
}

}

Result<EngineProfile const*> find_profile(
    Device const& device, std::string_view engine, Catalog const& catalog)
{
    std::set<std::string_view> engines;
    EngineProfile const* plain = nullptr;
    for (auto const& profile : catalog.engines) {
        if (!runs_on_family(profile, device))
            continue;
        if (profile.engine == engine)
            return &profile;
        // A version without a profile of its own goes by the engine's.
        if (engine.starts_with(profile.engine + "-"))
            plain = &profile;
        engines.insert(profile.engine);
    }
    if (plain)
        return plain;
    return fail(ErrorCode::invalid_input,
        "no profile of the engine '{}' for devices like {}: there are {}; add one to a catalogue "
        "of your own",
        engine, device.id, fmt::join(engines, ", "));
}

double bytes_read(Model const& model, Parts const& bytes, std::int64_t streams)
{
    double touched = 0;
    if (model.experts > 0) {
        auto const chance = static_cast<double>(model.experts_per_token)
            / static_cast<double>(model.experts);
        touched = 1 - std::pow(1 - chance, static_cast<double>(streams));
    }
    return bytes.attention + bytes.ffn + bytes.experts * touched + bytes.small
        + (model.tied ? bytes.embedding : bytes.head);
}

double peak_ops(Device const& device, EngineProfile const& profile, std::string_view quant)
{
    auto const& compute = device.compute;
    auto const fp16 = compute.fp16_tflops.value_or(1) * 1e12;
    if (profile.prefill_path == "fp16" || is_float(quant))
        return fp16;
    if (profile.prefill_path == "int8")
        return compute.int8_tops.value_or(fp16 / 1e12) * 1e12;
    auto const has = [&](std::string_view text) { return quant.find(text) != quant.npos; };
    if (has("FP4") && compute.fp4_tflops)
        return *compute.fp4_tflops * 1e12;
    if (has("FP8") && compute.fp8_tflops)
        return *compute.fp8_tflops * 1e12;
    if (has("INT8") && compute.int8_tops)
        return *compute.int8_tops * 1e12;
    return fp16;
}

StepTime decode_step(SpeedInput const& input)
{
    auto const& workload = input.workload;
    auto const streams = static_cast<double>(workload.streams);
    auto const depth = workload.depth > 0 ? workload.depth : workload.prompt + 64;
    auto const read = bytes_read(input.model, input.weights.bytes, workload.streams);
    StepTime time;
    time.weights_s = move_s(input, read * (1 - input.spilled));
    time.cache_s = move_s(input,
        streams
            * cache_bytes(input.model, { std::min(depth, workload.context), input.cache_bits }));
    auto const& device = input.machine.devices.front();
    auto const rate = peak_ops(device, input.profile, input.weights.quant)
        * linear_efficiency(input) * working(input);
    // One stream's work hides behind its reads, as the profile was fitted.
    time.compute_s = (streams - 1) * 2 * input.model.active_params() / rate;
    time.layers_s = layers_s(input);
    time.links_s = links_s(input, streams, input.machine.link.allreduce_latency_us * 1e-6);
    auto const host = device.unified_memory ? device.bandwidth_gb_per_s : workload.host_gb_per_s;
    time.spill_s = read * input.spilled / (host * 1e9);
    return time;
}

PromptTime prefill_time(SpeedInput const& input)
{
    auto const& device = input.machine.devices.front();
    auto const tokens = static_cast<double>(input.workload.prompt);
    auto const peak = peak_ops(device, input.profile, input.weights.quant);
    auto const fp16 = device.compute.fp16_tflops.value_or(1) * 1e12;
    PromptTime time;
    time.linear_s = 2 * input.model.prompt_params() * tokens
        / (peak * linear_efficiency(input) * working(input));
    time.attention_s = attention_ops(input.model, input.workload.prompt)
        / (fp16 * input.profile.attention_efficiency * working(input));
    time.links_s = links_s(input, tokens, 0);
    return time;
}

double speculation_gain(Speculation const& speculation)
{
    auto const a = std::min(speculation.acceptance, 0.9999);
    auto const guesses = static_cast<double>(speculation.length);
    return (1 - std::pow(a, guesses + 1)) / ((1 - a) * (guesses * speculation.draft_cost + 1));
}

}
