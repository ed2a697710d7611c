#pragma once

#include <plan/model_plan.h>

#include <vector>

namespace sidereal::plan {

struct MemoryInput {
    Model const& model;
    Machine const& machine;
    Workload const& workload;
    Weights const& weights;
    Split split;
    double cache_bits { 16 };
};

// Of the device's memory, what the engine has for a model.
double offered_share(Device const& device, std::string_view engine);

// What each device has to hold. Layers are dealt out by room, tensors' shares evenly.
std::vector<DeviceBytes> device_bytes(MemoryInput const& input);

// Bytes that do not fit, over all devices; 0 if it fits.
double missing_bytes(std::vector<DeviceBytes> const& devices);

// What llama.cpp sets aside for the largest step of a micro-batch; of others, the activations of
// the largest batch they profile with.
double buffer_bytes(MemoryInput const& input);

// Tokens of context that fit, up to the model's own limit; 0 if not even one does.
std::int64_t largest_context(MemoryInput input);
// Streams of the context that fit.
std::int64_t largest_streams(MemoryInput input);

// In the order in which one should try them.
std::vector<Remedy> find_remedies(MemoryInput const& input, Catalog const& catalog);

}
