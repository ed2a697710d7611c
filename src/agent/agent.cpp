#include <agent/agent.h>

#include <agent/calls.h>
#include <agent/outbox.h>
#include <agent/secrets.h>
#include <agent/work.h>

#include <algorithm>
#include <utility>

namespace sidereal::agent {

struct Agent::Impl {
    explicit Impl(Config from)
        : config(std::move(from))
        , work(config, outbox)
        , calls(config, outbox)
    {
    }

    Config config;
    Outbox outbox;
    Work work;
    Calls calls;
    // The last word of the brain before work was interrupted for want of another.
    std::optional<Mono> interrupted_after;
    bool stopped { false };

    Calls::Pace pace() const { return { work.has_plenty(), work.over() }; }

    // After every event: fill the node, then tell the brain what there is to tell.
    void settle(Now now, Effects& effects)
    {
        if (calls.holds_lease(now.mono))
            work.fill_node(now, effects);
        while (!stopped && calls.wants_call(pace(), now.mono))
            call(now, effects);
        if (!stopped && calls.has_left(pace(), now.mono)) {
            stopped = true;
            effects.list.emplace_back(Stop {});
        }
    }

    void call(Now now, Effects& effects)
    {
        auto request = calls.compose(pace(), now.mono);
        request.holding = work.holding();
        outbox.list_ended(request.holding);
        request.jobs_known = work.jobs_known();
        request.log_rules = work.log_rules_known();
        effects.list.emplace_back(CallBrain { std::move(request) });
    }

    Mono adrift_at() const { return calls.last_heard() + config.adrift_limit; }
    // There is work to lose, and this silence of the brain has not cost it yet.
    bool may_drift() const
    {
        return work.holds_anything() && interrupted_after != calls.last_heard();
    }
};

Agent::Agent(Config config)
    : impl_(std::make_unique<Impl>(std::move(config)))
{
}

Agent::~Agent() = default;
Agent::Agent(Agent&&) noexcept = default;

void Agent::on_start(Now now, Effects& effects)
{
    impl_->calls.start(now.mono);
    impl_->settle(now, effects);
}

void Agent::on_reply(std::uint64_t number, wire::SyncReply const& reply, Now now, Effects& effects)
{
    auto const accepted = impl_->calls.on_reply(number, reply, now.mono, effects.notes);
    if (accepted.epoch_changed) {
        effects.notes.push_back({ Note::Level::warning, "epoch_changed",
            { { "epoch", std::to_string(reply.epoch) } } });
        impl_->work.void_all(now, effects);
    }
    if (reply.log_rules)
        impl_->work.learn(*reply.log_rules);
    for (auto const& job : accepted.jobs)
        impl_->work.learn(job);
    for (auto const& order : accepted.orders) {
        // Once more: a release among these orders may have taken the text away again.
        if (auto const* start = std::get_if<wire::Start>(&order)) {
            for (auto const& job : accepted.jobs)
                if (job.job == start->job)
                    impl_->work.learn(job);
        }
        impl_->work.apply(order, now, effects);
    }
    impl_->settle(now, effects);
}

void Agent::on_call_failed(std::uint64_t number, Error const& error, Now now, Effects& effects)
{
    impl_->calls.on_failed(number, error, now.mono, effects.notes);
    impl_->settle(now, effects);
}

bool Agent::hides(ActionId action, std::string_view bytes) const
{
    auto const* const secrets = impl_->work.secrets_of(action);
    return mentions_secret(bytes) || (secrets && !secrets->empty());
}

std::string Agent::shown(ActionId action, std::string_view line) const
{
    auto const* const secrets = impl_->work.secrets_of(action);
    return secrets ? secrets->hide_in_line(line) : Secrets().hide_in_line(line);
}

bool Agent::takes_line(ActionId action, std::string_view line)
{
    return impl_->work.takes_line(action, line);
}

void Agent::on_sample(ActionId action, ActionSample const& sample, Now now, Effects& effects)
{
    impl_->work.on_sample(action, sample, now, effects);
    impl_->settle(now, effects);
}

void Agent::on_line(ActionId action, std::string_view line, Now now, Effects& effects)
{
    impl_->work.on_line(action, line, now, effects);
    impl_->settle(now, effects);
}

void Agent::on_action_ended(ActionId action, ActionEnd const& end, Now now, Effects& effects)
{
    impl_->work.on_action_ended(action, end, now, effects);
    impl_->settle(now, effects);
}

void Agent::on_log_read(wire::LogChunk chunk, Now now, Effects& effects)
{
    impl_->outbox.add(std::move(chunk));
    impl_->settle(now, effects);
}

void Agent::on_stop(Now now, Effects& effects)
{
    impl_->work.stop(now, effects);
    impl_->calls.leave();
    impl_->settle(now, effects);
}

void Agent::on_tick(Now now, Effects& effects)
{
    impl_->work.on_tick(now, effects);
    if (impl_->may_drift() && impl_->adrift_at() <= now.mono) {
        impl_->interrupted_after = impl_->calls.last_heard();
        impl_->work.interrupt_all(
            "the node heard nothing from the brain for " + to_human(impl_->config.adrift_limit),
            now, effects);
    }
    impl_->settle(now, effects);
}

std::optional<Mono> Agent::next_wake() const
{
    if (impl_->stopped)
        return std::nullopt;
    auto wake = impl_->calls.next_wake(impl_->pace());
    auto const consider = [&](std::optional<Mono> other) {
        if (other && (!wake || *other < *wake))
            wake = other;
    };
    consider(impl_->work.next_wake());
    if (impl_->may_drift())
        consider(impl_->adrift_at());
    return wake;
}

std::vector<AttemptId> Agent::holding() const { return impl_->work.holding(); }

std::vector<AttemptId> Agent::running() const { return impl_->work.running(); }

}
