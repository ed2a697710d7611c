#pragma once

#include <farm/farm.h>
#include <sched/draft.h>
#include <sched/policy.h>

#include <optional>
#include <string>
#include <vector>

// Which nodes sleep while nobody needs them, and which are woken. Decided here, as data; somebody
// else tells the machines.
namespace sidereal::sched {

struct PowerChange {
    enum class Kind : std::uint8_t {
        fall_asleep,
        wake,
    };
    NodeId node;
    Kind kind { Kind::fall_asleep };
    // In words for people.
    std::string reason;

    bool operator==(PowerChange const&) const = default;
};

struct PowerPlan {
    std::vector<PowerChange> changes;
    // When it should be asked again though nothing has happened.
    std::optional<Wall> next;
};

// Of a farm on which all is placed that can be. A node sleeps after the rule's time without work,
// the thirstiest first, never one with work or a reservation, and never below the number that stays
// awake. One is woken if work that waits fits there and would start sooner than on what is awake or
// already waking, and if its circuit and room can bear it. Nodes that no rule names any more are
// woken, too. What does not wake is tried again after a pause that doubles.
PowerPlan plan_power(farm::Farm const& farm, Now now, Policy const& policy);

// From being told to being there: as measured, or as the rule says.
Duration wake_time(farm::Farm const& farm, farm::Node const& node);
// So long after it was told, a node that is not there has failed to wake.
Duration longest_wake(farm::Farm const& farm, farm::Node const& node);
// A node that is waking and has room for the step's next task; null: none is.
farm::Node const* waking_for(Draft const& draft, StepRef ref);

}
