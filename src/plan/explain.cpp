#include <plan/explain.h>

#include <plan/cache.h>
#include <plan/memory.h>
#include <plan/pipeline.h>

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
            offered_share(device, workload.engine)),
        device.source, device.confidence });
}

std::string open_text(SpeedInput const& input)
{
    auto const share = open_share(input.machine, input.profile);
    if (share == 1)
        return {};
    return fmt::format(" x {} for {}", share,
        input.machine.devices.front().device_class == "cpu" ? "several sockets"
                                                            : "error correction");
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
    auto const relative = relative_efficiency(profile, input.weights.quant);
    all.push_back({ "time of weights", step.weights_s * 1e3, "ms",
        fmt::format("bytes / ({} GB/s x {} of it x {} for such quants{})",
            device.bandwidth_gb_per_s, profile.bandwidth_efficiency, relative, open_text(input)),
        profile.source, "medium" });
    all.push_back({ "time of cache", step.cache_s * 1e3, "ms",
        fmt::format("streams x cache at the depth / ({} GB/s x {} of it{})",
            device.bandwidth_gb_per_s, profile.cache_efficiency, open_text(input)),
        profile.source, "medium" });
    all.push_back({ "time of layers", step.layers_s * 1e3, "ms",
        fmt::format("{} layers x {} us, with experts {} us{}; {} norms each",
            input.model.layers.size(), profile.layer_dense_us, profile.layer_moe_us,
            profile.core_us > 0 ? fmt::format(
                ", and {:.4g} us that cores wait for each other", core_waits_us(input))
                                : "",
            input.model.norms),
        profile.source, "medium" });
    if (step.links_s > 0)
        all.push_back({ "time of links", step.links_s * 1e3, "ms",
            input.split == Split::tensor
                ? fmt::format("2 x {} layers x ({} us + bytes / {} GB/s)",
                    input.model.layers.size(), input.machine.link.allreduce_latency_us,
                    input.machine.link.gb_per_s_per_direction)
                : "half an all-reduce, 20 us at least, and one row of activations from device "
                  "to device",
            input.machine.link.source, input.machine.link.confidence });
    if (step.compute_s > 0)
        all.push_back({ "time of arithmetic", step.compute_s * 1e3, "ms",
            "2 x active parameters x (streams - 1) / rate of prefill", profile.source, "medium" });
    if (step.spill_s > 0)
        all.push_back({ "time of spilled weights", step.spill_s * 1e3, "ms",
            fmt::format("bytes x {:.3f} / {} GB/s", input.spilled, input.workload.host_gb_per_s),
            "option --host-gb-per-s", "low" });
}

void explain_pipeline(std::vector<Explained>& all, ModelPlan const& plan, SpeedInput const& input)
{
    if (!plan.pipeline)
        return;
    auto const& pipeline = *plan.pipeline;
    all.push_back({ "pipeline", pipeline.tokens_per_s, "tokens/s of all streams",
        fmt::format("{} streams / max({:.4g} ms through all stages, {} groups of {} x {:.4g} ms of "
                    "the slowest stage); {}",
            input.workload.streams, pipeline.latency_s * 1e3, pipeline.groups,
            pipeline.streams_a_group, pipeline.slowest_stage_s * 1e3,
            overlaps_stages(input.workload.engine)
                ? "decode counts it in"
                : "not reached by engines that keep one batch under way, as llama.cpp does"),
        "micro-batches in flight: GPipe 2019; bounds of closed queueing networks", "medium" });
}

// What a spread rests on, and why results differ.
std::string ground_text(SpeedInput const& input)
{
    auto const& profile = input.profile;
    return fmt::format("; rests on {}{}{}",
        to_string(known_from(profile, input.machine.devices.front())),
        profile.doubt.empty() ? "" : "; wide because ", profile.doubt);
}

std::string correction_text(Correction const& correction, std::string_view phase)
{
    if (correction.points == 0)
        return "";
    if (phase == "prefill")
        return fmt::format(
            "; {} own runs move it by {:+.1f} %", correction.points, 100 * (correction.factor - 1));
    return fmt::format("; {} own runs move bandwidth by {:+.1f} % and layers by {:+.1f} %",
        correction.points, 100 * (correction.bandwidth - 1), 100 * (correction.layers - 1));
}

