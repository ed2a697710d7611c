#pragma once

#include <farm/farm.h>

#include <cstdint>
#include <string>
#include <vector>

// Why work waits, from the rules that plan() goes by.
namespace sidereal::sched {

enum class WaitClass : std::uint8_t {
    paused,
    dependency,
    no_nodes,
    misfit,
    busy,
    next,
};

std::string_view to_string(WaitClass reason);

struct Waiting {
    std::uint32_t step { 0 };
    std::uint64_t tasks { 0 };
    WaitClass reason { WaitClass::next };
    // One sentence that names the lever.
    std::string text;

    bool operator==(Waiting const&) const = default;
};

// One row a step that has ready tasks.
std::vector<Waiting> why(farm::Farm const& farm, farm::Job const& job);

}
