#pragma once

#include <farm/farm.h>

#include <cstddef>
#include <cstdint>

// What a draft of the farm is made of.
namespace sidereal::sched {

// A node while the plan grows.
struct Room {
    farm::Node const* node { nullptr };
    farm::Amounts used;
    farm::GpuLoads gpus {};
    std::size_t queued { 0 };
    // How often the plan changed it.
    std::uint32_t changes { 0 };
    // What the plan has put there.
    std::uint32_t placed { 0 };
    // Kept for this step from then on; others may use it until then.
    farm::Step const* kept_for { nullptr };
    Duration kept_from {};

    double vcpus() const { return node->record.facts.vcpus; }
    double vcpus_used() const { return used.get(farm::Amounts::Kind::vcpu); }
    bool has_space() const { return queued == 0 && node->leaves_space(used); }
    bool has_gpus() const { return !gpus.empty(); }
    // Of an attempt that is gone.
    void give_back(farm::Amounts const& amounts, wire::GpuParts const& parts);
};

// A step's place in the farm; valid as long as the farm.
struct StepRef {
    farm::Job const* job { nullptr };
    std::uint32_t index { 0 };

    farm::Step const& step() const { return job->steps[index]; }
};

}
