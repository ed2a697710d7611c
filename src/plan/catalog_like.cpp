#include <plan/catalog_like.h>

#include <plan/catalog.h>
#include <plan/shipped.h>

#include <array>
#include <string>
#include <utility>
#include <vector>

namespace sidereal::plan {

namespace {

// The entries of the list in the files of the catalogue.
JsonArray const& shipped_entries(std::string_view list)
{
    static std::array<Json, 3> const files = [] {
        std::array<Json, 3> parsed;
        parsed[0] = parse_json(shipped::hardware).value_or(Json {});
        parsed[1] = parse_json(shipped::engines).value_or(Json {});
        parsed[2] = parse_json(shipped::models).value_or(Json {});
        return parsed;
    }();
    static JsonArray const none;
    for (auto const& file : files) {
        if (!file.is_object())
            continue;
        auto const* entries = find(file.get_object(), list);
        if (entries && entries->is_array())
            return entries->get_array();
    }
    return none;
}

// What follows from other fields and is wrong once they differ.
std::vector<std::pair<std::string_view, std::string_view>> const& dependent_fields()
{
    static std::vector<std::pair<std::string_view, std::string_view>> const fields {
        { "memory_gib", "memory_reported_gib" }, { "memory_gib", "memory_options_gib" },
        { "layers", "published_params" }, { "hidden", "published_params" },
        { "ffn", "published_params" }, { "vocab", "published_params" },
        { "experts", "published_params" }
    };
    return fields;
}

}

Result<JsonObject> filled_entry(JsonObject const& entry, std::string_view list)
{
    auto const* like = find(entry, "like");
    if (!like)
        return entry;
    auto const wanted = like->is_string() ? std::string(like->get_string()) : std::string();
    std::vector<std::string> ids;
    for (auto const& shipped : shipped_entries(list)) {
        auto const& base = shipped.get_object();
        auto id = get_string(base, "id").value_or("");
        if (id != wanted) {
            ids.push_back(std::move(id));
            continue;
        }
        auto filled = base;
        for (auto const& [given, follows] : dependent_fields()) {
            if (find(entry, given))
                filled.erase(follows);
        }
        for (auto const& pair : entry) {
            if (pair.key() != "like")
                filled[pair.key()] = pair.value();
        }
        return filled;
    }
    std::vector<std::string_view> names(ids.begin(), ids.end());
    // "devices" are listed, a device is missing.
    return tl::unexpected(no_such_entry(list.substr(0, list.size() - 1), wanted, names));
}

}
