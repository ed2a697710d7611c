#pragma once

#include <cli/command.h>

// The commands that run daemons or children; each lives in the file of its name.
namespace sidereal::app {

cli::Command brain_command();
cli::Command agent_command();
cli::Command up_command();
cli::Command demo_command();
cli::Command openjd_run_command();

}
