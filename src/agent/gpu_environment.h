#pragma once

#include <wire/node_facts.h>

#include <string>
#include <vector>

namespace sidereal::agent {

// "NAME=value" for actions that may use these of the node's GPUs and no others: by UUID for
// NVIDIA's and AMD's libraries, by number where a library knows nothing else. Nothing on a node
// without GPUs.
std::vector<std::string> gpu_environment(
    std::vector<wire::Gpu> const& gpus, wire::GpuParts const& given);

}
