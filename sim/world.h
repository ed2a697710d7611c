#pragma once

#include <sim/brain_host.h>
#include <sim/client.h>
#include <sim/node_host.h>
#include <sim/services.h>

#include <cstdint>
#include <deque>
#include <functional>
#include <string>
#include <vector>

namespace sidereal::sim {

// How one seed went.
struct Outcome {
    std::uint64_t events { 0 };
    Duration virtual_time {};
    std::uint64_t trace_hash { 0 };
    // Empty if all went well; otherwise the first broken promise.
    std::string failure;
    // The last events, as many as were asked for.
    std::deque<std::string> trace;
    // Processes that did a task well, and tasks that were counted as done.
    std::uint64_t renders { 0 };
    std::uint64_t counted { 0 };
};

// A whole farm in one thread: the minds as the product has them, and everything around them made up
// from the seed. First faults rain; then all is healed and all accepted work must settle.
class World {
public:
    World(Options options, std::size_t trace_lines);

    Outcome run();

private:
    void plan_faults();
    // Again and again until the healing; a mean of 0 is never.
    void every(Duration mean, std::function<void()> fault);
    void crash_brain();
    void step_some_clock();
    void heal();

    bool settled() const;
    std::string unsettled() const;
    std::string why_waits() const;
    bool may_wait(farm::Job const& job) const;
    // How long work may take once nothing goes wrong any more.
    Duration patience() const;

    Options options_;
    Prng prng_;
    Agenda agenda_;
    Trace trace_;
    Verdict verdict_;
    Ledger ledger_;
    Network network_;
    Services services_;
    BrainHost brain_;
    std::vector<NodeHost> nodes_;
    Client client_;
    bool healed_ { false };
};

// Runs the World of one seed.
Outcome run_seed(Options const& options, std::size_t trace_lines);

}
