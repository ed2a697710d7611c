#include <plan/power.h>
#include <plan/seed_checks.h>

#include <algorithm>
#include <array>

namespace sidereal::plan {

namespace {

// Board, memory, disks, pumps of the posts' node.
constexpr double rest_w = 150;
// At which 51,000 BTU/h of five nodes come out: a Platinum or Titanium supply under load.
constexpr double efficiency = 0.937;

Result<double> node_watts(SeedDesk const& desk)
{
    auto const* card = TRY(desk.device("rtx-5090"));
    auto const* chip = TRY(desk.device("threadripper-7960x"));
    return 4 * card->watts.tdp.value_or(0) + chip->watts.tdp.value_or(0) + rest_w;
}

Result<double> node_wall_watts(SeedDesk const& desk)
{
    auto const dc = TRY(node_watts(desk));
    return wall_watts({ dc, efficiency });
}

Result<SeedFinding> tower(SeedClaim const& claim, SeedDesk const& desk)
{
    auto const* card = TRY(desk.device("rtx-4090"));
    return by_number(claim, { 2 * card->watts.tdp.value_or(0) }, "W of two cards alone");
}

Result<SeedFinding> node_power(SeedClaim const& claim, SeedDesk const& desk)
{
    auto const watts = TRY(node_watts(desk));
    return by_number(claim, { watts }, "four 5090, a Threadripper and 150 W for the rest");
}

Result<SeedFinding> supplies(SeedClaim const& claim, SeedDesk const& desk)
{
    auto const watts = TRY(node_watts(desk));
    auto const rated = claim.values.empty() ? 0 : claim.values.front();
    return by_fact(watts <= rated, { watts / rated },
        fmt::format("share of their rating; above the {:.0f} % that lasting loads should keep to",
            100 * psu_target_load));
}

Result<SeedFinding> one_circuit(SeedClaim const&, SeedDesk const& desk)
{
    auto const wall = TRY(node_wall_watts(desk));
    auto low = false;
    auto high = false;
    for (auto const& circuit : desk.catalog().circuits) {
        auto const holds = wall <= continuous_watts(circuit);
        low = low || (circuit.volts < 200 && holds);
        high = high || (circuit.volts >= 200 && circuit.breaker_a <= 20 && holds);
    }
    return by_fact(!low && high, { amps({ wall, 120 }), amps({ wall, 240 }) },
        "A of one node on 120 and 240 V: no 120 V circuit carries it, 240 V with 20 A does");
}

Result<SeedFinding> heat(SeedClaim const& claim, SeedDesk const& desk)
{
    auto const wall = TRY(node_wall_watts(desk));
    return by_number(
        claim, { btu_per_h(5 * wall) }, fmt::format("5 x {:.0f} W at the wall x 3.412", wall));
}

Result<SeedFinding> cooling(SeedClaim const& claim, SeedDesk const& desk)
{
    auto const wall = TRY(node_wall_watts(desk));
    return by_number(claim, { plan::cooling_tons(5 * wall) }, "BTU/h / 12,000");
}

Result<Network const*> network(SeedDesk const& desk, std::string_view id)
{
    auto const* entry = entry_of(desk.catalog().networks, id);
    if (!entry)
        return fail(ErrorCode::not_found, "no network '{}' in the catalogue", id);
    return entry;
}

Result<StorageDevice const*> disk(SeedDesk const& desk)
{
    auto const* entry = entry_of(desk.catalog().storage, "nvme-seed");
    if (!entry)
        return fail(ErrorCode::not_found, "no storage 'nvme-seed' in the catalogue");
    return entry;
}

Result<SeedFinding> ten_gbe(SeedClaim const& claim, SeedDesk const& desk)
{
    auto const* net = TRY(network(desk, "10gbe"));
    return by_number(claim, { net->effective_mb_per_s },
        fmt::format("{:.0f} % of the line", net->effective_mb_per_s / net->line_gbit_per_s / 1.25));
}

Result<SeedFinding> nvme(SeedClaim const& claim, SeedDesk const& desk)
{
    auto const* entry = TRY(disk(desk));
    return by_number(claim, { entry->read_mb_per_s }, "the catalogue's disk");
}

Result<SeedFinding> twenty_five_gbe(SeedClaim const& claim, SeedDesk const& desk)
{
    auto const* net = TRY(network(desk, "25gbe-sfp28"));
    auto const* entry = TRY(disk(desk));
    auto const share = net->effective_mb_per_s / entry->read_mb_per_s;
    auto finding = by_number(claim, { net->effective_mb_per_s },
        fmt::format("MB/s, {:.0f} % of a disk's {:.0f}", 100 * share, entry->read_mb_per_s));
    // Comes near, and does not match.
    if (finding.verdict == ClaimVerdict::consistent && share < 0.95 && share > 0.7)
        finding.verdict = ClaimVerdict::approximate;
    return finding;
}

Result<SeedFinding> out_of_memory(SeedClaim const& claim, SeedDesk const& desk)
{
    auto const* card = TRY(desk.device("rtx-6000-ada"));
    // What PCIe 4.0 x16 really carries.
    constexpr double bus_gb_per_s = 26;
    constexpr double spilled = 0.25;
    auto const ratio = card->bandwidth_gb_per_s / bus_gb_per_s;
    auto const lost = 1 - 1 / ((1 - spilled) + spilled * ratio);
    auto const said = claim.values.empty() ? 0 : claim.values.front();
    return by_fact(lost > said - 0.01 && lost < said + 0.01, { lost },
        fmt::format("1 - 1 / (0.75 + 0.25 x {:.0f}): a quarter spilled over PCIe", ratio));
}

Result<SeedFinding> chassis(SeedClaim const& claim, SeedDesk const& desk)
{
    auto const* card = TRY(desk.device("rtx-5090"));
    auto const* box = entry_of(desk.catalog().chassis, "4u-std");
    if (!box)
        return fail(ErrorCode::not_found, "no chassis '4u-std' in the catalogue");
    auto const slots = 4 * card->slots.value_or(0);
    return by_fact(is_within(claim, slots) && slots > box->usable_slots, { slots },
        fmt::format("slots of four cards, {} there are", box->usable_slots));
}

Result<SeedFinding> connector(SeedClaim const& claim, SeedDesk const& desk)
{
    auto const* plug = entry_of(desk.catalog().connectors, "12v-2x6");
    auto const* card = TRY(desk.device("rtx-5090"));
    if (!plug)
        return fail(ErrorCode::not_found, "no connector '12v-2x6' in the catalogue");
    auto const load = load_connector(*plug, card->watts.tdp.value_or(0));
    auto finding = by_number(claim, { plug->max_w },
        fmt::format("W; a 5090 draws {:.2f} A a pin of {} A", load.amps_per_pin, load.rating_a));
    if (!load.holds || card->power_connector != "12V-2x6")
        finding.verdict = ClaimVerdict::inconsistent;
    return finding;
}

Result<SeedFinding> linux_faster(SeedClaim const& claim, SeedDesk const&)
{
    return by_judgement({ 1 / (1 + claim.min.value_or(0)), 1 / (1 + claim.max.value_or(0)) },
        "of the time a frame takes on Windows, if so");
}

Result<SeedFinding> driver_timeout(SeedClaim const& claim, SeedDesk const&)
{
    // TdrDelay as Windows sets it, and as its makers of renderers ask for.
    constexpr double windows_s = 2;
    constexpr double renderers_s = 60;
    return by_number(claim, { windows_s, renderers_s },
        "s a kernel may take: Windows' default, and what renderers' vendors recommend");
}

constexpr std::array checks {
    SeedCheck { "SC-050", tower },
    SeedCheck { "SC-068", node_power },
    SeedCheck { "SC-069", node_power },
    SeedCheck { "SC-070", supplies },
    SeedCheck { "SC-071", one_circuit },
    SeedCheck { "SC-072", heat },
    SeedCheck { "SC-073", cooling },
    SeedCheck { "SC-074", ten_gbe },
    SeedCheck { "SC-075", nvme },
    SeedCheck { "SC-076", twenty_five_gbe },
    SeedCheck { "SC-077", out_of_memory },
    SeedCheck { "SC-080", chassis },
    SeedCheck { "SC-083", connector },
    SeedCheck { "SC-085", linux_faster },
    SeedCheck { "SC-089", driver_timeout },
};

}

std::span<SeedCheck const> site_checks() { return checks; }

}
