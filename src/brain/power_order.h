#pragma once

#include <base/id.h>
#include <sched/slumber.h>

#include <string>

namespace sidereal::brain {

// What a machine is to be told once the records are durable; a driver of its pool does it.
struct PowerOrder {
    NodeId node;
    std::string name;
    std::string pool;
    sched::PowerChange::Kind kind { sched::PowerChange::Kind::fall_asleep };

    bool operator==(PowerOrder const&) const = default;
};

}
