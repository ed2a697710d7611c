#pragma once

#include <app/settings.h>
#include <app/supervisor.h>
#include <base/result.h>

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace sidereal::app {

// What one of the agents that share a machine may call its own.
struct MachineShare {
    std::int64_t vcpus { 1 };
    std::int64_t memory_mib { 1 };

    bool operator==(MachineShare const&) const = default;
};

// Even shares that add up to the machine; where a rest remains the first agents have one more.
// Nobody's share is nothing.
MachineShare machine_share(MachineShare const& machine, std::int64_t agents, std::int64_t index);

// A brain and agents as child processes on this machine, for `up` and `demo`. A part that dies is
// started again. Owned by the command; what still runs dies with it.
class LocalFarm {
public:
    struct Options {
        std::string data;
        std::int64_t port { 0 };
        std::int64_t agents { 1 };
        // Of each agent; what neither these nor the config say is the machine's, shared out.
        std::optional<std::int64_t> vcpus;
        std::optional<std::int64_t> memory_mib;
        std::optional<std::string> node_config;
    };

    explicit LocalFarm(Options options);

    // Returns the brain's address once it listens; the agents come in by themselves.
    Result<std::string> start();
    // Tends the parts until a signal comes.
    Status run();
    // Starts again what has ended by itself; fails when a part does so time and again.
    Status tend();
    bool interrupted() const { return supervisor_.interrupted(); }
    void stop();

private:
    struct Part {
        std::string name;
        std::vector<std::string> arguments;
        int restarts { 0 };
    };

    Status start_agents(NodeSettings const& settings);
    Status start_part(std::string name, std::vector<std::string> arguments);
    std::string log_of(std::string const& name) const
    {
        return options_.data + "/" + name + ".log";
    }
    Result<std::string> wait_for_brain();

    Options options_;
    Supervisor supervisor_;
    std::vector<Part> parts_;
};

}
