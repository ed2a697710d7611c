#pragma once

#include <brain/brain.h>
#include <brain/committer.h>
#include <sim/services.h>

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>

namespace sidereal::sim {

// The machine with the brain: its process, which may die and be started again, and its disk, which
// keeps whole batches and nothing else.
class BrainHost {
public:
    BrainHost(Services const& services, Prng prng);

    bool alive() const { return brain_.has_value(); }
    brain::Brain const& brain() const { return *brain_; }
    bool idle() const { return alive() && committer_.idle(); }

    void start();
    // kill -9 or the loss of power: what is not durable is gone.
    void crash();
    void step_clock(Duration by) { clock_.step(by); }
    Now now() const { return clock_.read(services_.agenda.now()); }
    void heal() { faults_ = {}; }
    // Who tells the machines to sleep and wake.
    void set_on_power(std::function<void(brain::PowerOrder const&)> on_power)
    {
        on_power_ = std::move(on_power);
    }

    // Hands the brain an event, `event(brain, now, effects)`, and carries out what it wants.
    template<typename Event>
    void handle(Event const& event)
    {
        brain::Effects effects;
        event(*brain_, clock_.read(services_.agenda.now()), effects);
        carry_out(effects);
    }

    // The checks that take longer: the brain's invariants, the auditor's books, a replay.
    void inspect();

private:
    void carry_out(brain::Effects& effects);
    void pump();
    void batch_over();
    void write(farm::Records const& batch);
    void send(brain::Send send);
    void arm();
    Duration fsync_time();

    Services services_;
    std::function<void(brain::PowerOrder const&)> on_power_;
    Prng prng_;
    Faults faults_;

    ProcessClock clock_;
    std::uint64_t life_ { 0 };
    std::optional<brain::Brain> brain_;
    brain::Committer committer_;
    std::optional<Duration> wake_at_;

    farm::Records disk_;
    std::shared_ptr<farm::Records const> flying_;
    // Failed, and not tried again yet.
    std::shared_ptr<farm::Records const> refused_;
    // Counted in one life: an answer may leave once the records made before it are durable.
    std::uint64_t made_ { 0 };
    std::uint64_t durable_ { 0 };
    std::map<brain::Ticket, std::uint64_t> rests_on_;
    // What the brain was when it died, where all of it was durable.
    std::string died_as_;
};

}
