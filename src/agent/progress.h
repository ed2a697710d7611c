#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace sidereal::agent {

// How far a task is, as its output tells it.
struct ProgressLine {
    std::optional<double> percent;
    std::optional<std::string> message;
    // Said by an openjd_ directive: the script knows better than what its renderer prints.
    bool directive { false };

    bool operator==(ProgressLine const&) const = default;
};

// Reads the status lines of Blender (Cycles samples and tiles, Eevee) and POV-Ray; nothing if the
// line is none of them.
std::optional<ProgressLine> parse_renderer_line(std::string_view line);

}
