#include <app/brain_host.h>

#include <app/note_log.h>
#include <io/clock.h>

#include <algorithm>
#include <utility>

namespace sidereal::app {

namespace {

constexpr auto store_retry = std::chrono::seconds(1);
constexpr auto clock_step_worth_saying = std::chrono::seconds(30);

}

BrainHost::BrainHost(io::Loop& loop, io::Log& log, store::Store& store, brain::Config config)
    : loop_(loop)
    , log_(log)
    , store_(store)
{
    brain_.config = config;
}

Status BrainHost::restore()
{
    TRY(store_.replay([this](farm::Record const& record) { return brain_.farm.apply(record); }));
    run([](brain::Brain& brain, Now now, brain::Effects& effects) {
        brain::on_restored(brain, now, effects);
    });
    return {};
}

brain::Ticket BrainHost::open_ticket(io::Function<void(brain::Answer)> take)
{
    brain::Ticket const ticket { ++last_ticket_ };
    tickets_.emplace(ticket, std::move(take));
    return ticket;
}

void BrainHost::drop_ticket(brain::Ticket ticket)
{
    tickets_.erase(ticket);
    brain::on_ticket_gone(brain_, ticket);
}

void BrainHost::run(Event event)
{
    auto const now = io::now();
    notice_clock_step(now);
    brain::Effects effects;
    event(brain_, now, effects);
    for (auto const& note : effects.notes)
        write_note(log_, note);
    committer_.add(effects);
    pump();
    arm_timer();
    if (changed_)
        changed_();
    longest_turn_ = std::max(longest_turn_, io::mono_now() - now.mono);
}

// Leases go by a clock that cannot be stepped; only the times in records look odd.
void BrainHost::notice_clock_step(Now now)
{
    if (last_turn_) {
        auto const passed = now.mono - last_turn_->mono;
        auto const step = (now.wall - last_turn_->wall) - passed;
        if (std::chrono::abs(step) > clock_step_worth_saying)
            log_.warning("clock_stepped",
                { { "by", to_human(step) }, { "effect", "only the times in records show it" } });
    }
    last_turn_ = now;
}

void BrainHost::when_durable(io::Function<void()> ready)
{
    brain::Effects effects;
    auto const ticket = open_ticket([ready = std::move(ready)](brain::Answer const&) { ready(); });
    effects.sends.push_back({ ticket, brain::Done {} });
    committer_.add(effects);
    pump();
}

void BrainHost::when_idle(io::Function<void()> idle)
{
    idle_ = std::move(idle);
    pump();
}

void BrainHost::pump()
{
    if (auto batch = committer_.start_batch()) {
        store_.commit(std::move(batch), [this](Status status) {
            loop_.post([this, status = std::move(status)] { committed(status); });
        });
    }
    for (auto& send : committer_.take_ready()) {
        auto const waiting = tickets_.extract(send.to);
        if (!waiting.empty())
            waiting.mapped()(std::move(send.answer));
    }
    for (auto const& order : committer_.take_power())
        log_.warning("no_power_driver",
            { { "node", order.name }, { "pool", order.pool },
                { "wanted", order.kind == sched::PowerChange::Kind::wake ? "wake" : "sleep" } });
    if (idle_ && committer_.idle())
        std::exchange(idle_, {})();
}

void BrainHost::committed(Status status)
{
    if (!status) {
        if (!store_trouble_)
            log_.error("store_failed",
                { { "reason", status.error().message },
                    { "effect", "nothing new is acknowledged until it works again" } });
        auto const& [code, reason] = status.error();
        store_trouble_ = { code,
            fmt::format(
                "the brain takes nothing on while it cannot store: {}; it goes on by itself "
                "once that is mended",
                reason) };
        committer_.batch_failed();
        loop_.call_after(store_retry, [this] { pump(); });
        return;
    }
    if (std::exchange(store_trouble_, std::nullopt))
        log_.info("store_works_again");
    committer_.batch_done();
    pump();
}

void BrainHost::tick()
{
    run([](brain::Brain& brain, Now now, brain::Effects& effects) {
        brain::on_tick(brain, now, effects);
    });
}

void BrainHost::arm_timer()
{
    auto const wake = brain::next_wake(brain_);
    if (!wake)
        return;
    if (*wake == brain::at_once) {
        // Behind the events that are ready by now, so that one plan serves them all.
        if (!std::exchange(tick_posted_, true))
            loop_.post([this] {
                tick_posted_ = false;
                tick();
            });
        return;
    }
    if (timer_ && timer_at_ <= *wake)
        return;
    loop_.cancel(timer_);
    timer_at_ = *wake;
    timer_ = loop_.call_at(timer_at_, [this] {
        timer_ = {};
        tick();
    });
}

}
