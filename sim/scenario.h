#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace sidereal::sim {

// What came out of a scenario: one measured figure beside its bound, and whether it holds.
struct Finding {
    bool holds { false };
    std::string measured;
    std::string bound;
};

// A situation that a scheduler must get right, by the name under which farm people know it
// (OpenCue's acceptance catalogue and our own).
struct Scenario {
    std::string_view name;
    std::string_view asks;
    Finding (*run)(std::uint64_t seed);
};

std::vector<Scenario> scenarios();
std::optional<Scenario> find_scenario(std::string_view name);

}
