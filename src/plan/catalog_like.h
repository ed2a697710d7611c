#pragma once

#include <base/json.h>
#include <base/result.h>

#include <string_view>

namespace sidereal::plan {

// An entry that says {"id": "my-card", "like": "rtx-4090", …} with all that it does not say itself
// from the shipped entry of that list; one without "like" as it is. not_found names near ones.
Result<JsonObject> filled_entry(JsonObject const& entry, std::string_view list);

}
