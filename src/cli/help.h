#pragma once

#include <cli/command.h>

#include <string>
#include <string_view>
#include <vector>

// The pages behind --help, no wider than 80 columns.
namespace sidereal::cli {

// What the options' targets hold is shown as their default, so it must be asked for before parsing.
std::string help_page(Command const& command, std::vector<Option> const& options);

// Of `sidereal` itself if the group is empty, else of the group.
std::string help_overview(std::string_view group, std::vector<Command> const& commands);

// The words that may follow the group: "up", "job", or "submit", "list".
std::vector<std::string> words_after(std::string_view group, std::vector<Command> const& commands);

}
