#include <plan/explain.h>

#include <plan/cache.h>

namespace sidereal::plan {

namespace {

void explain_memory(std::vector<Explained>& all, ModelPlan const& plan, SpeedInput const& input)
{
    auto const& workload = input.workload;
    all.push_back({ "parameters", input.model.params.total(), "",
        fmt::format("embedding {:.4g} + head {:.4g} + attention {:.4g} + feed-forward {:.4g} + "
                    "experts {:.4g} + small {:.4g}",
            input.model.params.embedding, input.model.params.head, input.model.params.attention,
            input.model.params.ffn, input.model.params.experts, input.model.params.small),
        input.model.source, input.model.bytes ? "exact" : "high" });
    all.push_back({ "weights", plan.weights.bytes.total(), "B", plan.weights.formula,
        input.model.source, plan.weights.confidence });
    all.push_back(
        { "cache a stream", cache_bytes(input.model, { workload.context, input.cache_bits }), "B",
            fmt::format("sum over {} layers of tokens kept (at most {}) x row x {} bits / 8",
                input.model.layers.size(), workload.context, input.cache_bits),
            "shape of the model", "exact" });
    all.push_back({ "buffers a device", plan.devices.front().buffers, "B",
        fmt::format("micro-batch {} x (vocabulary {} + hidden {} + widest layer) x 4 B + mask",
            workload.micro_batch, input.model.vocab, input.model.hidden),
        "what the engine sets aside for its largest step", "medium" });
    auto const& device = input.machine.devices.front();
    all.push_back({ "usable memory of a device", plan.devices.front().usable, "B",
        fmt::format("{:.5g} GiB x {}", capacity_bytes(device) / (1024.0 * 1024 * 1024),
            device.usable_fraction),
        device.source, device.confidence });
}

void explain_decode(std::vector<Explained>& all, SpeedInput const& input)
{
    auto const& profile = input.profile;
    auto const step = decode_step(input);
    auto const read = bytes_read(input.model, input.weights.bytes, input.workload.streams);
    auto const& device = input.machine.devices.front();
    all.push_back({ "read a step", read, "B",
        fmt::format("all weights but the embedding table; of {} experts those that {} streams "
                    "choose ({} each)",
            input.model.experts, input.workload.streams, input.model.experts_per_token),
        "shape of the model", input.model.is_moe() ? "medium" : "high" });
    auto const eta = fmt::format(
        "{} GB/s x {}", device.bandwidth_gb_per_s, profile.bandwidth_efficiency);
    all.push_back({ "time of weights", step.weights_s * 1e3, "ms", "bytes / (" + eta + ")",
        profile.source, "medium" });
    all.push_back({ "time of cache", step.cache_s * 1e3, "ms",
        "streams x cache at the depth / (" + eta + ")", profile.source, "medium" });
    all.push_back({ "time of layers", step.layers_s * 1e3, "ms",
        fmt::format("{} layers x {} us, with experts {} us", input.model.layers.size(),
            profile.layer_dense_us, profile.layer_moe_us),
        profile.source, "medium" });
    if (step.links_s > 0)
        all.push_back({ "time of links", step.links_s * 1e3, "ms",
            input.split == Split::tensor ? fmt::format("2 x {} layers x ({} us + bytes / {} GB/s)",
                input.model.layers.size(), input.machine.link.allreduce_latency_us,
                input.machine.link.gb_per_s_per_direction)
                                         : "20 us and one row of activations from device to device",
            input.machine.link.source, input.machine.link.confidence });
    if (step.compute_s > 0)
        all.push_back({ "time of arithmetic", step.compute_s * 1e3, "ms",
            "2 x active parameters x (streams - 1) / rate of prefill", profile.source, "medium" });
    if (step.spill_s > 0)
        all.push_back({ "time of spilled weights", step.spill_s * 1e3, "ms",
            fmt::format("bytes x {:.3f} / {} GB/s", input.spilled, input.workload.host_gb_per_s),
            "option --host-gb-per-s", "low" });
}

}

std::vector<Explained> explain_plan(
    ModelPlan const& plan, SpeedInput const& input, Calibration const& calibration)
{
    std::vector<Explained> all;
    explain_memory(all, plan, input);
    explain_decode(all, input);
    auto const& profile = input.profile;
    auto const runs = calibration.correction(input.machine.devices.front().id,
        input.workload.engine, quant_class(plan.weights.quant), "decode", 1);
    all.push_back({ "decode", plan.decode.value, "tokens/s",
        fmt::format("1 / sum of the times{}; never above the roofline of {:.4g}",
            runs.points > 0 ? fmt::format(", corrected by {} own runs", runs.points) : "",
            plan.roofline),
        "profile " + profile.id, runs.points > 0 ? "high" : "medium" });
    auto const prompt = prefill_time(input);
    auto const& device = input.machine.devices.front();
    all.push_back({ "prefill", plan.prefill.value, "tokens/s",
        fmt::format("{} tokens / (linear {:.4g} s at {:.4g} TOPS peak + attention {:.4g} s + links "
                    "{:.4g} s)",
            input.workload.prompt, prompt.linear_s,
            peak_ops(device, profile, plan.weights.quant) / 1e12, prompt.attention_s,
            prompt.links_s),
        "profile " + profile.id, "medium" });
    all.push_back({ "power", plan.watts, "W", "85 % of the boards' power, idle ones a fifth",
        device.source, "low" });
    return all;
}

}
