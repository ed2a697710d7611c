#include <farm/document_fields.h>

#include <algorithm>

namespace sidereal::farm {

namespace {

constexpr openjd::TextRule name_rule { 1, 128, openjd::TextRule::Controls::refused };
constexpr std::size_t most_names = 10'000;
constexpr double most_seconds = 366.0 * 86'400;

}

void read_count(
    openjd::Fields const& fields, std::string_view name, std::optional<std::uint64_t>& target)
{
    auto const place = fields.get(name);
    auto const count = place ? openjd::read_int(*place, 1, std::int64_t { 1 } << 53) : std::nullopt;
    if (count)
        target = static_cast<std::uint64_t>(*count);
}

void read_amount(openjd::Fields const& fields, std::string_view name, double& target)
{
    auto const place = fields.get(name);
    if (!place)
        return;
    auto const value = place->node().as_float();
    if (value && *value > 0)
        target = *value;
    else
        place->expected("a number above 0");
}

void read_amount(openjd::Fields const& fields, std::string_view name, std::optional<double>& target)
{
    double value = 0;
    read_amount(fields, name, value);
    if (value > 0)
        target = value;
}

void read_seconds(openjd::Fields const& fields, std::string_view name, Duration& target)
{
    std::optional<double> seconds;
    read_amount(fields, name, seconds);
    if (seconds)
        target = from_seconds(std::min(*seconds, most_seconds));
}

void read_seconds(
    openjd::Fields const& fields, std::string_view name, std::optional<Duration>& target)
{
    Duration time {};
    read_seconds(fields, name, time);
    if (time > Duration {})
        target = time;
}

void read_flag(openjd::Fields const& fields, std::string_view name, bool& target)
{
    auto const place = fields.get(name);
    if (auto const truth = place ? openjd::read_bool(*place) : std::nullopt)
        target = *truth;
}

std::string read_name(openjd::Fields const& fields, std::string_view name)
{
    auto const place = fields.need(name);
    return place ? openjd::read_text(*place, name_rule).value_or("") : "";
}

std::vector<std::string> read_names(openjd::Fields const& fields, std::string_view name)
{
    std::vector<std::string> names;
    auto const place = fields.get(name);
    if (!place)
        return names;
    for (auto const& item : openjd::read_list(*place, { 1, most_names })) {
        if (auto text = openjd::read_text(item, name_rule))
            names.push_back(std::move(*text));
    }
    return names;
}

}
