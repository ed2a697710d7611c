#include <cli/plan_chart.h>

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

namespace sidereal::cli {

namespace {

constexpr std::size_t label_width = 12;

std::string label(double value)
{
    auto const size = std::abs(value);
    if (size >= 1e9)
        return fmt::format("{:.4g}", value);
    return size >= 1000 ? fmt::format("{:.0f}", value) : fmt::format("{:.2f}", value);
}

std::size_t cell(double value, BarScale const& scale)
{
    auto const span = scale.high - scale.low;
    if (!(span > 0))
        return 0;
    auto const part = std::clamp((value - scale.low) / span, 0.0, 1.0);
    return static_cast<std::size_t>(std::lround(part * static_cast<double>(scale.width - 1)));
}

}

std::string draw_lines(std::vector<ChartLine> const& lines, ChartFrame const& frame)
{
    BarScale scale { 0, 0, frame.height };
    std::size_t points = 0;
    for (auto const& line : lines) {
        for (auto const value : line.values) {
            scale.low = std::min(scale.low, value);
            scale.high = std::max(scale.high, value);
        }
        points = std::max(points, line.values.size());
    }
    if (points == 0)
        return "";
    std::vector<std::string> rows(frame.height, std::string(frame.width, ' '));
    rows[frame.height - 1 - cell(0, scale)].assign(frame.width, '-');
    for (auto const& line : lines) {
        for (std::size_t x = 0; x < frame.width && !line.values.empty(); ++x) {
            auto const at = x * (line.values.size() - 1)
                / std::max<std::size_t>(1, frame.width - 1);
            rows[frame.height - 1 - cell(line.values[at], scale)][x] = line.sign;
        }
    }
    std::string out;
    for (std::size_t y = 0; y < rows.size(); ++y) {
        auto const value = scale.high
            - (scale.high - scale.low) * static_cast<double>(y)
                / static_cast<double>(frame.height - 1);
        auto const shown = y % 4 == 0 || y + 1 == rows.size() ? label(value) : "";
        out += fmt::format("{:>{}} |{}\n", shown, label_width, rows[y]);
    }
    auto const room = frame.width > frame.from.size() ? frame.width - frame.from.size() : 0;
    out += fmt::format("{:>{}}  {}{:>{}}\n", "", label_width, frame.from, frame.to, room);
    return out;
}

std::string draw_bar(BarEnds const& ends, BarScale const& scale)
{
    std::string bar(scale.width, ' ');
    auto const first = cell(std::min(ends.from, ends.to), scale);
    auto const last = cell(std::max(ends.from, ends.to), scale);
    std::fill(bar.begin() + static_cast<std::ptrdiff_t>(first),
        bar.begin() + static_cast<std::ptrdiff_t>(last) + 1, '#');
    if (scale.low < 0 && scale.high > 0)
        bar[cell(0, scale)] = '|';
    return bar;
}

std::string in_usd(double usd)
{
    auto text = fmt::format("{:.2f}", std::abs(usd));
    for (auto at = static_cast<std::ptrdiff_t>(text.size()) - 6; at > 0; at -= 3)
        text.insert(static_cast<std::size_t>(at), 1, ',');
    auto const is_negative = usd < 0 && text.find_first_not_of("0.,") != std::string::npos;
    return (is_negative ? "-" : "") + text;
}

}
