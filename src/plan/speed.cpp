#include <plan/speed.h>

#include <plan/cache.h>
#include <plan/engine_name.h>

#include <fmt/ranges.h>

#include <algorithm>
#include <cmath>
#include <functional>
#include <set>

namespace sidereal::plan {

namespace {

// From one device to the next, at least.
constexpr double hop_s = 20e-6;
// What one norm more a layer adds to its launches.
constexpr double norm_share = 0.25;
// Engines other than llama.cpp work through a prompt in chunks of so many tokens.
constexpr std::int64_t chunk_tokens = 8192;
// Passes over a token's activations that a layer makes besides its products, in fp32.
constexpr double passes = 5;
// Streams choose experts alike: so many streams touch what their number to this power would if
// each chose by chance.
constexpr double alike = 0.6;
// Products with matrices of this width reach half of their rate: few tiles for many units.
constexpr double half_width = 700;
// Of GDDR's speed, what error correction leaves: A40, L40S, L4 and T4.
constexpr double corrected = 0.92;
// Cores wait so much longer for those of other processors.
constexpr double other_socket = 3;
// The width that profiles' shares of prefill are meant for.
constexpr double usual_width = 4096;
// So many rows of a micro-batch are multiplied as in decode.
constexpr double decode_rows = 8;
// The micro-batch that they are meant for.
constexpr double usual_rows = 512;

bool runs_on_family(EngineProfile const& profile, Device const& device)
{
    auto const& families = profile.families;
    return std::find(families.begin(), families.end(), device.family) != families.end();
}

// Seconds to move the bytes through the devices' memory, of whose nominal speed the share is
// reached.
double move_s(SpeedInput const& input, double bytes, double share)
{
    auto const& devices = input.machine.devices;
    share *= open_share(input.machine, input.profile);
    if (input.split == Split::tensor) {
        double slowest = devices.front().bandwidth_gb_per_s;
        for (auto const& device : devices)
            slowest = std::min(slowest, device.bandwidth_gb_per_s);
        return bytes / (static_cast<double>(devices.size()) * slowest * 1e9 * share);
    }
    double room = 0;
    for (auto const& device : devices)
        room += usable_bytes(device);
    double seconds = 0;
    for (auto const& device : devices)
        seconds += bytes * usable_bytes(device) / room / (device.bandwidth_gb_per_s * 1e9 * share);
    return seconds;
}

double weight_share(SpeedInput const& input)
{
    auto const& profile = input.profile;
    return profile.bandwidth_efficiency * relative_efficiency(profile, input.weights.quant);
}

double launches(Model const& model)
{
    return 1 + norm_share * static_cast<double>(model.norms - 2);
}

double layers_s(SpeedInput const& input)
{
    double us = 0;
    // Products with the experts of several tokens are gathered and scattered.
    auto const batch_us = input.workload.streams > 1 ? input.profile.batch_moe_us : 0;
    auto const wait_us = core_waits_us(input);
    for (auto const& layer : input.model.layers)
        us += wait_us
            + (layer.expert_ffn > 0 ? input.profile.layer_moe_us + batch_us
                                    : input.profile.layer_dense_us);
    return us * launches(input.model) * 1e-6;
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
        return (n - 1) * hop_time(input, tokens);
    return 2 * static_cast<double>(input.model.layers.size())
        * (alpha_s + 2 * (n - 1) / n * row / speed);
}

// Quants that take long to unpack: codebooks, and the K-quants of other than four bits.
bool is_slow(std::string_view quant)
{
    return quant_class(quant) == "i-quant" || quant.starts_with("Q2_K") || quant.starts_with("Q3_K")
        || quant.starts_with("Q5_K") || quant.starts_with("Q6_K");
}

bool is_float(std::string_view quant) { return quant_class(quant) == "float"; }

// A board that may not draw enough for its tensor units clocks them down.
double power_share(Device const& device, EngineProfile const& profile, double int8_ops)
{
    if (profile.half_watts_per_tops == 0 || !device.watts.tdp)
        return 1;
    auto const watts_per_tops = *device.watts.tdp / (int8_ops / 1e12);
    return watts_per_tops / (watts_per_tops + profile.half_watts_per_tops);
}

double micro_batch(SpeedInput const& input)
{
    auto const& workload = input.workload;
    auto const most = is_llama_cpp(workload.engine) ? workload.micro_batch : chunk_tokens;
    return static_cast<double>(std::min(most, workload.prompt));
}

// Operations of attention for the prompt, the tokens before it included.
double attention_ops(SpeedInput const& input)
{
    double ops = 0;
    auto const tokens = static_cast<double>(input.workload.prompt);
    auto const before = static_cast<double>(input.workload.cached);
    // llama.cpp reckons a micro-batch with all of its own tokens and masks those that come later,
    // but for the blocks that its kernels skip.
    auto const square = is_llama_cpp(input.workload.engine)
        ? micro_batch(input) * input.profile.masked_share
        : 0;
    for (auto const& layer : input.model.layers) {
        if (layer.kind == LayerKind::recurrent)
            continue;
        auto const window = static_cast<double>(layer.window) + square;
        auto const all = before + (tokens + square) / 2;
        auto const seen = layer.window > 0 ? std::min(window, all) : all;
        // Short heads fill the units less.
        auto const fill = std::min(1.0, std::sqrt(static_cast<double>(layer.value_dim) / 128));
        ops += 2 * static_cast<double>(layer.q_heads)
            * static_cast<double>(layer.key_dim + layer.value_dim) * tokens * seen / fill;
    }
    return ops;
}

double float_ops(Device const& device, EngineProfile const& profile)
{
    auto const fp16 = device.compute.fp16_tflops.value_or(1);
    return (profile.prefill_path == "int8" ? device.compute.fp16_fp16acc_tflops.value_or(fp16)
                                           : fp16)
        * 1e12;
}

// What all devices do together at the rates of each: side by side the slowest sets the pace, one
// after another each has its share of the layers.
double together(SpeedInput const& input, std::function<double(Device const&)> const& rate)
{
    auto const& devices = input.machine.devices;
    double slowest = rate(devices.front());
    double room = 0;
    double room_time = 0;
    for (auto const& device : devices) {
        auto const own = rate(device);
        slowest = std::min(slowest, own);
        room += usable_bytes(device);
        room_time += usable_bytes(device) / own;
    }
    return input.split == Split::tensor ? slowest * static_cast<double>(devices.size())
                                        : room / room_time;
}

// Products of weights with activations, in operations a second.
double linear_rate(SpeedInput const& input, Device const& device)
{
    auto const& profile = input.profile;
    auto const& quant = input.weights.quant;
    auto const peak = peak_ops(device, profile, quant);
    auto const as_float = is_float(quant) || peak == float_ops(device, profile);
    auto const power = power_share(device, profile, as_float ? 2 * peak : peak);
    if (is_float(quant) && profile.prefill_path == "int8")
        return peak * power * profile.prefill_efficiency_float;
    auto const efficiency = input.model.is_moe() ? profile.prefill_efficiency_moe
                                                 : profile.prefill_efficiency_dense;
    return peak * power * efficiency * (is_slow(quant) ? profile.prefill_slow : 1);
}

double linear_rate(SpeedInput const& input)
{
    return together(input, [&](Device const& device) { return linear_rate(input, device); });
}

double attention_rate(SpeedInput const& input)
{
    return together(input, [&](Device const& device) {
        auto const floats = float_ops(device, input.profile);
        return floats * input.profile.attention_efficiency
            * power_share(device, input.profile, 2 * floats);
    });
}

// Of that, what narrow matrices leave.
double width_share(Model const& model)
{
    auto const width = static_cast<double>(model.hidden);
    return width / (width + half_width) * (usual_width + half_width) / usual_width;
}

// And micro-batches of few tokens: experts have few in any case, see expert_share.
double rows_share(SpeedInput const& input, double batch)
{
    auto const half = input.profile.half_rows;
    if (input.model.is_moe() || half == 0)
        return 1;
    return batch / (batch + half) * (usual_rows + half) / usual_rows;
}

// Of a micro-batch; few rows go through the kernels of decode.
double prompt_layers_s(SpeedInput const& input, double batch)
{
    auto const full_s = static_cast<double>(input.model.layers.size())
        * input.profile.prefill_layer_us * launches(input.model) * 1e-6;
    return batch <= decode_rows ? std::min(full_s, layers_s(input)) : full_s;
}

// And experts who get few tokens of a batch each.
double expert_share(SpeedInput const& input, double batch)
{
    auto const half = input.profile.half_expert_tokens;
    if (!input.model.is_moe() || half == 0)
        return 1;
    auto const each = batch * static_cast<double>(input.model.experts_per_token)
        / static_cast<double>(input.model.experts);
    return each / (each + half);
}

}

double bus_gb_per_s(Device const& device)
{
    // PCI Express Base Specification: 8 GT/s a lane in the third generation, coded 128 of 130 bits,
    // and twice as many in each later one.
    constexpr double third_gb_per_s = 8.0 * 128 / 130 / 8;
    constexpr double reached = 0.8;
    auto const lanes = device.pcie_lanes > 0 ? static_cast<double>(device.pcie_lanes) : 16;
    auto const later = device.pcie_gen > 0 ? static_cast<double>(device.pcie_gen) - 3 : 1;
    return reached * lanes * third_gb_per_s * std::exp2(later);
}

double core_waits_us(SpeedInput const& input)
{
    double cores = 0;
    for (auto const& device : input.machine.devices)
        cores += static_cast<double>(device.cpu_cores.value_or(0));
    return input.profile.core_us * cores * (input.machine.devices.size() > 1 ? other_socket : 1);
}

double open_share(Machine const& machine, EngineProfile const& profile)
{
    auto const& device = machine.devices.front();
    auto const corrects = device.device_class == "datacenter-gpu"
        && device.memory_type.starts_with("GDDR");
    return (machine.devices.size() > 1 ? profile.sockets_share : 1) * (corrects ? corrected : 1);
}

double hop_time(SpeedInput const& input, double tokens)
{
    auto const row = tokens * static_cast<double>(input.model.hidden) * 2;
    auto const& link = input.machine.link;
    // An all-reduce goes there and back.
    auto const way_s = std::max(hop_s, link.allreduce_latency_us * 1e-6 / 2);
    return way_s + row / (link.gb_per_s_per_direction * 1e9);
}

Known known_from(EngineProfile const& profile, Device const& device)
{
    auto const& seen = profile.seen;
    if (seen.empty())
        return Known::physics;
    return std::find(seen.begin(), seen.end(), device.id) != seen.end() ? Known::device
                                                                        : Known::family;
}

std::string_view to_string(Known known)
{
    switch (known) {
    case Known::device: return "results of this device";
    case Known::family: return "results of others of its family";
    case Known::physics: break;
    }
    return "physics, and no result of its family with this engine";
}

double relative_efficiency(EngineProfile const& profile, std::string_view quant)
{
    if (is_float(quant))
        return 1;
    auto const kind = quant_class(quant);
    if (kind == "i-quant")
        return profile.relative_i;
    if (quant.find("_K") != quant.npos || quant.find("_k") != quant.npos)
        return profile.relative_k;
    return kind == "8-bit" ? profile.relative_8bit : profile.relative_4bit;
}

Result<EngineProfile const*> find_profile(
    Device const& device, std::string_view engine, Catalog const& catalog)
{
    auto const behind = engine_behind(engine);
    std::set<std::string_view> engines;
    EngineProfile const* same = nullptr;
    EngineProfile const* plain = nullptr;
    for (auto const& profile : catalog.engines) {
        if (!runs_on_family(profile, device))
            continue;
        engines.insert(profile.engine);
        if (!has_back_end(behind, device))
            continue;
        // A front end that differs from its engine here has a profile of its own.
        if (profile.engine == engine)
            return &profile;
        if (profile.engine == behind)
            same = &profile;
        // A version or back end without a profile of its own goes by the engine's.
        if (behind.starts_with(profile.engine + "-")
            && (!plain || profile.engine.size() > plain->engine.size()))
            plain = &profile;
    }
    if (same)
        return same;
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
        touched = 1 - std::pow(1 - chance, std::pow(static_cast<double>(streams), alike));
    }
    return bytes.attention + bytes.ffn + bytes.experts * touched + bytes.small
        + (model.tied ? bytes.embedding : bytes.head);
}

