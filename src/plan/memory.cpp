#include <plan/memory.h>

#include <plan/cache.h>
#include <plan/engine_name.h>

#include <algorithm>
#include <cmath>
#include <numeric>

namespace sidereal::plan {

namespace {

constexpr double gib = 1024.0 * 1024 * 1024;
constexpr double mib = 1024.0 * 1024;
// Context of the driver and its libraries, a device and process.
constexpr double runtime_bytes = 0.45 * gib;
// Captured graphs, an engine that captures them.
constexpr double graph_bytes = 1.0 * gib;
// What such an engine profiles its memory with.
constexpr double profiled_tokens = 8192;
constexpr std::int64_t no_limit = 1 << 24;

double widest_ffn(Model const& model, double tokens)
{
    double most = 0;
    for (auto const& layer : model.layers) {
        auto const chosen = layer.expert_ffn > 0 ? static_cast<double>(model.experts_per_token) : 0;
        auto const dense = layer.ffn > 0
            ? 2.0 * static_cast<double>(layer.ffn) + static_cast<double>(model.hidden)
            : 0;
        auto const expert = chosen
            * (2.0 * static_cast<double>(layer.expert_ffn) + static_cast<double>(model.hidden));
        most = std::max(most, (dense + expert + static_cast<double>(model.experts)) * 4 * tokens);
    }
    return most;
}

double widest_attention(Model const& model, double tokens)
{
    double most = 0;
    for (auto const& layer : model.layers)
        most = std::max(most, static_cast<double>(layer.q_heads * layer.key_dim) * 4 * tokens);
    return most;
}

// The share of the model on each device.
std::vector<double> shares(MemoryInput const& input)
{
    auto const& devices = input.machine.devices;
    std::vector<double> all(devices.size(), 1.0 / static_cast<double>(devices.size()));
    if (input.split == Split::tensor)
        return all;
    double room = 0;
    for (auto const& device : devices)
        room += usable_bytes(device);
    for (std::size_t i = 0; i < devices.size(); ++i)
        all[i] = usable_bytes(devices[i]) / room;
    return all;
}

// Of one stream on one device. Split tensors share the key-value heads out, and what cannot be
// divided further each device has for itself: one head, or what latent attention keeps.
double device_cache(MemoryInput const& input, CacheShape const& shape, double share)
{
    if (input.split != Split::tensor)
        return cache_bytes(input.model, shape) * share;
    auto const devices = static_cast<std::int64_t>(input.machine.devices.size());
    double all = 0;
    for (auto const& layer : input.model.layers) {
        auto const pieces = layer.kind == LayerKind::recurrent ? devices
            : layer.latent_dim > 0                             ? 1
                                                               : std::min(devices, layer.kv_heads);
        all += layer_cache_bytes(layer, shape)
            / static_cast<double>(std::max<std::int64_t>(pieces, 1));
    }
    return all;
}

bool fits(MemoryInput const& input) { return missing_bytes(device_bytes(input)) <= 0; }

// The largest count from 1 to `limit` that fits, by halving.
template<typename Set>
std::int64_t largest(MemoryInput const& input, std::int64_t limit, Set const& set)
{
    auto workload = input.workload;
    MemoryInput const trial { input.model, input.machine, workload, input.weights, input.split,
        input.cache_bits };
    std::int64_t good = 0;
    std::int64_t bad = limit + 1;
    while (bad - good > 1) {
        auto const middle = std::midpoint(good, bad);
        set(workload, middle);
        (fits(trial) ? good : bad) = middle;
    }
    return good;
}

void add_cache_remedies(std::vector<Remedy>& remedies, MemoryInput const& input, double missing)
{
    auto const cache = [&](std::int64_t context, double bits) {
        auto workload = input.workload;
        workload.context = context;
        double all = 0;
        for (auto const& device : device_bytes(
                 { input.model, input.machine, workload, input.weights, input.split, bits }))
            all += device.cache;
        return all;
    };
    auto const now = cache(input.workload.context, input.cache_bits);
    auto const is_blocked = is_llama_cpp(input.workload.engine);
    auto const fewer = is_blocked ? 8.5 : 8.0;
    if (input.cache_bits > fewer) {
        auto const gives = now - cache(input.workload.context, fewer);
        auto const smaller = MemoryInput { input.model, input.machine, input.workload,
            input.weights, input.split, fewer };
        remedies.push_back({ fmt::format("keep the cache in {}", is_blocked ? "q8_0" : "fp8"),
            gives, fits(smaller) });
    }
    auto const context = largest_context(input);
    if (context > 0 && context < input.workload.context) {
        // As an engine would round it.
        auto const rounded = context >= 256 ? context / 256 * 256 : context;
        remedies.push_back({ fmt::format("a context of {} tokens", rounded),
            now - cache(rounded, input.cache_bits), true });
    }
    auto const streams = largest_streams(input);
    if (streams > 0 && streams < input.workload.streams)
        remedies.push_back({ fmt::format("{} streams at a time", streams), missing, true });
}

}

double buffer_bytes(MemoryInput const& input)
{
    auto const& model = input.model;
    auto const widest = [&](double tokens) {
        return std::max(widest_ffn(model, tokens), widest_attention(model, tokens));
    };
    auto const d = static_cast<double>(model.hidden);
    if (!is_llama_cpp(input.workload.engine)) {
        auto const logits = 4.0
            * static_cast<double>(std::min<std::int64_t>(input.workload.streams, 256))
            * static_cast<double>(model.vocab);
        // In 16 bits, and tensor parallelism splits the width.
        auto const n = input.split == Split::tensor
            ? static_cast<double>(input.machine.devices.size())
            : 1;
        return widest(profiled_tokens) / 2 / n + logits;
    }
    auto const tokens = static_cast<double>(input.workload.micro_batch);
    auto const mask = tokens * static_cast<double>(input.workload.context) * 2;
    return tokens * static_cast<double>(model.vocab) * 4 + tokens * d * 4 + mask + widest(tokens)
        + 5 * mib;
}

double offered_share(Device const& device, std::string_view engine)
{
    // Its default, --gpu-memory-utilization.
    constexpr double of_vllm = 0.9;
    return engine == "vllm" ? std::min(device.usable_fraction, of_vllm) : device.usable_fraction;
}

std::vector<DeviceBytes> device_bytes(MemoryInput const& input)
{
    auto const share = shares(input);
    CacheShape shape { input.workload.context, input.cache_bits, 16, 0 };
    if (is_llama_cpp(input.workload.engine)) {
        shape.padding = 256;
        shape.micro_batch = input.workload.micro_batch;
    }
    auto const streams = static_cast<double>(input.workload.streams);
    auto const buffers = buffer_bytes(input);
    auto const runtime = runtime_bytes + (is_llama_cpp(input.workload.engine) ? 0 : graph_bytes);
    std::vector<DeviceBytes> devices;
    for (std::size_t i = 0; i < share.size(); ++i) {
        auto const& device = input.machine.devices[i];
        devices.push_back({ device.id, input.weights.bytes.total() * share[i],
            streams * device_cache(input, shape, share[i]), buffers, runtime,
            capacity_bytes(device) * offered_share(device, input.workload.engine) });
    }
    return devices;
}

double missing_bytes(std::vector<DeviceBytes> const& devices)
{
    double missing = 0;
    for (auto const& device : devices)
        missing += std::max(0.0, device.need() - device.usable);
    return missing;
}

std::int64_t largest_context(MemoryInput input)
{
    return largest(input, input.model.max_context.value_or(no_limit),
        [](Workload& workload, std::int64_t count) { workload.context = count; });
}

std::int64_t largest_streams(MemoryInput input)
{
    return largest(
        input, 65'536, [](Workload& workload, std::int64_t count) { workload.streams = count; });
}

// The whole share that programs get, where the engine takes less of its own accord.
void add_share_remedy(std::vector<Remedy>& remedies, MemoryInput const& input)
{
    auto devices = device_bytes(input);
    double gives = 0;
    double least = 1;
    for (std::size_t i = 0; i < devices.size(); ++i) {
        auto const& device = input.machine.devices[i];
        gives += usable_bytes(device) - devices[i].usable;
        devices[i].usable = usable_bytes(device);
        least = std::min(least, device.usable_fraction);
    }
    if (gives > 0)
        remedies.push_back(
            { fmt::format("--gpu-memory-utilization {:.2f}", std::floor(100 * least) / 100), gives,
                missing_bytes(devices) == 0 });
}

std::vector<Remedy> find_remedies(MemoryInput const& input, Catalog const& catalog)
{
    std::vector<Remedy> remedies;
    auto const missing = missing_bytes(device_bytes(input));
    add_share_remedy(remedies, input);
    add_cache_remedies(remedies, input, missing);
    auto workload = input.workload;
    if (workload.micro_batch > 128 && is_llama_cpp(workload.engine)) {
        workload.micro_batch = 128;
        MemoryInput const smaller { input.model, input.machine, workload, input.weights,
            input.split, input.cache_bits };
        auto const devices = static_cast<double>(input.machine.devices.size());
        remedies.push_back({ "a micro-batch of 128",
            devices * (buffer_bytes(input) - buffer_bytes(smaller)), fits(smaller) });
    }
    auto const now = input.weights.bytes.total();
    for (auto const& quant : quant_ladder(workload.engine)) {
        auto const weights = size_weights(input.model, quant, workload.engine, catalog);
        if (!weights || weights->bytes.total() >= now)
            continue;
        MemoryInput const smaller { input.model, input.machine, input.workload, *weights,
            input.split, input.cache_bits };
        if (!fits(smaller))
            continue;
        remedies.push_back(
            { fmt::format("weights in {}", quant), now - weights->bytes.total(), true });
        break;
    }
    auto const host = input.workload.host_memory_gib * gib * 0.9;
    if (host > 0 && !input.machine.devices.front().unified_memory) {
        auto const what = input.model.is_moe() ? "experts" : "layers";
        remedies.push_back(
            { fmt::format("{:.1f} GiB of {} in the host's memory, slower", missing / gib, what),
                std::min(missing, host), missing <= host && missing < now });
    }
    auto more = input.machine;
    more.devices.push_back(more.devices.back());
    MemoryInput const larger { input.model, more, input.workload, input.weights, input.split,
        input.cache_bits };
    remedies.push_back({ fmt::format("one more {}", more.devices.back().id),
        device_bytes(larger).back().usable, fits(larger) });
    return remedies;
}

}
