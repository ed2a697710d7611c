#pragma once

#include <base/result.h>
#include <cli/command.h>
#include <plan/catalog.h>

#include <optional>
#include <string>
#include <vector>

// What the commands `plan …` have in common.
namespace sidereal::cli {

// --catalog of every one of them.
void add_catalog_option(std::vector<Option>& options, std::optional<std::string>& path);

// The shipped catalogue, on top of it $XDG_CONFIG_HOME/sidereal/catalog.json if there is one, and
// on top of that the given file.
Result<plan::Catalog> load_catalog(std::optional<std::string> const& path);

}
