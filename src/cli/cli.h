#pragma once

#include <cli/command.h>

#include <vector>

namespace sidereal::cli {

// The whole command line: this layer's commands and those that app adds (up, brain, agent, demo).
// Prints results to stdout and errors to stderr; returns the exit code.
int run(int argc, char** argv, std::vector<Command> app_commands);

}
