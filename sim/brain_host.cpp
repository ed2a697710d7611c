#include <sim/brain_host.h>

#include <sim/farm_text.h>

#include <algorithm>
#include <utility>

namespace sidereal::sim {

using namespace std::chrono_literals;

BrainHost::BrainHost(Services const& services, Prng prng)
    : services_(services)
    , prng_(prng)
    , faults_(services.options.faults)
    , clock_({}, draw_between(prng_, -1min, 1min))
{
}

void BrainHost::start()
{
    clock_.start_life(draw_between(prng_, 1s, 1000h));
    made_ = durable_ = 0;
    rests_on_.clear();
    brain_.emplace();
    brain_->config = services_.options.brain;
    brain_->config.instance = ++life_;
    for (auto const& record : disk_) {
        if (auto const applied = brain_->farm.apply(record); !applied)
            return services_.verdict.fail(
                "a durable record cannot be replayed: {}", applied.error().message);
    }
    services_.trace_event("brain life {} starts from {} records", life_, disk_.size());
    if (auto const text = farm_text(brain_->farm); !died_as_.empty() && text != died_as_)
        return services_.verdict.fail(
            "the brain came back as another: before / after: {}", first_difference(died_as_, text));
    services_.ledger.compare(brain_->farm);
    handle([](auto& brain, Now now, auto& effects) { brain::on_restored(brain, now, effects); });
}

void BrainHost::crash()
{
    // The disk may have kept a batch without the brain ever hearing that it did, or after it said
    // that it did not.
    auto const& kept = flying_ ? flying_ : refused_;
    if (kept && prng_.chance(0.5))
        write(*kept);
    flying_.reset();
    refused_.reset();
    died_as_ = committer_.idle() ? farm_text(brain_->farm) : std::string();
    services_.trace_event(
        "brain life {} dies with {} of {} records durable", life_, durable_, made_);
    if (services_.options.mutation == Mutation::forget_batch)
        disk_.resize(disk_.size() - std::min<std::size_t>(disk_.size(), 3));
    brain_.reset();
    committer_ = {};
    wake_at_.reset();
    services_.network.brain_died();
}

void BrainHost::carry_out(brain::Effects& effects)
{
    made_ += effects.records.size();
    for (auto const& send : effects.sends) {
        rests_on_[send.to] = made_;
        if (services_.options.mutation == Mutation::speak_before_durable)
            this->send(send);
    }
    for (auto const& note : effects.notes)
        services_.trace_event("brain: {}", note.event);
    if (services_.options.mutation == Mutation::speak_before_durable)
        effects.sends.clear();
    committer_.add(effects);
    pump();
    arm();
}

void BrainHost::pump()
{
    if (auto batch = committer_.start_batch()) {
        services_.trace_event("brain writes {} records", batch->size());
        flying_ = std::move(batch);
        refused_.reset();
        services_.agenda.after(fsync_time(), [this, life = life_] {
            if (life == life_ && flying_)
                batch_over();
        });
    }
    for (auto& ready : committer_.take_ready())
        send(std::move(ready));
    for (auto const& order : committer_.take_power()) {
        services_.trace_event("brain tells {} to {}", order.name,
            order.kind == sched::PowerChange::Kind::wake ? "wake" : "sleep");
        on_power_(order);
    }
}

Duration BrainHost::fsync_time()
{
    return prng_.chance(faults_.slow_fsync) ? draw_between(prng_, 10ms, 5s)
                                            : draw_between(prng_, 200us, 3ms);
}

void BrainHost::batch_over()
{
    if (prng_.chance(faults_.commit_fails)) {
        services_.trace_event("the disk refuses {} records", flying_->size());
        refused_ = std::exchange(flying_, nullptr);
        committer_.batch_failed();
        services_.agenda.after(100ms, [this, life = life_] {
            if (life == life_ && alive())
                pump();
        });
        return;
    }
    write(*flying_);
    durable_ += flying_->size();
    flying_.reset();
    committer_.batch_done();
    pump();
}

void BrainHost::write(farm::Records const& batch)
{
    auto written = batch;
    auto const ended = std::find_if(written.begin(), written.end(), [](auto const& record) {
        auto const* attempt = std::get_if<farm::AttemptRecord>(&record);
        return attempt && attempt->state == farm::AttemptState::ended;
    });
    if (ended != written.end() && services_.options.mutation == Mutation::lose_record)
        written.erase(ended);
    else if (ended != written.end() && services_.options.mutation == Mutation::miscount_cost)
        std::get<farm::AttemptRecord>(*ended).cost += Money { 1 };
    services_.ledger.take(written);
    disk_.insert(disk_.end(), written.begin(), written.end());
    if (services_.options.mutation == Mutation::write_batch_twice) {
        services_.ledger.take(written);
        disk_.insert(disk_.end(), written.begin(), written.end());
    }
}

void BrainHost::send(brain::Send send)
{
    auto const tag = rests_on_.extract(send.to);
    if (tag.empty())
        return services_.verdict.fail("ticket {} is answered twice", send.to.value);
    if (tag.mapped() > durable_)
        services_.verdict.fail(
            "the answer to ticket {} left before its records were durable", send.to.value);
    services_.trace_event(
        "brain answers ticket {} with kind {}", send.to.value, send.answer.index());
    services_.network.answer(send.to, std::move(send.answer));
}

void BrainHost::arm()
{
    auto const wake = brain::next_wake(*brain_);
    if (!wake)
        return;
    // "At once" is Mono::min(), which no world time is.
    auto const at = *wake <= now().mono ? services_.agenda.now() : clock_.world_time(*wake);
    if (wake_at_ && *wake_at_ <= at)
        return;
    wake_at_ = at;
    // A loop is never exactly on time.
    services_.agenda.at(at + draw_between(prng_, 0us, 500us), [this, at, life = life_] {
        if (life != life_ || !alive() || wake_at_ != at)
            return;
        wake_at_.reset();
        handle([](auto& brain, Now now, auto& effects) { brain::on_tick(brain, now, effects); });
    });
}

void BrainHost::inspect()
{
    if (!alive())
        return;
    if (auto const broken = farm::broken_invariant(brain_->farm); !broken.empty())
        return services_.verdict.fail("the brain's books: {}", broken);
    if (!committer_.idle())
        return;
    services_.ledger.compare(brain_->farm);
    farm::Farm replayed;
    for (auto const& record : disk_) {
        if (auto const applied = replayed.apply(record); !applied)
            return services_.verdict.fail(
                "a durable record cannot be replayed: {}", applied.error().message);
    }
    auto const live = farm_text(brain_->farm);
    if (auto const text = farm_text(replayed); text != live)
        services_.verdict.fail(
            "a replay gives another farm: live / replayed: {}", first_difference(live, text));
}

}
