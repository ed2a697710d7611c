#pragma once

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

namespace sidereal {

// Something a mind wants logged. It is an effect like any other, so tests can read it and the World
// stays deterministic. Error: a person must act; warning: degraded; info: a change of state.
struct Note {
    enum class Level : std::uint8_t {
        debug,
        info,
        warning,
        error,
    };
    Level level { Level::info };
    std::string event;
    std::vector<std::pair<std::string, std::string>> fields;

    bool operator==(Note const&) const = default;
};

}
