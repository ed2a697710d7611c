#pragma once

#include <wire/node_facts.h>

#include <cstddef>
#include <cstdint>
#include <optional>
#include <vector>

// A node's GPUs as individuals.
namespace sidereal::farm {

// What is taken of one GPU; a node's stand in the order of NodeFacts::gpus.
struct GpuLoad {
    double memory_mib { 0 };
    double used_mib { 0 };
    std::uint32_t attempts { 0 };

    bool operator==(GpuLoad const&) const = default;
};
using GpuLoads = std::vector<GpuLoad>;

// What a task wants of a node's GPUs.
struct GpuNeed {
    std::uint32_t count { 0 };
    // Each of them has at least so much memory.
    double least_mib { 0 };
    // So much of one GPU that others may share; 0: whole GPUs. On a GPU that has less, all of it.
    double part_mib { 0 };

    bool operator==(GpuNeed const&) const = default;
};

GpuLoads gpu_loads(wire::NodeFacts const& facts);

// The smallest GPUs that fit, as indices; of parts the ones that leave least, so that whole GPUs
// stay free. `first` goes before others that are as good. Nothing: there is no room.
std::optional<std::vector<std::size_t>> pick_gpus(
    GpuLoads const& loads, GpuNeed const& need, std::optional<std::size_t> first = {});
// Whether an idle node like that would have them.
bool could_have(GpuLoads const& loads, GpuNeed const& need);

wire::GpuParts parts_of(wire::NodeFacts const& facts, GpuLoads const& loads, GpuNeed const& need,
    std::vector<std::size_t> const& picked);

// GPUs that the node does not have (any more) count nothing.
bool have_room(wire::NodeFacts const& facts, GpuLoads const& loads, wire::GpuParts const& parts);
void take(wire::NodeFacts const& facts, GpuLoads& loads, wire::GpuParts const& parts);
void give_back(wire::NodeFacts const& facts, GpuLoads& loads, wire::GpuParts const& parts);

// The first of the parts' GPUs among the node's.
std::optional<std::size_t> first_gpu(wire::NodeFacts const& facts, wire::GpuParts const& parts);

}
