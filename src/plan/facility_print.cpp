#include <plan/facility_plan.h>

#include <fmt/ranges.h>

#include <utility>

namespace sidereal::plan {

namespace {

// YAML's single quotes, in which only a quote itself is special.
std::string quoted(std::string_view text)
{
    std::string out = "'";
    for (auto const letter : text)
        out.append(letter == '\'' ? 2 : 1, letter);
    return out + '\'';
}

std::string quoted(std::vector<std::string> const& texts)
{
    std::vector<std::string> all;
    for (auto const& text : texts)
        all.push_back(quoted(text));
    return fmt::format("[{}]", fmt::join(all, ", "));
}

}

std::string facility_rules_yaml(Facility const& facility, FacilityPlan const& plan)
{
    std::string out;
    for (std::size_t i = 0; i < plan.circuits.size(); ++i) {
        if (i == 0)
            out += "circuits:\n";
        out += fmt::format("- {{name: {}, breaker_w: {:.0f}, nodes: {}}}\n",
            quoted(plan.circuits[i].name), plan.circuits[i].rated_w,
            quoted(facility.circuits[i].nodes));
    }
    if (plan.cooling_w)
        out += fmt::format("rooms:\n- {{name: {}, cooling_w: {:.0f}, nodes: ['*']}}\n",
            quoted(facility.room->name), *plan.cooling_w);
    // Nothing to say is a document, too.
    return out.empty() ? "{}\n" : out;
}

std::vector<Explained> explain_facility(Facility const& facility, FacilityPlan const& plan)
{
    std::vector<Explained> all;
    auto const add = [&](std::string name, double value, std::string unit, std::string formula,
                         std::string source) {
        all.push_back({ std::move(name), value, std::move(unit), std::move(formula),
            std::move(source), "high" });
    };
    for (std::size_t i = 0; i < plan.nodes.size(); ++i) {
        auto const& load = plan.nodes[i];
        std::vector<std::string> parts;
        for (auto const& device : facility.nodes[i].devices)
            parts.push_back(device.id);
        if (!parts.empty())
            add(load.name + ": DC", load.dc_w, "W",
                fmt::format(
                    "{} + {} W for the rest", fmt::join(parts, " + "), facility.nodes[i].other_w),
                "the devices' rated power (catalogue)");
        add(load.name + ": at the wall", load.wall_w, "W",
            facility.nodes[i].wall_w
                ? "as measured"
                : fmt::format("{:.0f} W / efficiency {:.4g}", load.dc_w, load.efficiency),
            facility.nodes[i].wall_w     ? "the file, or the node's own settings"
                : facility.nodes[i].psus ? "80 PLUS points of " + facility.nodes[i].psus->type.name
                                         : "no loss: supplies are not described");
    }
    add("heat", plan.btu_per_h, "BTU/h", fmt::format("{:.0f} W x 3.412142", plan.wall_w),
        "definition of the BTU");
    add("cooling", plan.cooling_tons, "tons", "BTU/h / 12,000", "definition of the ton");
    add("air", plan.airflow_cfm, "CFM",
        fmt::format("BTU/h / (1.08 x {} F)", facility.room ? facility.room->rise_f : 20),
        "heat of air at sea level");
    for (auto const& circuit : plan.circuits)
        add(circuit.name, circuit.continuous_w, "W for hours",
            fmt::format("{} V x {:.4g} A x 0.8; {:.0f} W are drawn", circuit.volts,
                circuit.rated_w / circuit.volts, circuit.wall_w),
            "NEC 210.20");
    return all;
}

}
