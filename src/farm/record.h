#pragma once

#include <base/id.h>
#include <base/money.h>
#include <base/time.h>
#include <farm/scheduling.h>
#include <openjd/job.h>
#include <wire/protocol.h>

#include <cstdint>
#include <optional>
#include <string>
#include <variant>
#include <vector>

// The durable facts. The brain changes its state by applying a record and makes the same record
// durable; start-up applies what the store kept, in the same way.
namespace sidereal::farm {

struct JobRecord {
    JobId id;
    openjd::JobSource source;
    std::string project;
    std::string user;
    // Weighs within a tier, -100..100: see sched/queue.h.
    int priority { 0 };
    std::uint32_t max_retries { 2 };
    // More failed tasks than this pause the job.
    std::optional<std::uint64_t> max_failed_tasks;
    Wall submitted_at {};
    bool paused { false };
    std::string pause_reason;
    bool canceled { false };
    std::optional<Wall> ended_at;
    Scheduling scheduling;

    bool operator==(JobRecord const&) const = default;
};

enum class AttemptState : std::uint8_t {
    leased,
    ended,
};

// One run of a task on one node. Its id fences it: ids only grow, and a report counts only for an
// attempt that is live.
struct AttemptRecord {
    AttemptId id;
    JobId job;
    std::uint32_t step { 0 };
    std::uint64_t task { 0 };
    NodeId node;
    std::uint64_t node_epoch { 0 };
    Wall leased_at {};
    // What it takes of its node where the step leaves that open; 0: as the step says.
    double vcpus { 0 };
    double memory_mib { 0 };
    // By name, where the step asks for any.
    wire::GpuParts gpus {};
    // Run as one from `task` on: a chunk.
    std::uint64_t tasks { 1 };
    AttemptState state { AttemptState::leased };

    // Of an ended attempt only.
    Wall ended_at {};
    wire::Outcome outcome { wire::Outcome::failed };
    wire::Cause cause { wire::Cause::none };
    std::optional<int> exit_code;
    std::optional<int> signal;
    std::string message;
    std::string log_tail;
    wire::Usage usage;
    double energy_wh { 0 };
    Money cost;
    // With Cause::no_licence: the limit that it found no seat of.
    std::string limit;

    // Past its last task.
    std::uint64_t end() const { return task + tasks; }
    bool operator==(AttemptRecord const&) const = default;
};

// Whether an idle node sleeps, as far as the brain has had a hand in it.
struct NodePower {
    enum class State : std::uint8_t {
        awake,
        falling_asleep, // told to; it still answers
        asleep,
        waking, // told to; it does not answer yet
    };
    State state { State::awake };
    Wall since {};
    // From being told to its first call, as measured; 0: never measured.
    Duration wake_time {};
    // How often running it was told to wake and did not.
    std::uint32_t failed_wakes { 0 };

    bool operator==(NodePower const&) const = default;
};

struct NodeRecord {
    NodeId id;
    // The node's lasting identity, from its data folder.
    std::string key;
    wire::NodeFacts facts;
    // Counts the lives of its agent and the times it was given up as lost.
    std::uint64_t epoch { 0 };
    std::uint64_t agent_instance { 0 };
    bool draining { false };
    Wall first_seen {};
    // Its agent was stopped in order, and has not come back.
    bool stopped { false };
    NodePower power {};
    // What speaks against it up to here does not count any more (farm/blame.h).
    Wall forgiven_at {};

    bool operator==(NodeRecord const&) const = default;
};

// A person wants tasks run again, or passed over: what their attempts before `before` did no longer
// counts.
struct ResetRecord {
    JobId job;
    std::uint32_t step { 0 };
    std::uint64_t task { 0 };
    AttemptId before;
    // From `task` on.
    std::uint64_t tasks { 1 };
    bool skip { false };

    bool operator==(ResetRecord const&) const = default;
};

// The farm's rules from now on; the newest counts.
struct RulesRecord {
    std::uint64_t number { 0 };
    std::string text;
    std::string user;
    Wall applied_at {};

    bool operator==(RulesRecord const&) const = default;
};

using Record = std::variant<JobRecord, NodeRecord, AttemptRecord, ResetRecord, RulesRecord>;
using Records = std::vector<Record>;

}
