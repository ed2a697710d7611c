#pragma once

#include <base/result.h>
#include <cli/command.h>
#include <plan/machine.h>

#include <string>
#include <vector>

// The nodes of a running farm as the planner's machines.
namespace sidereal::cli {

struct FarmMachine {
    plan::Machine machine;
    double host_memory_gib { 0 };
};

// One for each node with a GPU that the catalogue knows, named after the node. `left_out` says of
// the others why.
Result<std::vector<FarmMachine>> farm_machines(
    Context const& context, plan::Catalog const& catalog, std::vector<std::string>& left_out);

}
