#pragma once

#include <base/result.h>
#include <base/time.h>

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace sidereal::app {

// Runs this program's daemons as child processes while the main thread does something else; a
// thread of its own starts them, hears of their ends and stops them in reverse order. Owned by a
// command.
class Supervisor {
public:
    Supervisor();
    // Kills what still runs.
    ~Supervisor();
    Supervisor(Supervisor const&) = delete;
    Supervisor& operator=(Supervisor const&) = delete;

    // This program again, with these arguments; its output goes to the log file.
    Status start(std::string name, std::vector<std::string> arguments, std::string log_path);

    // Names of those that ended by themselves, each told once.
    std::vector<std::string> take_ended();
    // Asks each to stop, the last one first, and waits; kills after `grace`.
    void stop_all(Duration grace);

    // SIGINT or SIGTERM was received. The children are in groups of their own and did not get it.
    bool interrupted() const;
    // Blocks until then, or until a child ends.
    void wait();

private:
    struct Impl;
    std::unique_ptr<Impl> impl_;
};

}