double peak_ops(Device const& device, EngineProfile const& profile, std::string_view quant)
{
    auto const& compute = device.compute;
    auto const floats = float_ops(device, profile);
    if (profile.prefill_path == "fp16" || is_float(quant))
        return floats;
    if (profile.prefill_path == "int8")
        return compute.int8_tops.value_or(floats / 1e12) * 1e12;
    auto const has = [&](std::string_view text) { return quant.find(text) != quant.npos; };
    if (has("FP4") && compute.fp4_tflops)
        return *compute.fp4_tflops * 1e12;
    if (has("FP8") && compute.fp8_tflops)
        return *compute.fp8_tflops * 1e12;
    if (has("INT8") && compute.int8_tops)
        return *compute.int8_tops * 1e12;
    return floats;
}

StepTime decode_step(SpeedInput const& input)
{
    auto const& workload = input.workload;
    auto const streams = static_cast<double>(workload.streams);
    auto const depth = workload.depth > 0 ? workload.depth : workload.prompt + 64;
    auto const read = bytes_read(input.model, input.weights.bytes, workload.streams);
    StepTime time;
    time.weights_s = move_s(input, read * (1 - input.spilled), weight_share(input));
    time.cache_s = move_s(input,
        streams * cache_bytes(input.model, { std::min(depth, workload.context), input.cache_bits }),
        input.profile.cache_efficiency);
    // One stream's work hides behind its reads, as the profile was fitted.
    time.compute_s = (streams - 1) * 2 * input.model.active_params() / linear_rate(input);
    time.layers_s = layers_s(input);
    time.links_s = links_s(input, streams, input.machine.link.allreduce_latency_us * 1e-6);
    auto const& device = input.machine.devices.front();
    auto const host = device.unified_memory ? device.bandwidth_gb_per_s : workload.host_gb_per_s;
    time.spill_s = read * input.spilled / (host * 1e9);
    return time;
}

