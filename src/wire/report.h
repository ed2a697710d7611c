#pragma once

#include <base/id.h>
#include <base/time.h>

#include <cstdint>
#include <optional>
#include <string>
#include <variant>

// What an agent tells the brain.
namespace sidereal::wire {

enum class Outcome : std::uint8_t {
    succeeded,
    failed,
    canceled,
};

// Why an attempt did not succeed; decides whether it uses up one of the task's retries.
enum class Cause : std::uint8_t {
    none,
    task_error,
    environment_error,
    timed_out,
    not_started,
    canceled,
    lost_node,
    interrupted,
    // Killed for want of memory, by the kernel or by the node's limit.
    out_of_memory,
    // It found no seat of a licence that it needs.
    no_licence,
    // Stopped by the farm to make room for more urgent work.
    preempted,
    // A GPU had too little memory for it.
    out_of_vram,
    // What the log says lies with the node: a disk that is full, a mount that is gone.
    node_fault,
    // Running it again cannot help.
    fatal,
};

struct Usage {
    Duration run_time {};
    Duration cpu_time {};
    std::uint64_t max_rss_bytes { 0 };
    // Of the run time, what entering the session's environments took; 0 in a session that was open.
    Duration enter_time {};
    // The highest that was seen on any one GPU; 0: not measured.
    std::uint64_t max_vram_bytes { 0 };

    bool operator==(Usage const&) const = default;
};

struct Started {
    AttemptId attempt;

    bool operator==(Started const&) const = default;
};

struct Progress {
    AttemptId attempt;
    double percent { 0 };
    std::string message;
    // For how long it has neither printed anything nor used a CPU, where that is long.
    Duration silent {};

    bool operator==(Progress const&) const = default;
};

struct Ended {
    AttemptId attempt;
    Outcome outcome { Outcome::failed };
    Cause cause { Cause::none };
    std::optional<int> exit_code;
    std::optional<int> signal;
    // One sentence for a person; empty on success.
    std::string message;
    // The last lines of output of an attempt that did not succeed, at most 4 KiB.
    std::string log_tail;
    Usage usage;
    // With Cause::no_licence: the limit that it found no seat of, if the log said so.
    std::string limit {};

    bool operator==(Ended const&) const = default;
};

// Part of an attempt's log, asked for by ReadLog.
struct LogChunk {
    std::uint64_t request { 0 };
    std::uint64_t offset { 0 };
    std::uint64_t log_size { 0 };
    bool attempt_ended { false };
    std::string data;
    // Not empty: the log cannot be read, and why.
    std::string failure;

    bool operator==(LogChunk const&) const = default;
};

using Report = std::variant<Started, Progress, Ended, LogChunk>;

}
