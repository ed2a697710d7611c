#pragma once

#include <base/id.h>
#include <wire/node_facts.h>

#include <cstdint>
#include <string>
#include <variant>

// What the brain tells an agent.
namespace sidereal::wire {

struct Start {
    AttemptId attempt;
    JobId job;
    std::uint32_t step { 0 };
    std::uint64_t task { 0 };
    // What the attempt occupies of NodeFacts::vcpus while it runs.
    double vcpus { 1 };
    // And of its memory; 0: not counted.
    double memory_mib { 0 };
    // The GPUs that it sees; it sees no others.
    GpuParts gpus {};
    // Run as one from `task` on: a chunk.
    std::uint64_t tasks { 1 };

    bool operator==(Start const&) const = default;
};

struct Cancel {
    AttemptId attempt;
    std::string reason;

    bool operator==(Cancel const&) const = default;
};

// The job has ended: leave its sessions and forget its text.
struct ReleaseJob {
    JobId job;

    bool operator==(ReleaseJob const&) const = default;
};

struct ReadLog {
    std::uint64_t request { 0 };
    JobId job;
    AttemptId attempt;
    std::uint64_t offset { 0 };
    std::uint64_t max_bytes { 0 };

    bool operator==(ReadLog const&) const = default;
};

using Order = std::variant<Start, Cancel, ReleaseJob, ReadLog>;

}
