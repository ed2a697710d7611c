#pragma once

#include <agent/progress.h>
#include <base/id.h>
#include <base/time.h>
#include <wire/protocol.h>

#include <cstddef>
#include <cstdint>
#include <deque>
#include <map>
#include <optional>
#include <string>
#include <vector>

namespace sidereal::agent {

// Reports on their way to the brain, numbered from 1 without gaps within an epoch. Each is repeated
// in every call until the brain says that it applied it. Progress gets its number only when it
// leaves, so that a newer figure replaces one that has not been sent.
class Outbox {
public:
    // Bound of one call; the rest goes with the next.
    static constexpr std::size_t max_reports = 2000;
    // One progress report per attempt in this time.
    static constexpr Duration progress_interval = std::chrono::seconds(1);

    void add(wire::Report report);
    void add_progress(AttemptId attempt, ProgressLine const& line);
    // For so long it has neither printed anything nor used a CPU; 0: it does again.
    void add_silence(AttemptId attempt, Duration silent);
    // The attempt is over: what is left of its progress does not matter any more.
    void drop_progress(AttemptId attempt) { progress_.erase(attempt); }

    // Moves due progress in, then fills the request's reports.
    void fill(wire::SyncRequest& request, Mono now);
    void acknowledge(std::uint64_t applied);
    // Nothing of what waits matters any more; numbering carries on.
    void clear();

    bool empty() const { return reports_.empty(); }
    bool has_unsent() const { return first_ + reports_.size() > first_unsent_; }
    // When the next waiting progress may leave.
    std::optional<Mono> progress_due() const;
    // Attempts with an end that is not acknowledged.
    void list_ended(std::vector<AttemptId>& attempts) const;

private:
    struct Latest {
        wire::Progress report;
        bool directive_seen { false };
        bool changed { false };
        std::optional<Mono> sent_at;

        Mono due() const { return sent_at ? *sent_at + progress_interval : Mono::min(); }
    };
    std::deque<wire::Report> reports_;
    std::uint64_t first_ { 1 };
    std::uint64_t first_unsent_ { 1 };
    std::map<AttemptId, Latest> progress_;
};

}
