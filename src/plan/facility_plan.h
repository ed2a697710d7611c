#pragma once

#include <plan/explained.h>
#include <plan/facility.h>

#include <map>
#include <optional>
#include <string>
#include <vector>

// What the machines of a room ask of it, and what will not hold.
namespace sidereal::plan {

enum class Severity : std::uint8_t {
    // It does not work, or is not safe.
    fault,
    warning,
    note,
};
std::string_view to_string(Severity severity);

struct Finding {
    Severity severity { Severity::note };
    // Which node, circuit or other part.
    std::string part;
    // In a word or two, the same for all findings of a kind.
    std::string rule;
    std::string what;
};
using Findings = std::vector<Finding>;

// Of one of its kind.
struct NodeLoad {
    std::string name;
    std::int64_t count { 1 };
    double dc_w { 0 };
    double efficiency { 1 };
    double wall_w { 0 };
    // Of the supplies' rating; nothing where they are not described.
    std::optional<double> psu_load;
    // For a moment, when all cards draw twice their power.
    double peak_w { 0 };
    double slots { 0 };
};

struct CircuitLoad {
    std::string name;
    std::string phase;
    double volts { 0 };
    // Of the breaker, and 80 % of it.
    double rated_w { 0 };
    double continuous_w { 0 };
    double wall_w { 0 };
    double amps { 0 };
    std::int64_t nodes { 0 };

    bool holds() const { return wall_w <= continuous_w; }
};

// How many circuits of one type all the nodes need, one node never on two.
struct CircuitChoice {
    Circuit type;
    double continuous_w { 0 };
    // 0: the largest node is too much for it.
    std::int64_t circuits { 0 };
};

struct NetworkPlan {
    double node_mb_per_s { 0 };
    // A node's part of the server's, when all read at once.
    double shared_mb_per_s { 0 };
    double of_local_share { 0 };
    double scene_alone_s { 0 };
    double scene_all_s { 0 };
};

struct FacilityPlan {
    std::vector<NodeLoad> nodes;
    std::int64_t node_count { 0 };
    double wall_w { 0 };
    double btu_per_h { 0 };
    double cooling_tons { 0 };
    double airflow_cfm { 0 };
    // What the room's cooling takes away for good; nothing without a room.
    std::optional<double> cooling_w;
    std::vector<CircuitLoad> circuits;
    std::map<std::string, double> phase_amps;
    std::vector<CircuitChoice> choices;
    std::optional<double> ups_minutes;
    std::optional<NetworkPlan> network;
    std::optional<StoragePlan> storage;
    Findings findings;

    bool holds() const;
};

Result<FacilityPlan> plan_facility(Facility const& facility, Catalog const& catalog);

// Adds what is wrong with one kind of node by itself.
NodeLoad check_node(FacilityNode const& node, Catalog const& catalog, Findings& findings);

// The document for `sidereal rules apply` that keeps the farm below its breakers and its cooling.
std::string facility_rules_yaml(Facility const& facility, FacilityPlan const& plan);

std::vector<Explained> explain_facility(Facility const& facility, FacilityPlan const& plan);

}
