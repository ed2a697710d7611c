#pragma once

#include <base/time.h>

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

// The farm's rules about electricity: what it may draw, and which nodes sleep.
namespace sidereal::farm {

// Nodes that share a fuse or a room; their load, in watts as configured per node, stays below it.
struct PowerRule {
    enum class Kind : std::uint8_t {
        circuit,
        room,
    };
    Kind kind { Kind::circuit };
    std::string name;
    // A breaker's rating (80 % of it is used for continuous load, NEC 210.20) or a room's cooling.
    double rated_w { 0 };
    std::vector<std::string> nodes;

    static constexpr double continuous_part = 0.8;
    double usable_w() const { return kind == Kind::circuit ? rated_w * continuous_part : rated_w; }
    bool operator==(PowerRule const&) const = default;
};

// Nodes that have nothing to do sleep until there is work for them.
struct SleepRule {
    // So long without work.
    Duration after { std::chrono::minutes(15) };
    // Of the nodes named, so many stay awake.
    std::uint64_t keep_awake { 1 };
    // From being told to wake to being there, for nodes of which it was never measured.
    Duration wake { std::chrono::seconds(90) };
    std::vector<std::string> nodes;

    bool operator==(SleepRule const&) const = default;
    bool applies_to(std::string_view node) const;
};

}
