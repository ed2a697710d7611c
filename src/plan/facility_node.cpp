#include <plan/facility_plan.h>
#include <plan/power.h>

#include <algorithm>
#include <cctype>

namespace sidereal::plan {

namespace {

// Above it a card needs the connector of ATX 3.1.
constexpr double big_card_w = 450;
// Of cards that blow into the case, more than this many heat each other.
constexpr std::int64_t open_air_cards = 2;

bool is_card(Device const& device) { return device.slots.has_value(); }

double device_w(Device const& device)
{
    auto const system = device.watts.system_max ? device.watts.system_max : device.watts.psu;
    return device.unified_memory ? system.value_or(device.watts.tdp.value_or(150))
                                 : device.watts.tdp.value_or(150);
}

double dc_watts(FacilityNode const& node)
{
    double sum = node.other_w;
    for (auto const& device : node.devices)
        sum += device_w(device);
    return sum;
}

// Cards may draw twice their power for less than a millisecond.
double peak_watts(FacilityNode const& node)
{
    double sum = node.other_w;
    for (auto const& device : node.devices)
        sum += is_card(device) ? 2 * device_w(device) : device_w(device);
    return sum;
}

double slots_of(FacilityNode const& node)
{
    double sum = 0;
    for (auto const& device : node.devices)
        sum += node.water_cooled && device.slots_water_block ? *device.slots_water_block
                                                             : device.slots.value_or(0);
    return sum;
}

void check_slots(FacilityNode const& node, NodeLoad& load, Findings& findings)
{
    load.slots = slots_of(node);
    if (!node.chassis || load.slots <= node.chassis->usable_slots)
        return;
    auto with_blocks = node;
    with_blocks.water_cooled = true;
    auto const slim = slots_of(with_blocks);
    findings.push_back({ Severity::fault, node.name, "slots",
        fmt::format("its cards take {} slots, {} has {}{}", load.slots, node.chassis->id,
            node.chassis->usable_slots,
            slim <= node.chassis->usable_slots
                ? fmt::format("; with water blocks they take {}", slim)
                : "") });
}

void check_airflow(FacilityNode const& node, Findings& findings)
{
    std::int64_t open = 0;
    std::int64_t passive = 0;
    double card_w = 0;
    for (auto const& device : node.devices) {
        open += device.cooling == "open-air";
        passive += device.cooling == "passive";
        card_w += is_card(device) ? device_w(device) : 0;
    }
    if (node.water_cooled) {
        findings.push_back({ Severity::note, node.name, "airflow",
            fmt::format(
                "{:.0f} W of cards go into water: that is a radiator outside the case", card_w) });
        return;
    }
    if (open > open_air_cards)
        findings.push_back({ Severity::warning, node.name, "airflow",
            fmt::format("{} cards with open coolers blow into the case and heat each other: take "
                        "blowers or water blocks",
                open) });
    if (passive > 0)
        findings.push_back({ Severity::warning, node.name, "airflow",
            fmt::format("{} cards have no fans of their own: the chassis must push air through "
                        "them",
                passive) });
}

std::string lower(std::string text)
{
    std::transform(text.begin(), text.end(), text.begin(),
        [](unsigned char letter) { return static_cast<char>(std::tolower(letter)); });
    return text;
}

// The faults of two cards alike are one.
void report(Findings& findings, Finding finding)
{
    for (auto const& known : findings) {
        if (known.part == finding.part && known.rule == finding.rule && known.what == finding.what)
            return;
    }
    findings.push_back(std::move(finding));
}

void check_connector(
    FacilityNode const& node, Device const& device, Catalog const& catalog, Findings& findings)
{
    auto const own = device.power_connector ? lower(*device.power_connector) : "";
    auto const id = node.connector.empty() ? own : node.connector;
    auto const name = node.name + ": " + device.id;
    if (id.empty() && device_w(device) >= big_card_w)
        return report(findings,
            { Severity::warning, name, "connector",
                fmt::format("{:.0f} W need a 12V-2x6 connector (ATX 3.1); say which one it has",
                    device_w(device)) });
    auto const* connector = entry_of(catalog.connectors, id);
    if (!connector)
        return;
    if (id == "12vhpwr")
        report(findings,
            { Severity::warning, name, "connector",
                "12VHPWR gives power even when it is not fully seated: take 12V-2x6 (ATX 3.1) for "
                "new "
                "nodes" });
    auto const load = load_connector(*connector, device_w(device));
    if (!load.holds)
        report(findings,
            { Severity::fault, name, "connector",
                fmt::format("{:.0f} W through one {}, which carries {} W{}", load.watts,
                    connector->id, connector->max_w,
                    load.rating_a > 0
                        ? fmt::format(" ({:.2f} A a pin of {} A)", load.amps_per_pin, load.rating_a)
                        : "") });
}

void check_psus(FacilityNode const& node, NodeLoad& load, Findings& findings)
{
    auto const& psus = *node.psus;
    auto const at_work = psus.redundant ? 1 : psus.count;
    auto const rated_w = psus.rated_w * static_cast<double>(at_work);
    load.psu_load = load.dc_w / rated_w;
    // Redundant supplies share the load as long as all are well.
    load.efficiency = psu_efficiency(
        psus.type, load.dc_w / (psus.rated_w * static_cast<double>(psus.count)));
    auto const supplies = fmt::format(
        "{} x {} W{}", psus.count, psus.rated_w, psus.redundant ? ", any one alone" : "");
    if (*load.psu_load > 1)
        findings.push_back({ Severity::fault, node.name, "supply load",
            fmt::format("{:.0f} W from {}: {:.1f} %", load.dc_w, supplies, *load.psu_load * 100) });
    else if (*load.psu_load > psu_target_load)
        findings.push_back({ Severity::warning, node.name, "supply load",
            fmt::format("{:.0f} W from {}: {:.1f} %, above the {:.0f} % for loads that last",
                load.dc_w, supplies, *load.psu_load * 100, psu_target_load * 100) });
    auto const allowed = psus.takes_peaks ? psu_transient_load : 1;
    if (load.peak_w > rated_w * allowed)
        findings.push_back({ psus.takes_peaks ? Severity::fault : Severity::warning, node.name,
            "supply peaks",
            fmt::format("cards may draw twice their power for a moment: {:.0f} W from {}, which "
                        "takes {:.0f} W{}",
                load.peak_w, supplies, rated_w * allowed,
                psus.takes_peaks ? "" : "; supplies of ATX 3.1 take twice their rating") });
}

}

std::string_view to_string(Severity severity)
{
    switch (severity) {
    case Severity::fault: return "FAULT";
    case Severity::warning: return "WARNING";
    case Severity::note: break;
    }
    return "note";
}

NodeLoad check_node(FacilityNode const& node, Catalog const& catalog, Findings& findings)
{
    NodeLoad load;
    load.name = node.name;
    load.count = node.count;
    load.dc_w = dc_watts(node);
    load.peak_w = peak_watts(node);
    if (!node.devices.empty()) {
        check_slots(node, load, findings);
        check_airflow(node, findings);
        for (auto const& device : node.devices)
            check_connector(node, device, catalog, findings);
    }
    if (node.psus && !node.devices.empty())
        check_psus(node, load, findings);
    load.wall_w = node.wall_w.value_or(wall_watts({ load.dc_w, load.efficiency }));
    if (node.wall_w && node.devices.empty()) {
        load.dc_w = load.wall_w;
        load.peak_w = load.wall_w;
    }
    if (!node.psus && !node.wall_w)
        findings.push_back({ Severity::note, node.name, "supply load",
            "its power supplies are not described: the loss in them is not counted" });
    return load;
}

}