PromptTime prefill_time(SpeedInput const& input)
{
    auto const& profile = input.profile;
    auto const& model = input.model;
    auto const tokens = static_cast<double>(input.workload.prompt);
    auto const batch = micro_batch(input);
    auto const batches = std::ceil(tokens / batch);
    auto const head = model.tied ? input.weights.bytes.embedding : input.weights.bytes.head;
    auto const read = bytes_read(model, input.weights.bytes, static_cast<std::int64_t>(batch))
        - head;
    auto const layers = static_cast<double>(model.layers.size());
    PromptTime time;
    time.linear_s = 2 * model.prompt_params() * tokens
        / (linear_rate(input) * width_share(model) * expert_share(input, batch)
            * rows_share(input, batch));
    // Weights are read while products of those before are reckoned.
    auto const weights_s = batches * move_s(input, read, profile.bandwidth_efficiency);
    time.reading_s = std::hypot(time.linear_s, weights_s) - time.linear_s
        + move_s(input, tokens * layers * passes * 4 * static_cast<double>(model.hidden),
            profile.bandwidth_efficiency);
    time.layers_s = batches * prompt_layers_s(input, batch);
    time.attention_s = attention_ops(input) / attention_rate(input);
    time.links_s = links_s(input, tokens, 0);
    auto const& device = input.machine.devices.front();
    if (!device.unified_memory)
        time.spill_s = batches * read * input.spilled / (bus_gb_per_s(device) * 1e9);
    return time;
}

double speculation_gain(Speculation const& speculation)
{
    auto const a = std::min(speculation.acceptance, 0.9999);
    auto const guesses = static_cast<double>(speculation.length);
    return (1 - std::pow(a, guesses + 1)) / ((1 - a) * (guesses * speculation.draft_cost + 1));
}

}
