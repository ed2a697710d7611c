#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace sidereal::openjd {

// What a running action says on its standard output.
struct Directive {
    enum class Kind : std::uint8_t {
        progress,
        status,
        fail,
        set_env,
        unset_env,
        // An environment directive that cannot be read: the action is cancelled and fails.
        malformed,
    };
    Kind kind { Kind::status };
    double percent { 0 };
    std::string name;
    // Text of status and fail, value of set_env, the reason of malformed.
    std::string text;
    // The value must not be shown, from this line on and on this line.
    bool redact { false };

    bool operator==(Directive const&) const = default;
};

// Reads one line without its line end; nothing if it is ordinary output.
std::optional<Directive> parse_directive(std::string_view line);

}