void explain_prefill(std::vector<Explained>& all, ModelPlan const& plan, SpeedInput const& input)
{
    auto const& profile = input.profile;
    auto const& device = input.machine.devices.front();
    auto const prompt = prefill_time(input);
    all.push_back({ "time of products", prompt.linear_s, "s",
        fmt::format(
            "2 x {:.4g} parameters x {} tokens / the share of {:.4g} dense TOPS that power, "
            "engine, width and tokens an expert leave",
            input.model.prompt_params(), input.workload.prompt,
            peak_ops(device, profile, input.weights.quant) / 1e12),
        profile.source, "medium" });
    all.push_back({ "time of reading", prompt.reading_s, "s",
        "weights once a micro-batch, and activations", profile.source, "medium" });
    all.push_back({ "time of attention", prompt.attention_s, "s",
        fmt::format(
            "4 x heads x head size x tokens x tokens before, windows kept, at {} of the fp16 "
            "peak",
            profile.attention_efficiency),
        profile.source, "medium" });
    if (prompt.spill_s > 0)
        all.push_back({ "time of spilled weights in prefill", prompt.spill_s, "s",
            fmt::format("bytes x {:.3f} / {:.3g} GB/s of the bus, once a micro-batch",
                input.spilled, bus_gb_per_s(device)),
            "PCIe's specification, four fifths of it", "low" });
    all.push_back({ "prefill", plan.prefill.value, "tokens/s",
        fmt::format("{} tokens / (sum of the times + {:.4g} s of launches and links){}; within "
                    "{:.0f} % in 80 of 100 cases{}",
            input.workload.prompt, prompt.layers_s + prompt.links_s,
            correction_text(plan.prefill_correction, "prefill"),
            100 * (plan.prefill.high / plan.prefill.value - 1), ground_text(input)),
        "profile " + profile.id, plan.prefill_correction.points > 0 ? "high" : "medium" });
    all.push_back({ "first token", plan.first_token_s, "s",
        "prompt / prefill + 1 / decode, nothing else waiting", "the two above", "medium" });
}

void explain_money(std::vector<Explained>& all, ModelPlan const& plan, SpeedInput const& input)
{
    auto const& device = input.machine.devices.front();
    auto const& workload = input.workload;
    all.push_back({ "power", plan.watts, "W", "85 % of the boards' power, idle ones a fifth",
        device.source, "low" });
    all.push_back({ "energy", plan.kwh_per_mtok, "kWh per million tokens",
        fmt::format(
            "{:.4g} W x 1e6 / {:.4g} tokens/s of all streams", plan.watts, plan.decode_all.value),
        "power and decode", "low" });
    all.push_back({ "price of energy", plan.energy_usd_per_mtok, "USD per million tokens",
        fmt::format("energy x {} USD/kWh", workload.usd_per_kwh), "option --usd-per-kwh", "low" });
    if (plan.usd_per_mtok)
        all.push_back({ "price", *plan.usd_per_mtok, "USD per million tokens",
            fmt::format("price of energy + {} USD over {} years of work without a pause",
                input.machine.price_usd().value_or(0), workload.years),
            "the catalogue's first price", "low" });
}

}

std::vector<Explained> explain_plan(ModelPlan const& plan, SpeedInput const& input)
{
    std::vector<Explained> all;
    explain_memory(all, plan, input);
    explain_decode(all, input);
    all.push_back({ "decode", plan.decode.value, "tokens/s",
        fmt::format(
            "1 / sum of the times{}; never above the roofline of {:.4g}; {:.4g} to {:.4g} in "
            "80 of 100 cases{}",
            correction_text(plan.decode_correction, "decode"), plan.roofline, plan.decode.low,
            plan.decode.high, ground_text(input)),
        "profile " + input.profile.id, plan.decode_correction.points > 0 ? "high" : "medium" });
    explain_pipeline(all, plan, input);
    explain_prefill(all, plan, input);
    explain_money(all, plan, input);
    return all;
}

}
