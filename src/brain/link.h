#pragma once

#include <base/id.h>
#include <base/time.h>
#include <wire/order.h>

#include <cstdint>
#include <deque>
#include <map>
#include <optional>
#include <set>

namespace sidereal::brain {

// Somebody who waits for an answer; the shell gives them out and knows who it is.
using Ticket = Id<struct TicketTag>;

// What the brain knows of one agent life beyond the farm's facts; not durable.
struct Link {
    std::uint64_t agent_instance { 0 };
    // False until a sync told for certain what the agent holds, and whose texts it keeps.
    bool reconciled { false };
    bool texts_checked { false };
    std::uint64_t last_number { 0 };
    std::uint64_t reports_applied { 0 };
    struct Held {
        Ticket ticket;
        std::uint64_t number { 0 };
        Mono until;
    };
    // Waits for news.
    std::optional<Held> held;
    // Is answered at the end of the turn, with whatever there is by then.
    std::optional<Held> due;
    struct Outgoing {
        wire::Order order;
        // The number of the sync whose answer carried it; 0: not sent yet.
        std::uint64_t sent_in { 0 };
    };
    // Orders that the agent has not said it applied; the first has the number first_order.
    std::deque<Outgoing> orders;
    std::uint64_t first_order { 1 };
    // The call that is being answered has settled all answers up to here.
    std::uint64_t settled { 0 };
    // Jobs whose text the agent said it has, and was not told to forget.
    std::set<JobId> jobs_known;
    // wire::LogRuleSet::print of what it goes by, if it looks for any.
    std::optional<std::uint64_t> log_rules;
    // Jobs whose ReleaseJob, the order of that number, the agent has not said it applied.
    std::map<JobId, std::uint64_t> released;
};

}
