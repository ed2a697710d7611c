#pragma once

#include <plan/model_plan.h>

#include <cstdint>
#include <string_view>

namespace sidereal::plan {

// The profile of an engine for a device; invalid_input names the engines there are for it.
Result<EngineProfile const*> find_profile(
    Device const& device, std::string_view engine, Catalog const& catalog);

// What a profile's numbers rest on for a device: how wide its intervals are.
enum class Known : std::uint8_t {
    // Results of this device,
    device,
    // of others of the families that the profile is for,
    family,
    // or none: physics, and what other profiles have in common.
    physics,
};
Known known_from(EngineProfile const& profile, Device const& device);
std::string_view to_string(Known known);

struct StepTime {
    double weights_s { 0 };
    double cache_s { 0 };
    double compute_s { 0 };
    double layers_s { 0 };
    double links_s { 0 };
    double spill_s { 0 };

    double total() const { return weights_s + cache_s + compute_s + layers_s + links_s + spill_s; }
};

// What a speed is reckoned from.
struct SpeedInput {
    Model const& model;
    Machine const& machine;
    Workload const& workload;
    Weights const& weights;
    EngineProfile const& profile;
    Split split;
    double cache_bits { 16 };
    // Of the weights, in the host's memory.
    double spilled { 0 };
};

// One token for every stream. The terms add up: overlapping them is optimistic.
StepTime decode_step(SpeedInput const& input);

// Of a layer's time: the cores of processors wait for each other, longer for those of other
// sockets.
double core_waits_us(SpeedInput const& input);

// From the host's memory to the device, in GB/s: four fifths of what its PCIe lanes transfer.
double bus_gb_per_s(Device const& device);

// From a device to the next in a layer split, for the activations of so many tokens.
double hop_time(SpeedInput const& input, double tokens);

// Of the devices' nominal memory speed, what engines can get at: several processors read from each
// other's memory, and server cards with GDDR come with error correction on, which takes its part of
// each transfer.
double open_share(Machine const& machine, EngineProfile const& profile);

// Bytes of weights that one step reads for so many streams, experts touched by chance.
double bytes_read(Model const& model, Parts const& bytes, std::int64_t streams);

struct PromptTime {
    double linear_s { 0 };
    // Weights once a micro-batch, and activations.
    double reading_s { 0 };
    double layers_s { 0 };
    double attention_s { 0 };
    double links_s { 0 };
    // Weights in the host's memory, over the bus once a micro-batch.
    double spill_s { 0 };

    double total() const
    {
        return linear_s + reading_s + layers_s + attention_s + links_s + spill_s;
    }
};
PromptTime prefill_time(SpeedInput const& input);

// The peak that the profile's path takes for the quant, in FLOP/s (or OP/s).
double peak_ops(Device const& device, EngineProfile const& profile, std::string_view quant);

// Of the profile's bandwidth efficiency, what the quant's class leaves.
double relative_efficiency(EngineProfile const& profile, std::string_view quant);

// Times faster with a draft; below 1 it costs more than it gives.
double speculation_gain(Speculation const& speculation);

}
