#pragma once

#include <brain/brain.h>
#include <sim/agenda.h>
#include <sim/options.h>
#include <sim/trace.h>

#include <cstddef>
#include <functional>
#include <map>
#include <optional>
#include <vector>

namespace sidereal::sim {

// Who calls the brain: a node by its index, or the client, who comes after the nodes.
using Peer = std::size_t;

// Carries calls to the brain and its answers back, and loses, delays, doubles and reorders them.
// A caller hears exactly once of each call while it lives: the answer, or a failure.
class Network {
public:
    using Arrive = std::function<void(brain::Ticket)>;
    using Finish = std::function<void(brain::Answer const&)>;

    Network(Agenda& agenda, Trace& trace, Faults const& faults, Prng prng, std::size_t peers);

    void call(Peer peer, Duration timeout, Arrive const& arrive, Finish finish);
    // The brain's side of it.
    void answer(brain::Ticket ticket, brain::Answer answer);
    void brain_died();
    // The peer's open calls end without anyone there to hear it.
    void peer_died(Peer peer);
    // The brain learns that nobody waits for the ticket any more.
    void set_on_gone(Arrive on_gone) { on_gone_ = std::move(on_gone); }

    // For a while one peer or half of them, one way or both, are cut off.
    void cut_some();
    void heal();

private:
    struct Call {
        Peer peer;
        Finish finish;
    };
    struct Line {
        Duration up_cut_until {};
        Duration down_cut_until {};
    };
    enum class Way : std::uint8_t { up, down };

    std::optional<Duration> travel(Peer peer, Way way);
    void deliver_up(std::uint64_t call, Peer peer, Arrive const& arrive);
    void finish(std::uint64_t call, brain::Answer const& answer);
    void hang_up(std::uint64_t call, Peer peer);

    Agenda& agenda_;
    Trace& trace_;
    Faults faults_;
    Prng prng_;
    std::vector<Line> lines_;
    Arrive on_gone_;
    std::uint64_t last_call_ { 0 };
    std::uint64_t last_ticket_ { 0 };
    std::map<std::uint64_t, Call> calls_;
    // Given to the brain and not answered yet.
    std::map<brain::Ticket, std::pair<std::uint64_t, Peer>> tickets_;
};

}
