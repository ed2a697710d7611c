#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

// Charts that a terminal can show, in plain characters.
namespace sidereal::cli {

struct ChartLine {
    char sign { '*' };
    std::vector<double> values;
};

// Lines over the same points, drawn `width` by `height`, with the values at the left and `from` and
// `to` below. Where lines cross, the later one is seen.
struct ChartFrame {
    std::size_t width { 64 };
    std::size_t height { 14 };
    std::string from;
    std::string to;
};
std::string draw_lines(std::vector<ChartLine> const& lines, ChartFrame const& frame);

// A bar between two values on a scale, with `|` where zero is.
struct BarScale {
    double low { 0 };
    double high { 0 };
    std::size_t width { 40 };
};
struct BarEnds {
    double from { 0 };
    double to { 0 };
};
std::string draw_bar(BarEnds const& ends, BarScale const& scale);

// "1,234,567.89"; none of it below a cent.
std::string in_usd(double usd);

}
