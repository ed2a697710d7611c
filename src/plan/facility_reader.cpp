#include <plan/facility.h>

#include <plan/fields.h>
#include <plan/machine.h>

#include <functional>
#include <set>
#include <utility>

namespace sidereal::plan {

namespace {

constexpr Range watts { 1, 1e7 };
constexpr std::int64_t max_nodes = 5'000;
constexpr std::size_t max_circuits = 500;
constexpr std::size_t max_devices = 64;

// The entry of that name, or a fault that lists those there are.
template<typename Entry>
Entry pick(Fields& fields, std::string_view field, std::vector<Entry> const& entries)
{
    auto const id = fields.text(field);
    auto const found = find_entry(entries, id, field);
    if (!found)
        fields.fault(field, found.error().message);
    return found ? **found : Entry {};
}

template<typename Read>
void read_part(Fields& document, std::string_view name, Read read)
{
    auto const objects = document.objects(name);
    for (std::size_t i = 0; i < objects.size(); ++i) {
        Fields fields(*objects[i], fmt::format("{}: {}[{}]", document.where(), name, i));
        read(fields);
        document.take(fields.finish());
    }
}

using Names = std::set<std::string, std::less<>>;

void expect_new(Names& names, Fields& fields, std::string const& name)
{
    if (!names.insert(name).second)
        fields.fault("name", "stands there twice: each has a name of its own");
}

// One object or nothing.
JsonObject const* part(Fields& document, JsonObject const& object, std::string_view name)
{
    document.skip(name);
    auto const* value = find(object, name);
    if (!value)
        return nullptr;
    if (!value->is_object())
        document.fault(name, "expected an object, not " + shown(*value));
    return value->is_object() ? &value->get_object() : nullptr;
}

void add_devices(Fields& fields, FacilityNode& node, Catalog const& catalog)
{
    for (auto const& text : fields.texts("devices")) {
        auto const devices = read_devices(text, catalog);
        if (!devices)
            fields.fault("devices", devices.error().message);
        else if (node.devices.size() <= max_devices)
            node.devices.insert(node.devices.end(), devices->begin(), devices->end());
    }
    if (node.devices.size() > max_devices)
        fields.fault("devices", fmt::format("a node has {} at most", max_devices));
}

PsuSet read_psus(Fields& fields, Catalog const& catalog)
{
    PsuSet set;
    set.type = pick(fields, "type", catalog.psus);
    set.rated_w = fields.number("rated_w", watts);
    set.count = fields.maybe_count("count", { 1, 16 }).value_or(1);
    set.redundant = fields.maybe_truth("redundant").value_or(false);
    set.takes_peaks = fields.maybe_truth("atx_3_1").value_or(true);
    return set;
}

FacilityNode read_node(Fields& fields, JsonObject const& object, Catalog const& catalog)
{
    FacilityNode node;
    node.name = fields.text("name");
    fields.call(node.name);
    node.count = fields.maybe_count("count", { 1, max_nodes }).value_or(1);
    add_devices(fields, node, catalog);
    node.other_w = fields.maybe_number("other_w", { 0, 1e6 }).value_or(node.other_w);
    node.wall_w = fields.maybe_number("wall_w", watts);
    if (node.devices.empty() && !node.wall_w)
        fields.fault("devices", "is missing: expected devices of the catalogue, or wall_w");
    node.water_cooled = fields.maybe_truth("water_cooled").value_or(false);
    node.connector = fields.maybe_text("connector").value_or("");
    if (!node.connector.empty() && !entry_of(catalog.connectors, node.connector))
        node.connector = pick(fields, "connector", catalog.connectors).id;
    if (find(object, "chassis"))
        node.chassis = pick(fields, "chassis", catalog.chassis);
    if (auto const* psus = part(fields, object, "psus")) {
        Fields inner(*psus, fields.where() + ": psus");
        node.psus = read_psus(inner, catalog);
        fields.take(inner.finish());
    }
    return node;
}

FacilityCircuit read_circuit(Fields& fields, Catalog const& catalog)
{
    FacilityCircuit circuit;
    circuit.name = fields.text("name");
    fields.call(circuit.name);
    circuit.type = pick(fields, "type", catalog.circuits);
    circuit.phase = fields.maybe_text("phase").value_or("");
    circuit.nodes = fields.texts("nodes");
    if (circuit.nodes.empty() || circuit.nodes.size() > 1'000)
        fields.fault("nodes", "expected 1 to 1000 names of nodes, with * for anything");
    return circuit;
}

Room read_room(Fields& fields)
{
    Room room;
    room.name = fields.maybe_text("name").value_or(room.name);
    room.cooling_w = fields.number("cooling_w", watts);
    room.units = fields.maybe_count("units", { 1, 1000 }).value_or(1);
    auto const kind = fields.maybe_text("kind").value_or("crac");
    if (kind != "crac" && kind != "comfort")
        fields.fault("kind", fmt::format("expected crac or comfort, not '{}'", kind));
    room.computer_room_unit = kind == "crac";
    room.rise_f = fields.maybe_number("rise_f", { 1, 100 }).value_or(room.rise_f);
    return room;
}

Ups read_ups(Fields& fields)
{
    return { fields.number("rated_w", watts), fields.number("battery_wh", { 1, 1e8 }) };
}

FacilityNetwork read_network(Fields& fields, Catalog const& catalog)
{
    FacilityNetwork network;
    network.node = pick(fields, "node", catalog.networks);
    network.server = pick(fields, "server", catalog.networks);
    network.local = pick(fields, "local", catalog.storage);
    network.scene_gb = fields.maybe_number("scene_gb", { 0, 1e6 }).value_or(0);
    return network;
}

MetadataTier read_tier(Fields& fields)
{
    auto const word = fields.maybe_text("metadata").value_or("none");
    if (word == "mirrored")
        return MetadataTier::mirrored;
    if (word == "single")
        return MetadataTier::single;
    if (word != "none")
        fields.fault("metadata", fmt::format("expected mirrored, single or none, not '{}'", word));
    return MetadataTier::none;
}

StoragePool read_pool(Fields& fields, Catalog const& catalog)
{
    StoragePool pool;
    pool.disks = fields.count("disks", { 4, 10'000 });
    pool.disk_tb = fields.number("disk_tb", { 0.01, 1000 });
    pool.disk_mb_per_s = pick(fields, "disk", catalog.storage).read_mb_per_s;
    pool.groups = fields.maybe_count("groups", { 1, 2'500 }).value_or(1);
    pool.metadata = read_tier(fields);
    pool.metadata_tb = fields.maybe_number("metadata_tb", { 0, 1000 }).value_or(0);
    pool.l2arc_tb = fields.maybe_number("l2arc_tb", { 0, 1000 }).value_or(0);
    pool.memory_gib = fields.maybe_number("memory_gib", { 0, 1e5 }).value_or(0);
    pool.used_tb = fields.maybe_number("used_tb", { 0, 1e7 }).value_or(0);
    pool.growth_gb_per_day = fields.maybe_number("growth_gb_per_day", { 0, 1e7 }).value_or(0);
    return pool;
}

// Reads `name` with `read` if it is there.
template<typename Part, typename Read>
void read_maybe(Fields& document, JsonObject const& object, std::string_view name,
    std::optional<Part>& out, Read read)
{
    auto const* found = part(document, object, name);
    if (!found)
        return;
    Fields fields(*found, fmt::format("{}: {}", document.where(), name));
    out = read(fields);
    document.take(fields.finish());
}

}

Result<Facility> read_facility(
    JsonObject const& document, std::string_view source, Catalog const& catalog)
{
    Facility facility;
    Fields fields(document, std::string(source));
    auto const nodes = fields.objects("nodes");
    Names node_names;
    Names circuit_names;
    std::int64_t machines = 0;
    std::size_t index = 0;
    read_part(fields, "nodes", [&](Fields& node) {
        facility.nodes.push_back(read_node(node, *nodes[index++], catalog));
        expect_new(node_names, node, facility.nodes.back().name);
        machines += facility.nodes.back().count;
    });
    if (machines > max_nodes)
        fields.fault(
            "nodes", fmt::format("{} machines in all: expected {} at most", machines, max_nodes));
    read_part(fields, "circuits", [&](Fields& circuit) {
        facility.circuits.push_back(read_circuit(circuit, catalog));
        expect_new(circuit_names, circuit, facility.circuits.back().name);
    });
    if (facility.circuits.size() > max_circuits)
        fields.fault("circuits", fmt::format("expected {} at most", max_circuits));
    read_maybe(
        fields, document, "room", facility.room, [](Fields& room) { return read_room(room); });
    read_maybe(fields, document, "ups", facility.ups, [](Fields& ups) { return read_ups(ups); });
    read_maybe(fields, document, "network", facility.network,
        [&](Fields& network) { return read_network(network, catalog); });
    read_maybe(fields, document, "storage", facility.storage,
        [&](Fields& pool) { return read_pool(pool, catalog); });
    TRY(fields.finish());
    if (facility.storage) {
        if (auto const planned = plan_storage(*facility.storage); !planned)
            return fail(planned.error().code, "{}: storage: {}", source, planned.error().message);
    }
    return facility;
}

std::string name_of(FacilityNode const& node, std::int64_t index)
{
    return node.count == 1 ? node.name : fmt::format("{}-{}", node.name, index + 1);
}

}
