#pragma once

#include <base/result.h>
#include <wire/protocol.h>

#include <map>
#include <optional>
#include <string>
#include <vector>

namespace sidereal::app {

// What a node's owner says of it in a TOML file; what is not said is measured or stays 0.
//   [node] name, pool, vcpus, memory_mib, memory_limit
//   [rate] idle_w, busy_w, usd_per_kwh, usd_per_h, standby_w
//   [amounts] license = 2            [attributes] renderer = ["blender", "povray"]
//   [[gpu]] name, memory_mib, uuid: in place of what the driver tells; for cards that it does not
struct NodeSettings {
    std::optional<std::string> name;
    std::optional<std::string> pool;
    std::optional<double> vcpus;
    std::optional<double> memory_mib;
    // agent::Config::memory_limit
    std::optional<double> memory_limit;
    wire::Rate rate { .idle_w = 60, .busy_w = 250, .usd_per_kwh = 0.15, .usd_per_h = 0 };
    std::vector<wire::Gpu> gpus;
    std::map<std::string, double> amounts;
    std::map<std::string, std::vector<std::string>> attributes;
};

Result<NodeSettings> read_node_settings(std::string const& path);

// Facts of this machine, with what its owner said laid over them.
wire::NodeFacts node_facts(NodeSettings const& settings);

}
