#include <plan/pipeline.h>

#include <plan/engine_name.h>

#include <algorithm>

namespace sidereal::plan {

namespace {

// A group's time in the stage of one device, which holds layers by its share of the memory, and its
// way to the next.
double stage_s(SpeedInput const& input, Device const& device, std::int64_t streams, double share)
{
    Machine one;
    one.text = device.id;
    one.devices = { device };
    one.link = input.machine.link;
    auto workload = input.workload;
    workload.streams = streams;
    SpeedInput const stage { input.model, one, workload, input.weights, input.profile, Split::layer,
        input.cache_bits, input.spilled };
    return decode_step(stage).total() * share + hop_time(input, static_cast<double>(streams));
}

Pipeline in_groups(SpeedInput const& input, std::int64_t groups)
{
    auto const& devices = input.machine.devices;
    Pipeline pipeline;
    pipeline.groups = groups;
    pipeline.streams_a_group = (input.workload.streams + groups - 1) / groups;
    double room = 0;
    for (auto const& device : devices)
        room += usable_bytes(device);
    for (auto const& device : devices) {
        auto const stage = stage_s(
            input, device, pipeline.streams_a_group, usable_bytes(device) / room);
        pipeline.latency_s += stage;
        pipeline.slowest_stage_s = std::max(pipeline.slowest_stage_s, stage);
    }
    auto const loop = std::max(
        pipeline.latency_s, static_cast<double>(groups) * pipeline.slowest_stage_s);
    pipeline.tokens_per_s = static_cast<double>(input.workload.streams) / loop;
    return pipeline;
}

}

bool overlaps_stages(std::string_view engine) { return !is_llama_cpp(engine); }

std::optional<Pipeline> pipeline_of(SpeedInput const& input)
{
    auto const devices = static_cast<std::int64_t>(input.machine.devices.size());
    if (input.split != Split::layer || devices < 2 || input.workload.streams < 2)
        return {};
    auto best = in_groups(input, 1);
    for (std::int64_t groups = 2; groups <= std::min(devices, input.workload.streams); ++groups) {
        auto const pipeline = in_groups(input, groups);
        if (pipeline.tokens_per_s > best.tokens_per_s)
            best = pipeline;
    }
    return best;
}

}
