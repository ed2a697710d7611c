#pragma once

#include <base/id.h>
#include <base/time.h>

#include <cstddef>
#include <cstdint>
#include <optional>
#include <set>
#include <string>

namespace sidereal::app {

struct LogLimits {
    Duration max_age { std::chrono::days(30) };
    std::uint64_t max_bytes { 10ULL << 30 };
};

// Removes a node's logs ("JOB/ATTEMPT.log" and those of sessions' exits) when they are too old, or
// when they are the oldest of too many. Owned by the agent's host; blocking, loop thread.
class LogKeeper {
public:
    LogKeeper(std::string folder, LogLimits limits);

    struct Pruned {
        std::size_t files { 0 };
        std::uint64_t bytes { 0 };
        // The first log that could not be removed, and why.
        std::string failure;
    };
    // Logs of live attempts are not touched, whatever the limits say.
    Pruned prune(std::set<AttemptId> const& live, Wall now);

    // What to tell whoever asks for an ended attempt's log that is not there; nothing where none
    // can have been removed, so that the attempt has printed nothing.
    std::optional<std::string> why_gone(AttemptId attempt) const;

private:
    std::string folder_;
    LogLimits limits_;
    // The newest attempt that lost its log, also in earlier lives.
    AttemptId newest_gone_ {};
};

}
