#pragma once

#include <base/json.h>
#include <base/result.h>
#include <plan/catalog.h>
#include <plan/storage.h>

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

// A room with machines in it, as somebody describes it in a file.
namespace sidereal::plan {

struct PsuSet {
    PsuType type;
    double rated_w { 0 };
    std::int64_t count { 1 };
    // Each alone carries the node.
    bool redundant { false };
    // ATX 3.1, which allows short peaks of twice the rating.
    bool takes_peaks { true };
};

struct FacilityNode {
    std::string name;
    std::int64_t count { 1 };
    std::vector<Device> devices;
    // Board, memory, disks, fans, pumps: DC.
    double other_w { 150 };
    // Measured at the wall, in place of what the parts add up to.
    std::optional<double> wall_w;
    bool water_cooled { false };
    // What plugs into each card; empty: as the card has it.
    std::string connector;
    std::optional<Chassis> chassis;
    std::optional<PsuSet> psus;
};

// One breaker. Which nodes hang on it is said by name, with * for anything, as in the farm's rules.
struct FacilityCircuit {
    std::string name;
    Circuit type;
    // Empty if it is not known.
    std::string phase;
    std::vector<std::string> nodes;
};

struct Room {
    std::string name { "room" };
    // Of one unit.
    double cooling_w { 0 };
    std::int64_t units { 1 };
    // Made to run all the time; a comfort unit spends part of its power on drying the air.
    bool computer_room_unit { true };
    double rise_f { 20 };
};

struct Ups {
    double rated_w { 0 };
    double battery_wh { 0 };
};

struct FacilityNetwork {
    Network node;
    Network server;
    StorageDevice local;
    double scene_gb { 0 };
};

struct Facility {
    std::vector<FacilityNode> nodes;
    std::vector<FacilityCircuit> circuits;
    std::optional<Room> room;
    std::optional<Ups> ups;
    std::optional<FacilityNetwork> network;
    std::optional<StoragePool> storage;
};

// The error names the source, the entry and the field.
Result<Facility> read_facility(
    JsonObject const& document, std::string_view source, Catalog const& catalog);

// `node-7` of a node with a count, its name otherwise.
std::string name_of(FacilityNode const& node, std::int64_t index);

}
