#include <plan/facility_plan.h>

#include <plan/power.h>

#include <algorithm>
#include <functional>
#include <set>
#include <utility>

namespace sidereal::plan {

namespace {

// Of a unit's power, what cools and does not dry the air.
constexpr double sensible_crac = 0.95;
constexpr double sensible_comfort = 0.7;
constexpr double ups_target_load = 0.8;
constexpr double inverter_efficiency = 0.9;
constexpr double phase_imbalance = 0.1;
// Of local flash, below which a network is what one waits for.
constexpr double network_share = 0.7;
constexpr double supply_volts_tolerance = 0.15;

// With * for any number of characters.
bool name_matches(std::string_view pattern, std::string_view name)
{
    std::size_t p = 0;
    std::size_t n = 0;
    auto star = std::string_view::npos;
    std::size_t behind_star = 0;
    while (n < name.size()) {
        if (p < pattern.size() && pattern[p] == '*') {
            star = p++;
            behind_star = n;
        } else if (p < pattern.size() && pattern[p] == name[n]) {
            ++p;
            ++n;
        } else if (star != std::string_view::npos) {
            p = star + 1;
            n = ++behind_star;
        } else {
            return false;
        }
    }
    return pattern.find_first_not_of('*', p) == std::string_view::npos;
}

std::vector<CircuitLoad> empty_circuits(Facility const& facility)
{
    std::vector<CircuitLoad> circuits;
    for (auto const& circuit : facility.circuits) {
        CircuitLoad load;
        load.name = circuit.name;
        load.phase = circuit.phase;
        load.volts = circuit.type.volts;
        load.rated_w = circuit.type.volts * circuit.type.breaker_a;
        load.continuous_w = continuous_watts(circuit.type);
        circuits.push_back(std::move(load));
    }
    return circuits;
}

class Wiring {
public:
    Wiring(Facility const& facility, FacilityPlan& plan)
        : facility_(facility)
        , plan_(plan)
    {
        plan_.circuits = empty_circuits(facility);
    }

    void connect(FacilityNode const& node, NodeLoad const& load)
    {
        for (std::int64_t i = 0; i < node.count; ++i)
            connect(node, load, name_of(node, i));
    }

    void check()
    {
        for (auto& circuit : plan_.circuits) {
            circuit.amps = amps({ circuit.wall_w, circuit.volts });
            if (circuit.nodes > 0 && !circuit.holds())
                find(Severity::fault, circuit.name, "80 % of a breaker",
                    fmt::format("{:.0f} W ({:.1f} A at {} V) for hours from {} node{}; it carries "
                                "{:.0f} W, 80 % of {:.0f} W",
                        circuit.wall_w, circuit.amps, circuit.volts, circuit.nodes,
                        circuit.nodes == 1 ? "" : "s", circuit.continuous_w, circuit.rated_w));
            if (!circuit.phase.empty())
                plan_.phase_amps[circuit.phase] += circuit.amps;
        }
        check_phases();
        check_names();
        if (unwired_ > 0 && !facility_.circuits.empty())
            find(Severity::warning, first_unwired_, "circuit",
                unwired_ == 1 ? "it hangs on no circuit"
                              : fmt::format("it and {} more hang on no circuit", unwired_ - 1));
    }

private:
    void find(Severity severity, std::string part, std::string rule, std::string what)
    {
        plan_.findings.push_back({ severity, std::move(part), std::move(rule), std::move(what) });
    }

    // Notes which of the circuit's names the node answers to.
    bool hangs_on(std::size_t circuit, std::string_view name)
    {
        auto const& patterns = facility_.circuits[circuit].nodes;
        auto is_found = false;
        for (std::size_t i = 0; i < patterns.size(); ++i) {
            if (!name_matches(patterns[i], name))
                continue;
            is_found = true;
            named_.insert({ circuit, i });
        }
        return is_found;
    }

    void check_names()
    {
        for (std::size_t i = 0; i < facility_.circuits.size(); ++i) {
            auto const& circuit = facility_.circuits[i];
            for (std::size_t k = 0; k < circuit.nodes.size(); ++k) {
                if (!named_.contains({ i, k }))
                    find(Severity::warning, circuit.name, "circuit",
                        fmt::format("no node is called '{}'", circuit.nodes[k]));
            }
        }
    }

