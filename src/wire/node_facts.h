#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

namespace sidereal::wire {

// What an hour of a node costs, as its owner configured it.
struct Rate {
    double idle_w { 0 };
    double busy_w { 0 };
    double usd_per_kwh { 0 };
    double usd_per_h { 0 };
    // While it is asleep and waits to be woken.
    double standby_w { 0 };

    bool operator==(Rate const&) const = default;
};

struct Gpu {
    std::string uuid;
    std::string name;
    std::uint64_t memory_bytes { 0 };

    bool operator==(Gpu const&) const = default;
};

// What an attempt has of a GPU.
struct GpuPart {
    std::string uuid;
    // The memory that it may use, and what part of the GPU that is; 1: it has the GPU to itself.
    double memory_mib { 0 };
    double part { 1 };

    bool operator==(GpuPart const&) const = default;
};
using GpuParts = std::vector<GpuPart>;

struct NodeFacts {
    std::string name;
    // The set of nodes that it belongs to.
    std::string pool { "local" };
    std::string os_family;
    std::string cpu_arch;
    // How many virtual CPUs the farm may use on this node.
    double vcpus { 1 };
    std::uint64_t memory_bytes { 0 };
    std::uint64_t scratch_bytes { 0 };
    std::vector<Gpu> gpus;
    std::map<std::string, double> amounts;
    std::map<std::string, std::vector<std::string>> attributes;
    Rate rate;

    bool operator==(NodeFacts const&) const = default;
};

}
