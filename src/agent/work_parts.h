#pragma once

#include <agent/effects.h>
#include <agent/log_watch.h>
#include <agent/prepared_job.h>
#include <agent/session.h>
#include <wire/protocol.h>

#include <compare>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

// What Work keeps of the jobs, the attempts and the sessions of its node.
namespace sidereal::agent {

using SessionNumber = std::uint64_t;

struct KnownJob {
    // Nothing: the source makes no job, and why.
    std::shared_ptr<PreparedJob const> job;
    std::string fault;
    std::shared_ptr<LogRules const> log_rules;
    // Queued or running attempts.
    std::size_t attempts { 0 };
    bool released { false };
};

struct Running {
    wire::Start order;
    SessionNumber session { 0 };
    // Of an epoch that is over; it occupies the node until its process is gone.
    bool is_void { false };
};

// What was last seen of a running action, and when it last showed a sign of life.
struct Vigil {
    ActionSample last;
    std::optional<Mono> sampled_at;
    Mono alive_at {};
    Mono told_at {};
    bool told_silent { false };
};

// Whose tasks a session can run: those of one step with the same GPUs.
struct SessionKey {
    JobId job;
    std::uint32_t step { 0 };
    std::vector<std::string> gpus;

    auto operator<=>(SessionKey const&) const = default;
};

struct Place {
    Session session;
    SessionKey key;
    // It has them to itself.
    bool has_whole_gpus { false };
    AttemptId attempt;
    std::optional<ActionId> action;
    std::optional<Mono> wake;
    std::optional<Mono> idle_since;
    // Of the running action.
    Vigil vigil;
};

}