    void connect(FacilityNode const& node, NodeLoad const& load, std::string const& name)
    {
        std::vector<std::size_t> found;
        for (std::size_t i = 0; i < plan_.circuits.size(); ++i) {
            if (hangs_on(i, name))
                found.push_back(i);
        }
        if (found.empty()) {
            if (unwired_++ == 0)
                first_unwired_ = name;
            return;
        }
        auto const redundant = node.psus && node.psus->redundant;
        if (found.size() > 1 && !redundant)
            find(Severity::fault, name, "common ground",
                fmt::format("its supplies hang on {} circuits ({}, {}): both belong on one, or a "
                            "ground loop runs through the cards",
                    found.size(), plan_.circuits[found[0]].name, plan_.circuits[found[1]].name));
        if (found.size() == 1 && redundant)
            find(Severity::note, name, "redundant supplies",
                "all of them hang on one circuit: when it trips, the node stops");
        // Of two feeds each must carry everything, since the other may fail.
        auto const part = redundant ? 1.0 : 1.0 / static_cast<double>(found.size());
        for (auto const i : found) {
            plan_.circuits[i].wall_w += load.wall_w * part;
            ++plan_.circuits[i].nodes;
            check_volts(node, facility_.circuits[i].type);
        }
    }

    void check_volts(FacilityNode const& node, Circuit const& circuit)
    {
        if (!node.psus || warned_ == &node)
            return;
        auto const certified = node.psus->type.mains_volts;
        if (circuit.volts >= certified * (1 - supply_volts_tolerance))
            return;
        warned_ = &node;
        find(Severity::warning, node.name, "supply voltage",
            fmt::format("its efficiency is that at {} V; at {} V it is less, and large supplies "
                        "give less than their rating",
                certified, circuit.volts));
    }

    void check_phases()
    {
        if (plan_.phase_amps.size() < 2)
            return;
        double sum = 0;
        for (auto const& [phase, current] : plan_.phase_amps)
            sum += current;
        auto const mean = sum / static_cast<double>(plan_.phase_amps.size());
        for (auto const& [phase, current] : plan_.phase_amps) {
            if (current > mean * (1 + phase_imbalance))
                find(Severity::warning, "phase " + phase, "phase balance",
                    fmt::format("{:.1f} A against {:.1f} A on average: move nodes to another phase",
                        current, mean));
        }
    }

