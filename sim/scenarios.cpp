#include <sim/scenario_list.h>

#include <fmt/format.h>

#include <algorithm>

namespace sidereal::sim {

void add_nodes(Stage& stage, int count, NodeShape const& shape)
{
    for (int i = 0; i < count; ++i)
        stage.add_node(shape);
}

Finding within(double measured, Bound const& bound, std::string_view what)
{
    return { measured >= bound.least && measured <= bound.most,
        fmt::format("{} {:.3g}", what, measured),
        fmt::format("{:.3g} to {:.3g}", bound.least, bound.most) };
}

std::vector<Scenario> scenarios()
{
    std::vector<Scenario> all;
    for (auto const& theme : { shares_scenarios(), limits_scenarios(), placement_scenarios(),
             resources_scenarios(), failures_scenarios(), foresight_scenarios() })
        all.insert(all.end(), theme.begin(), theme.end());
    return all;
}

std::optional<Scenario> find_scenario(std::string_view name)
{
    auto const all = scenarios();
    auto const found = std::find_if(
        all.begin(), all.end(), [&](Scenario const& scenario) { return scenario.name == name; });
    return found == all.end() ? std::nullopt : std::optional(*found);
}

}
