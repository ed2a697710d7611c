#pragma once

#include <farm/amounts.h>
#include <openjd/job.h>
#include <wire/node_facts.h>

#include <optional>
#include <string>
#include <vector>

namespace sidereal::farm {

// What one task of a step takes from a node, and what it asks of the node's kind.
struct Demand {
    // Taken while the task runs. vcpus are 1 unless the step says otherwise; memory is 0 if it says
    // nothing, and then goes by what its tasks were measured to need.
    Amounts reserved;
    // Compared only: what each of its GPUs has to have of memory.
    Amounts floors;
    std::vector<openjd::AttributeRequirement> attributes;

    // Farm-wide limits by name: amount.limit.NAME.
    std::vector<Amounts::Entry> limits;

    // In a sample of a farm a task may take only this part of what the real one would:
    // sched/sample.h.
    double width { 1 };

    double vcpus() const { return reserved.get(Amounts::Kind::vcpu); }
};

Demand demand_of(openjd::HostRequirements const& requirements);

// All that a node has, in the units of Amounts.
Amounts capacity_of(wire::NodeFacts const& facts);

bool attributes_fit(Demand const& demand, wire::NodeFacts const& facts);
// Why a node can never run such a task ("needs 64 worker.vcpu, the node has 8"); nothing if it can.
std::optional<std::string> misfit(
    Demand const& demand, wire::NodeFacts const& facts, Amounts const& capacity);

}