    Facility const& facility_;
    FacilityPlan& plan_;
    // Circuits and which of the names they list belong to a node.
    std::set<std::pair<std::size_t, std::size_t>> named_;
    std::int64_t unwired_ { 0 };
    std::string first_unwired_;
    FacilityNode const* warned_ { nullptr };
};

// First fit of the falling loads: never more than 11/9 of the fewest and one.
std::int64_t circuits_needed(std::vector<NodeLoad> const& nodes, double continuous_w)
{
    std::vector<std::pair<double, std::int64_t>> loads;
    for (auto const& node : nodes)
        loads.emplace_back(node.wall_w, node.count);
    std::sort(loads.begin(), loads.end(), std::greater<>());
    if (loads.empty() || loads.front().first > continuous_w)
        return 0;
    std::vector<double> left;
    for (auto const& [watts, count] : loads) {
        std::size_t first = 0;
        for (std::int64_t i = 0; i < count; ++i) {
            // Where one of them found no room, the next finds none.
            while (first < left.size() && left[first] < watts)
                ++first;
            if (first == left.size())
                left.push_back(continuous_w);
            left[first] -= watts;
        }
    }
    return static_cast<std::int64_t>(left.size());
}

void check_room(Facility const& facility, FacilityPlan& plan)
{
    plan.btu_per_h = btu_per_h(plan.wall_w);
    plan.cooling_tons = cooling_tons(plan.wall_w);
    plan.airflow_cfm = airflow_cfm({ plan.wall_w, facility.room ? facility.room->rise_f : 20 });
    if (!facility.room)
        return;
    auto const& room = *facility.room;
    auto const sensible = room.computer_room_unit ? sensible_crac : sensible_comfort;
    auto const unit_w = room.cooling_w * sensible;
    plan.cooling_w = unit_w * static_cast<double>(room.units);
    auto const find = [&](Severity severity, std::string rule, std::string what) {
        plan.findings.push_back({ severity, room.name, std::move(rule), std::move(what) });
    };
    if (plan.wall_w > *plan.cooling_w)
        find(Severity::fault, "cooling",
            fmt::format("{:.0f} W of heat, {} x {:.0f} W of cooling at a sensible ratio of {} take "
                        "away {:.0f} W",
                plan.wall_w, room.units, room.cooling_w, sensible, *plan.cooling_w));
    else if (plan.wall_w > *plan.cooling_w - unit_w)
        find(Severity::warning, "cooling N+1",
            fmt::format("when one of {} units fails, {:.0f} W are left for {:.0f} W of heat",
                room.units, *plan.cooling_w - unit_w, plan.wall_w));
    if (!room.computer_room_unit)
        find(Severity::warning, "cooling duty",
            "comfort air conditioning is not made to run all the time and dries the air: take "
            "computer room units");
}

void check_ups(Facility const& facility, FacilityPlan& plan)
{
    if (!facility.ups)
        return;
    auto const& ups = *facility.ups;
    plan.ups_minutes = ups.battery_wh * inverter_efficiency / std::max(plan.wall_w, 1.0) * 60;
    auto const share = plan.wall_w / ups.rated_w;
    if (share > ups_target_load)
        plan.findings.push_back(
            { share > 1 ? Severity::fault : Severity::warning, "ups", "UPS load",
                fmt::format("{:.0f} W on {} W: {:.0f} %, where {:.0f} % leave room", plan.wall_w,
                    ups.rated_w, share * 100, ups_target_load * 100) });
}

void check_network(Facility const& facility, FacilityPlan& plan)
{
    if (!facility.network)
        return;
    auto const& network = *facility.network;
    NetworkPlan found;
    found.node_mb_per_s = network.node.effective_mb_per_s;
    auto server = network.server.effective_mb_per_s;
    if (plan.storage && plan.storage->read_mb_per_s < server) {
        server = plan.storage->read_mb_per_s;
        plan.findings.push_back({ Severity::note, "storage", "network",
            fmt::format("the disks read {:.0f} MB/s, less than the server's {} MB/s: only what is "
                        "cached comes faster",
                server, network.server.effective_mb_per_s) });
    }
    auto const nodes = static_cast<double>(std::max<std::int64_t>(1, plan.node_count));
    found.shared_mb_per_s = std::min(found.node_mb_per_s, server / nodes);
    found.of_local_share = found.node_mb_per_s / network.local.read_mb_per_s;
    found.scene_alone_s = network.scene_gb * 1000 / std::min(found.node_mb_per_s, server);
    found.scene_all_s = network.scene_gb * 1000 / found.shared_mb_per_s;
    if (found.of_local_share < network_share)
        plan.findings.push_back({ Severity::warning, network.node.id, "network",
            fmt::format("{} MB/s are {:.0f} % of the {} MB/s of {}: cards wait for textures",
                found.node_mb_per_s, found.of_local_share * 100, network.local.read_mb_per_s,
                network.local.id) });
    plan.network = found;
}

void check_storage(Facility const& facility, FacilityPlan& plan)
{
    if (!plan.storage)
        return;
    auto const& pool = *facility.storage;
    auto const find = [&](Severity severity, std::string rule, std::string what) {
        plan.findings.push_back({ severity, "storage", std::move(rule), std::move(what) });
    };
    switch (pool.metadata) {
    case MetadataTier::none:
        find(Severity::warning, "metadata tier",
            "metadata lies on the disks: looking files up is slow; put it on a mirrored pair of "
            "flash devices");
        break;
    case MetadataTier::single:
        find(Severity::fault, "metadata tier",
            "metadata lies on one flash device: if it fails, the whole pool is lost; mirror it");
        break;
    case MetadataTier::mirrored: break;
    }
    if (pool.metadata != MetadataTier::none && pool.metadata_tb < plan.storage->metadata_needed_tb)
        find(Severity::warning, "metadata tier",
            fmt::format("{} TB for metadata; about {:.2f} TB (0.3 %) will be needed",
                pool.metadata_tb, plan.storage->metadata_needed_tb));
    if (plan.storage->l2arc_index_gib > pool.memory_gib / 4)
        find(Severity::warning, "L2ARC",
            fmt::format("its index takes {:.1f} of {} GiB of memory, which cache better themselves",
                plan.storage->l2arc_index_gib, pool.memory_gib));
    if (plan.storage->used_share > 0.8)
        find(plan.storage->used_share > 1 ? Severity::fault : Severity::warning, "80 % of a pool",
            fmt::format("{} of {:.1f} TB are used", pool.used_tb, plan.storage->usable_tb));
    else if (plan.storage->days_until_full.value_or(1e9) < 90)
        find(Severity::warning, "80 % of a pool",
            fmt::format("it is full in {:.0f} days", *plan.storage->days_until_full));
}

}

bool FacilityPlan::holds() const
{
    return std::none_of(findings.begin(), findings.end(),
        [](Finding const& finding) { return finding.severity == Severity::fault; });
}

Result<FacilityPlan> plan_facility(Facility const& facility, Catalog const& catalog)
{
    FacilityPlan plan;
    Wiring wiring(facility, plan);
    for (auto const& node : facility.nodes) {
        auto load = check_node(node, catalog, plan.findings);
        plan.node_count += node.count;
        plan.wall_w += load.wall_w * static_cast<double>(node.count);
        wiring.connect(node, load);
        plan.nodes.push_back(std::move(load));
    }
    wiring.check();
    for (auto const& circuit : catalog.circuits)
        plan.choices.push_back({ circuit, continuous_watts(circuit),
            circuits_needed(plan.nodes, continuous_watts(circuit)) });
    check_room(facility, plan);
    check_ups(facility, plan);
    if (facility.storage)
        plan.storage = TRY(plan_storage(*facility.storage));
    check_storage(facility, plan);
    check_network(facility, plan);
    std::stable_sort(plan.findings.begin(), plan.findings.end(),
        [](Finding const& one, Finding const& other) { return one.severity < other.severity; });
    return plan;
}

}
