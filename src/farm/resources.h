#pragma once

#include <openjd/job.h>
#include <wire/protocol.h>

#include <map>
#include <optional>
#include <string>
#include <vector>

namespace sidereal::farm {

// Counted capabilities by their OpenJD name without "amount.": worker.vcpu, worker.memory (MiB),
// worker.gpu, worker.gpu.memory (MiB), worker.disk.scratch (GiB), and custom ones.
using Amounts = std::map<std::string, double>;

constexpr char const* vcpu_amount = "worker.vcpu";

// What one task of a step takes from a node, and what it asks of the node's kind.
struct Demand {
    // Taken while the task runs. Always holds worker.vcpu, 1 unless the step says otherwise.
    Amounts reserved;
    // Compared only: the memory of the smallest GPU is a floor, not something used up.
    Amounts floors;
    std::vector<openjd::AttributeRequirement> attributes;

    double vcpus() const;
};

Demand demand_of(openjd::HostRequirements const& requirements);

// All that a node has, in the units of Amounts.
Amounts capacity_of(wire::NodeFacts const& facts);

// Why a node can never run such a task ("needs 64 worker.vcpu, the node has 8"); nothing if it can.
std::optional<std::string> misfit(
    Demand const& demand, wire::NodeFacts const& facts, Amounts const& capacity);

// The first amount that is short in what is free, or nothing if all fit.
std::optional<std::string> shortage(
    Amounts const& reserved, Amounts const& capacity, Amounts const& used);

void add(Amounts& used, Amounts const& reserved);
void subtract(Amounts& used, Amounts const& reserved);

}
