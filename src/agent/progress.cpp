#include <agent/progress.h>

#include <agent/agent.h>

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <cstdint>

namespace sidereal::agent {

namespace {

constexpr std::string_view directive_prefix = "openjd_";

struct Fraction {
    std::uint64_t done { 0 };
    std::uint64_t all { 0 };
};

std::optional<std::uint64_t> take_number(std::string_view& text)
{
    std::uint64_t number = 0;
    auto const [end, failure] = std::from_chars(text.data(), text.data() + text.size(), number);
    if (failure != std::errc {})
        return std::nullopt;
    text.remove_prefix(static_cast<std::size_t>(end - text.data()));
    return number;
}

bool take(std::string_view& text, std::string_view expected)
{
    if (!text.starts_with(expected))
        return false;
    text.remove_prefix(expected.size());
    return true;
}

// The "3<between>12" that follows the last `before` of the line.
std::optional<Fraction> fraction_after(
    std::string_view line, std::string_view before, std::string_view between)
{
    auto const at = line.rfind(before);
    if (at == std::string_view::npos)
        return std::nullopt;
    line.remove_prefix(at + before.size());
    auto const done = take_number(line);
    if (!done || !take(line, between))
        return std::nullopt;
    auto const all = take_number(line);
    if (!all || *all == 0)
        return std::nullopt;
    return Fraction { *done, *all };
}

ProgressLine progress(Fraction fraction, std::string message)
{
    auto const percent = 100.0 * static_cast<double>(fraction.done)
        / static_cast<double>(fraction.all);
    return { std::clamp(percent, 0.0, 100.0), std::move(message), false };
}

std::optional<ProgressLine> parse_blender(std::string_view line)
{
    auto rest = line.substr(4);
    auto const frame = take_number(rest);
    if (!frame)
        return std::nullopt;
    auto const said = [&](Fraction fraction, std::string_view what) {
        return progress(fraction,
            fmt::format("frame {}, {} {} of {}", *frame, what, fraction.done, fraction.all));
    };
    if (auto const tiles = fraction_after(line, "| Rendered ", "/"))
        return said(*tiles, "tile");
    if (auto const samples = fraction_after(line, "Sample ", "/"))
        return said(*samples, "sample");
    if (auto const samples = fraction_after(line, "Rendering ", " / "))
        return said(*samples, "sample");
    return std::nullopt;
}

char lower(char letter)
{
    return letter >= 'A' && letter <= 'Z' ? static_cast<char>(letter - 'A' + 'a') : letter;
}

}

std::optional<ProgressLine> parse_renderer_line(std::string_view line)
{
    if (line.starts_with("Fra:"))
        return parse_blender(line);
    if (!line.starts_with("Rendered "))
        return std::nullopt;
    auto const pixels = fraction_after(line, "Rendered ", " of ");
    if (!pixels || line.find(" pixels") == std::string_view::npos)
        return std::nullopt;
    return progress(*pixels, fmt::format("{} of {} pixels", pixels->done, pixels->all));
}

bool line_matters(std::string_view line)
{
    // In any case: a directive in capitals is a mistake that the mind must hear of.
    auto const matches = [](char wanted, char found) { return wanted == lower(found); };
    if (line.size() > directive_prefix.size()
        && std::equal(directive_prefix.begin(), directive_prefix.end(), line.begin(), matches))
        return true;
    return parse_renderer_line(line).has_value();
}

}
