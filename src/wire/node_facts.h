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

    bool operator==(Rate const&) const = default;
};

struct Gpu {
    std::string uuid;
    std::string name;
    std::uint64_t memory_bytes { 0 };

    bool operator==(Gpu const&) const = default;
};

struct NodeFacts {
    std::string name;
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
