#pragma once

#include <agent/agent.h>
#include <agent/outbox.h>
#include <base/note.h>
#include <base/result.h>
#include <base/time.h>
#include <wire/protocol.h>

#include <cstdint>
#include <map>
#include <optional>
#include <span>
#include <vector>

namespace sidereal::agent {

// What the agent does on a reply, once repeats and strays are sorted out.
struct Accepted {
    // All that is held is void.
    bool epoch_changed { false };
    std::span<wire::JobText const> jobs;
    // New ones, in order.
    std::span<wire::Order const> orders;
};

// The agent's side of the sync protocol: which calls are open, when to make the next one, what has
// been acknowledged in either direction. Each order is handed out once, each report is applied
// once, whatever the wire loses, repeats or reorders.
class Calls {
public:
    // What a call says about work, and whether it may wait for company.
    struct Pace {
        bool may_wait { false };
        bool work_is_over { false };
    };

    Calls(Config const& config, Outbox& outbox)
        : config_(config)
        , outbox_(outbox)
    {
    }

    void start(Mono now) { last_heard_ = now; }
    // The reply must outlive the answer.
    Accepted on_reply(
        std::uint64_t number, wire::SyncReply const& reply, Mono now, std::vector<Note>& notes);
    void on_failed(std::uint64_t number, Error const& error, Mono now, std::vector<Note>& notes);
    // Work is refused from now on; the last call says so.
    void leave() { leaving_ = true; }

    // Remembers since when a call is wanted; true: make one now.
    bool wants_call(Pace pace, Mono now);
    // Everything but `holding` and `jobs_known`.
    wire::SyncRequest compose(Pace pace, Mono now);
    // The brain knows that this agent leaves, or cannot be told.
    bool has_left(Pace pace, Mono now) const;
    std::optional<Mono> next_wake(Pace pace) const;

    // Whether the brain surely still counts on what is held: by its rule a node is given up when
    // this long has passed since its last call. What has not begun by then may run elsewhere.
    bool holds_lease(Mono now) const { return !lease_until_ || now < *lease_until_; }
    bool let_in() const { return epoch_ != 0; }
    Mono last_heard() const { return last_heard_; }

private:
    struct Open {
        std::uint64_t epoch { 0 };
        bool leaving { false };
        Mono sent_at {};
    };
    bool is_stray(Open const& call, std::uint64_t number, wire::SyncReply const& reply) const;
    bool blocked() const;
    bool says_farewell(Pace pace) const;
    bool has_news(Pace pace) const;
    std::optional<Mono> progress_due() const;
    void note_failure(Error const& error, std::vector<Note>& notes);

    Config const& config_;
    Outbox& outbox_;
    std::map<std::uint64_t, Open> open_;
    std::uint64_t last_number_ { 0 };
    // The newest call whose reply was taken.
    std::uint64_t last_answered_ { 0 };

    std::uint64_t epoch_ { 0 };
    std::uint64_t brain_instance_ { 0 };
    std::uint64_t orders_applied_ { 0 };

    Mono last_heard_ {};
    std::optional<Mono> lease_until_;
    unsigned failures_ { 0 };
    std::optional<Mono> retry_at_;
    std::string last_refusal_;

    // Since when there is something to call about.
    std::optional<Mono> wanted_since_;
    Mono last_call_at_ {};
    bool leaving_ { false };
    std::optional<Mono> leaving_since_;
    bool left_ { false };
};

}
