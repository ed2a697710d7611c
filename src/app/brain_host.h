#pragma once

#include <api/host.h>
#include <brain/committer.h>
#include <io/log.h>
#include <io/loop.h>
#include <store/store.h>

#include <map>
#include <memory>
#include <optional>

namespace sidereal::app {

// The body of a brain: runs its mind's events one by one, makes their records durable, and lets the
// answers go afterwards. Owned by the brain's main; loop thread only.
class BrainHost final : public api::Host {
public:
    BrainHost(io::Loop& loop, io::Log& log, store::Store& store, brain::Config config);
    BrainHost(BrainHost const&) = delete;
    BrainHost& operator=(BrainHost const&) = delete;

    // Rebuilds the state from the store. Before anything else.
    Status restore();
    // Called after every event.
    void on_change(io::Function<void()> changed) { changed_ = std::move(changed); }
    // Calls `idle` once nothing is left to make durable.
    void when_idle(io::Function<void()> idle);

    brain::Brain const& brain() const override { return brain_; }
    brain::Ticket open_ticket(io::Function<void(brain::Answer)> take) override;
    void drop_ticket(brain::Ticket ticket) override;
    void run(Event event) override;
    void when_durable(io::Function<void()> ready) override;
    std::optional<Error> store_trouble() const override { return store_trouble_; }
    Duration longest_turn() const override { return longest_turn_; }
    store::Store& history() override { return store_; }

private:
    void pump();
    void committed(Status status);
    void tick();
    void arm_timer();
    void notice_clock_step(Now now);

    io::Loop& loop_;
    io::Log& log_;
    store::Store& store_;
    brain::Brain brain_;
    brain::Committer committer_;
    std::map<brain::Ticket, io::Function<void(brain::Answer)>> tickets_;
    std::uint64_t last_ticket_ { 0 };
    io::Function<void()> changed_;
    io::Function<void()> idle_;
    io::TimerId timer_;
    Mono timer_at_ {};
    bool tick_posted_ { false };
    Duration longest_turn_ {};
    std::optional<Now> last_turn_;
    std::optional<Error> store_trouble_;
};

}
