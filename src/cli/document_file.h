#pragma once

#include <base/json.h>
#include <base/result.h>

#include <string>

namespace sidereal::cli {

// A file that a person wrote, as an object: TOML if its name ends so, JSON or YAML otherwise.
// Faults are told by line and column.
Result<JsonObject> read_document_file(std::string const& path);

}
