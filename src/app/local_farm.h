#pragma once

#include <app/supervisor.h>
#include <base/result.h>

#include <cstdint>
#include <optional>
#include <string>

namespace sidereal::app {

// A brain and agents as child processes on this machine, for `up` and `demo`. Owned by the command;
// what still runs dies with it.
class LocalFarm {
public:
    struct Options {
        std::string data;
        std::int64_t port { 0 };
        std::int64_t agents { 1 };
        // Of each agent; without it the machine's are shared out.
        std::optional<std::int64_t> vcpus;
        std::optional<std::string> node_config;
    };

    explicit LocalFarm(Options options);

    // Returns the brain's address once it listens; the agents come in by themselves.
    Result<std::string> start();
    // Until a signal (empty) or until a part of the farm ends by itself (its name).
    std::string wait();
    bool interrupted() const { return supervisor_.interrupted(); }
    // The name of a part that ended by itself, if any.
    std::string take_ended();
    void stop();

private:
    Result<std::string> wait_for_brain();

    Options options_;
    Supervisor supervisor_;
};

}
