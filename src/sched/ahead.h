#pragma once

#include <sched/draft.h>
#include <sched/policy.h>
#include <sched/queue.h>

#include <cstddef>
#include <optional>
#include <vector>

namespace sidereal::sched {

// A node holds more of what it runs ahead of its turn if that is short, so that it need not wait
// for the brain's answer between two tasks. What stands there starts before anything that a later
// plan would place, so nobody may be kept out by it.
class Ahead {
public:
    // A plan's draft, after what has room was placed.
    Ahead(Draft const& draft, Policy const& policy);
    ~Ahead();
    Ahead(Ahead const&) = delete;
    Ahead& operator=(Ahead const&) = delete;

    // Whether any waiting step is one whose tasks go ahead.
    bool wanted() const;
    // What the node runs and more of which may stand ahead there, and how many tasks of it in all.
    struct More {
        StepRef ref;
        std::size_t most { 0 };
    };
    std::optional<More> more_for(Room const& room) const;

private:
    bool is_short(farm::Step const& step) const;
    std::size_t most_of(Room const& room, StepRef ref) const;
    bool keeps_somebody_out(farm::Job const& job, Room const& room) const;

    Draft const& draft_;
    Policy const& policy_;
    std::optional<Queue> queue_;
    // What waits of those whose turn comes first; at most a few.
    std::vector<StepRef> first_;
};

}
