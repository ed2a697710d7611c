#pragma once

#include <cli/command.h>

#include <string>
#include <vector>

namespace sidereal::cli {

// Scripts that complete commands, options and choices, made from the commands' own declarations.
std::string bash_completion(std::vector<Command> const& commands);
std::string zsh_completion(std::vector<Command> const& commands);

// `completion bash|zsh`, for these commands and itself.
Command completion_command(std::vector<Command> commands);

}
