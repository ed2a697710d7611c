#include <sim/network.h>

namespace sidereal::sim {

using namespace std::chrono_literals;

Network::Network(Agenda& agenda, Trace& trace, Faults const& faults, Prng prng, std::size_t peers)
    : agenda_(agenda)
    , trace_(trace)
    , faults_(faults)
    , prng_(prng)
    , lines_(peers)
{
}

std::optional<Duration> Network::travel(Peer peer, Way way)
{
    auto const& line = lines_[peer];
    auto const cut_until = way == Way::up ? line.up_cut_until : line.down_cut_until;
    if (agenda_.now() < cut_until || prng_.chance(faults_.lost))
        return std::nullopt;
    if (prng_.chance(faults_.slow))
        return draw_between(prng_, 1ms, faults_.slow_limit);
    return draw_between(prng_, 100us, 1ms);
}

void Network::call(Peer peer, Duration timeout, Arrive const& arrive, Finish finish)
{
    auto const id = ++last_call_;
    calls_[id] = { peer, std::move(finish) };
    auto const copies = prng_.chance(faults_.duplicated) ? 2 : 1;
    for (int copy = 0; copy < copies; ++copy) {
        if (auto const time = travel(peer, Way::up))
            agenda_.after(*time, [this, id, peer, arrive] { deliver_up(id, peer, arrive); });
        else
            trace_.event(agenda_.now(), "call {} of peer {} is lost", id, peer);
    }
    agenda_.after(timeout, [this, id, peer] {
        if (!calls_.contains(id))
            return;
        trace_.event(agenda_.now(), "call {} of peer {} timed out", id, peer);
        hang_up(id, peer);
        this->finish(id, Error { ErrorCode::timed_out, "no answer in time" });
    });
}

void Network::deliver_up(std::uint64_t call, Peer peer, Arrive const& arrive)
{
    brain::Ticket const ticket { ++last_ticket_ };
    tickets_[ticket] = { call, peer };
    arrive(ticket);
}

void Network::answer(brain::Ticket ticket, brain::Answer answer)
{
    auto const found = tickets_.find(ticket);
    if (found == tickets_.end())
        return;
    auto const [call, peer] = found->second;
    tickets_.erase(found);
    auto const time = travel(peer, Way::down);
    if (!time) {
        trace_.event(agenda_.now(), "the answer to call {} of peer {} is lost", call, peer);
        return;
    }
    agenda_.after(*time, [this, call = call, answer = std::move(answer)] { finish(call, answer); });
}

void Network::finish(std::uint64_t call, brain::Answer const& answer)
{
    auto const found = calls_.extract(call);
    if (!found.empty())
        found.mapped().finish(answer);
}

void Network::brain_died()
{
    for (auto const& ticket : std::exchange(tickets_, {})) {
        auto const [call, peer] = ticket.second;
        // A machine that lost power resets no connection: then the caller must find out by itself.
        if (auto const time = prng_.chance(0.8) ? travel(peer, Way::down) : std::nullopt)
            agenda_.after(*time, [this, call = call] {
                finish(call, Error { ErrorCode::unavailable, "the connection was reset" });
            });
    }
}

void Network::hang_up(std::uint64_t call, Peer peer)
{
    for (auto const& [ticket, whose] : tickets_) {
        if (whose.first != call)
            continue;
        auto const time = prng_.chance(0.8) ? travel(peer, Way::up) : std::nullopt;
        if (!time)
            continue;
        agenda_.after(*time, [this, ticket = ticket] {
            if (tickets_.erase(ticket) > 0)
                on_gone_(ticket);
        });
    }
}

void Network::peer_died(Peer peer)
{
    for (auto call = calls_.begin(); call != calls_.end();) {
        if (call->second.peer != peer) {
            ++call;
            continue;
        }
        hang_up(call->first, peer);
        call = calls_.erase(call);
    }
}

void Network::cut_some()
{
    auto const half = prng_.chance(0.3);
    auto const chosen = prng_.below(lines_.size());
    auto const which = prng_.below(3);
    auto const until = agenda_.now() + draw_between(prng_, 100ms, 40s);
    for (Peer peer = 0; peer < lines_.size(); ++peer) {
        if (half ? prng_.chance(0.5) : peer != chosen)
            continue;
        if (which != 0)
            lines_[peer].up_cut_until = until;
        if (which != 1)
            lines_[peer].down_cut_until = until;
        trace_.event(agenda_.now(), "peer {} is cut off{} until {} us", peer,
            std::string_view(which == 0 ? " downwards"
                    : which == 1        ? " upwards"
                                        : ""),
            until.count());
    }
}

void Network::heal()
{
    faults_ = {};
    for (auto& line : lines_)
        line = {};
}

}
