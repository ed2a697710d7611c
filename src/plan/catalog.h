#pragma once

#include <base/result.h>
#include <plan/catalog_types.h>
#include <plan/device.h>
#include <plan/supply.h>

#include <string>
#include <string_view>
#include <vector>

// The facts that the planner computes with: those shipped in the program and, on top, a user's own.
namespace sidereal::plan {

struct Catalog {
    std::string as_of;
    std::vector<Device> devices;
    std::vector<CloudOffer> cloud_offers;
    std::vector<Network> networks;
    std::vector<StorageDevice> storage;
    std::vector<Link> links;
    std::vector<Connector> connectors;
    std::vector<Circuit> circuits;
    std::vector<PsuType> psus;
    std::vector<Chassis> chassis;
    std::vector<QuantType> quants;
    std::vector<QuantScheme> schemes;
    std::vector<FileType> file_types;
    std::vector<EngineProfile> engines;
    std::vector<ModelEntry> models;
};

// Adds the entries of a document; one with the id of another takes its place. The error names the
// source, the entry and the field. On failure the catalogue is as it was.
Status add_to_catalog(Catalog& catalog, std::string_view json, std::string_view source);

// What the program ships; its own files are tested, so it cannot fail.
Catalog const& shipped_catalog();

// The entry with that id, or not_found with ids near it.
Result<Device const*> find_device(Catalog const& catalog, std::string_view id);
Result<Link const*> find_link(Catalog const& catalog, std::string_view id);
Result<ModelEntry const*> find_model(Catalog const& catalog, std::string_view id);

// The entry of `entries` with that id, or a null pointer.
template<typename Entry>
Entry const* entry_of(std::vector<Entry> const& entries, std::string_view id)
{
    for (auto const& entry : entries) {
        if (entry.id == id)
            return &entry;
    }
    return nullptr;
}

Error no_such_entry(
    std::string_view what, std::string_view id, std::vector<std::string_view> const& ids);

// The same, or not_found with ids near it; `what` is what an entry is called, without an s.
template<typename Entry>
Result<Entry const*> find_entry(
    std::vector<Entry> const& entries, std::string_view id, std::string_view what)
{
    if (auto const* entry = entry_of(entries, id))
        return entry;
    std::vector<std::string_view> ids;
    for (auto const& entry : entries)
        ids.push_back(entry.id);
    return tl::unexpected(no_such_entry(what, id, ids));
}

}
