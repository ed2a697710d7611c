#include <cli/facility_drawing.h>

#include <cli/plan_drawing.h>

#include <algorithm>

namespace sidereal::cli {

namespace {

constexpr std::size_t bar_width = 30;

std::string watts(double value) { return fmt::format("{:.0f}", value); }
std::string percent(double share) { return fmt::format("{:.1f} %", share * 100); }

Color color_of(plan::Severity severity)
{
    if (severity == plan::Severity::fault)
        return Color::red;
    return severity == plan::Severity::warning ? Color::yellow : Color::dim;
}

void draw_nodes(plan::FacilityPlan const& plan)
{
    Table table({ { "  NODE" }, { "COUNT", Align::right }, { "DC W", Align::right },
        { "SUPPLY LOAD", Align::right }, { "EFFICIENCY", Align::right }, { "WALL W", Align::right },
        { "PEAK DC W", Align::right }, { "SLOTS", Align::right } });
    for (auto const& node : plan.nodes)
        table.add({ "  " + printable(node.name), fmt::format("{}", node.count), watts(node.dc_w),
            node.psu_load ? percent(*node.psu_load) : "", percent(node.efficiency),
            watts(node.wall_w), watts(node.peak_w), fmt::format("{}", node.slots) });
    print(stdout, table.draw(colors_wanted(stdout)));
}

void draw_circuits(plan::FacilityPlan const& plan)
{
    if (plan.circuits.empty())
        return;
    Table table(
        { { "  CIRCUIT" }, { "PHASE" }, { "NODES", Align::right }, { "WALL W", Align::right },
            { "AMPS", Align::right }, { "FOR HOURS W", Align::right }, { "" } });
    for (auto const& circuit : plan.circuits) {
        auto const share = circuit.wall_w / circuit.continuous_w;
        table.add({ "  " + printable(circuit.name), printable(circuit.phase),
            fmt::format("{}", circuit.nodes), watts(circuit.wall_w),
            fmt::format("{:.2f}", circuit.amps), watts(circuit.continuous_w),
            { progress_bar(share, bar_width, false) + (share > 1 ? " over" : ""),
                circuit.holds() ? Color::none : Color::red } });
    }
    print(stdout, "\n");
    print(stdout, table.draw(colors_wanted(stdout)));
}

void draw_choices(plan::FacilityPlan const& plan)
{
    Table table(
        { { "  BREAKER" }, { "FOR HOURS W", Align::right }, { "NEEDED FOR ALL", Align::right } });
    for (auto const& choice : plan.choices)
        table.add({ "  " + choice.type.id, watts(choice.continuous_w),
            choice.circuits > 0 ? fmt::format("{}", choice.circuits) : "a node is too much" });
    print(stdout, "\n");
    print(stdout, table.draw(colors_wanted(stdout)));
}

std::string network_text(plan::NetworkPlan const& network)
{
    return fmt::format("  network: {:.0f} MB/s a node, {:.0f} MB/s when all read; {} of local "
                       "flash; a scene takes {:.1f} s alone, {:.1f} s together\n",
        network.node_mb_per_s, network.shared_mb_per_s, percent(network.of_local_share),
        network.scene_alone_s, network.scene_all_s);
}

std::string storage_text(plan::StoragePlan const& storage)
{
    return fmt::format("  storage: {:.1f} TB raw, {:.1f} TB usable, {} used; {:.0f} MB/s from the "
                       "disks; metadata needs {:.2f} TB{}\n",
        storage.raw_tb, storage.usable_tb, percent(storage.used_share), storage.read_mb_per_s,
        storage.metadata_needed_tb,
        storage.days_until_full
            ? fmt::format("; 80 % are reached in {:.0f} days", *storage.days_until_full)
            : "");
}

void draw_rest(plan::Facility const& facility, plan::FacilityPlan const& plan)
{
    std::string text;
    for (auto const& [phase, current] : plan.phase_amps)
        text += fmt::format("  phase {}: {:.1f} A\n", printable(phase), current);
    if (plan.cooling_w)
        text += fmt::format("  room {}: {:.0f} W of {:.0f} W that its cooling takes away\n",
            printable(facility.room->name), plan.wall_w, *plan.cooling_w);
    if (plan.ups_minutes)
        text += fmt::format("  UPS: {:.1f} min\n", *plan.ups_minutes);
    if (plan.network)
        text += network_text(*plan.network);
    if (plan.storage)
        text += storage_text(*plan.storage);
    if (!text.empty())
        print(stdout, "\n" + text);
}

void draw_findings(plan::FacilityPlan const& plan)
{
    print(stdout, "\n");
    for (auto const& finding : plan.findings) {
        auto const word = to_string(finding.severity);
        auto const text = wrapped(fmt::format(" {} [{}] {}", printable(finding.part), finding.rule,
                                      printable(finding.what)),
            { 2 + word.size(), 4 });
        print(stdout,
            fmt::format("  {}{}\n", paint_for(stdout, word, color_of(finding.severity)), text));
    }
    print(stdout, plan.holds() ? "  all of it holds\n" : "  it does not hold\n");
}

void write_circuits(JsonWriter& json, plan::FacilityPlan const& plan)
{
    json.key("circuits").begin_array();
    for (auto const& circuit : plan.circuits)
        json.begin_object()
            .field("name", circuit.name)
            .field("phase", circuit.phase)
            .field("volts", circuit.volts)
            .field("rated_w", circuit.rated_w)
            .field("continuous_w", circuit.continuous_w)
            .field("wall_w", circuit.wall_w)
            .field("amps", circuit.amps)
            .field("nodes", circuit.nodes)
            .field("holds", circuit.holds())
            .end_object();
    json.end_array().key("phase_amps").begin_object();
    for (auto const& [phase, current] : plan.phase_amps)
        json.field(phase, current);
    json.end_object().key("circuit_choices").begin_array();
    for (auto const& choice : plan.choices)
        json.begin_object()
            .field("circuit", choice.type.id)
            .field("continuous_w", choice.continuous_w)
            .field("needed", choice.circuits)
            .end_object();
    json.end_array();
}

void write_nodes(JsonWriter& json, plan::FacilityPlan const& plan)
{
    json.key("nodes").begin_array();
    for (auto const& node : plan.nodes)
        json.begin_object()
            .field("name", node.name)
            .field("count", node.count)
            .field("dc_w", node.dc_w)
            .field("supply_load", node.psu_load)
            .field("efficiency", node.efficiency)
            .field("wall_w", node.wall_w)
            .field("peak_dc_w", node.peak_w)
            .field("slots", node.slots)
            .end_object();
    json.end_array();
}

void write_rest(JsonWriter& json, plan::FacilityPlan const& plan)
{
    json.field("ups_minutes", plan.ups_minutes);
    if (plan.network)
        json.key("network")
            .begin_object()
            .field("node_mb_per_s", plan.network->node_mb_per_s)
            .field("shared_mb_per_s", plan.network->shared_mb_per_s)
            .field("share_of_local_flash", plan.network->of_local_share)
            .field("scene_alone_s", plan.network->scene_alone_s)
            .field("scene_all_s", plan.network->scene_all_s)
            .end_object();
    if (plan.storage)
        json.key("storage")
            .begin_object()
            .field("raw_tb", plan.storage->raw_tb)
            .field("usable_tb", plan.storage->usable_tb)
            .field("planned_tb", plan.storage->planned_tb)
            .field("used_share", plan.storage->used_share)
            .field("days_until_full", plan.storage->days_until_full)
            .field("read_mb_per_s", plan.storage->read_mb_per_s)
            .field("metadata_needed_tb", plan.storage->metadata_needed_tb)
            .field("l2arc_index_gib", plan.storage->l2arc_index_gib)
            .end_object();
    json.key("findings").begin_array();
    for (auto const& finding : plan.findings)
        json.begin_object()
            .field("severity", to_string(finding.severity))
            .field("part", finding.part)
            .field("rule", finding.rule)
            .field("what", finding.what)
            .end_object();
    json.end_array().field("holds", plan.holds());
}

}

Table finding_table(plan::FacilityPlan const& plan)
{
    Table table({ { "severity" }, { "part" }, { "rule" }, { "what" } });
    for (auto const& finding : plan.findings)
        table.add(
            { std::string(to_string(finding.severity)), finding.part, finding.rule, finding.what });
    return table;
}

void draw_facility(plan::Facility const& facility, plan::FacilityPlan const& plan, bool explain)
{
    print(stdout,
        fmt::format("{} node{}: {:.0f} W at the wall, {:.0f} BTU/h, {:.2f} tons of cooling, {:.0f} "
                    "CFM of air\n\n",
            plan.node_count, plan.node_count == 1 ? "" : "s", plan.wall_w, plan.btu_per_h,
            plan.cooling_tons, plan.airflow_cfm));
    draw_nodes(plan);
    draw_circuits(plan);
    draw_choices(plan);
    draw_rest(facility, plan);
    draw_findings(plan);
    if (explain)
        draw_explained(explain_facility(facility, plan));
}

std::string facility_json(
    plan::Facility const& facility, plan::FacilityPlan const& plan, bool explain)
{
    JsonWriter json;
    json.begin_object()
        .field("node_count", plan.node_count)
        .field("wall_w", plan.wall_w)
        .field("btu_per_h", plan.btu_per_h)
        .field("cooling_tons", plan.cooling_tons)
        .field("airflow_cfm", plan.airflow_cfm)
        .field("cooling_w", plan.cooling_w);
    write_nodes(json, plan);
    write_circuits(json, plan);
    write_rest(json, plan);
    if (explain)
        write_explained(json, explain_facility(facility, plan));
    return json.end_object().take();
}

}
