#pragma once

#include <base/time.h>
#include <farm/farm.h>

#include <cstdint>
#include <optional>
#include <vector>

namespace sidereal::api {

struct Eta {
    // Nothing: no step that has work left has a measured task yet, or no node could take it.
    std::optional<Duration> left;
    // Steps with work left that the estimate leaves out, since none of their tasks has ended.
    std::vector<std::uint32_t> unmeasured;
};

// How long the job would still take if it had all nodes that are present to itself: for each step
// the mean run time of its tasks, spread over as many places as the nodes' vcpus give.
Eta estimate(farm::Farm const& farm, farm::Job const& job);

}
