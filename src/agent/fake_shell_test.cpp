#include <agent/fake_shell.h>

#include <base/verify.h>

#include <fmt/ranges.h>

#include <algorithm>
#include <type_traits>
#include <utility>

namespace sidereal::agent {

void FakeBrain::take(wire::SyncRequest const& request)
{
    auto const applied = request.brain_instance == instance ? request.orders_applied : 0;
    while (!orders.empty() && first_order <= applied) {
        orders.pop_front();
        ++first_order;
    }
    if (request.epoch != epoch)
        return;
    for (std::size_t i = 0; i < request.reports.size(); ++i) {
        if (request.first_report + i > reports_applied)
            reports.push_back(request.reports[i]);
    }
    if (!request.reports.empty())
        reports_applied = std::max(
            reports_applied, request.first_report + request.reports.size() - 1);
}

wire::SyncReply FakeBrain::reply() const
{
    wire::SyncReply reply;
    reply.epoch = epoch;
    reply.brain_instance = instance;
    reply.reports_applied = reports_applied;
    reply.first_order = first_order;
    reply.orders.assign(orders.begin(), orders.end());
    reply.jobs = jobs;
    return reply;
}

void FakeBrain::restart()
{
    ++instance;
    orders.clear();
    first_order = 1;
    reports_applied = 0;
}

FakeShell::FakeShell(Config config)
    : agent(std::move(config))
{
}

template<typename Event>
void FakeShell::event(Event what)
{
    Effects effects;
    what(effects);
    for (auto& note : effects.notes)
        notes.push_back(std::move(note));
    for (auto& effect : effects.list)
        carry_out(effect);
}

void FakeShell::carry_out(Effect& effect)
{
    std::visit(
        [&](auto& what) {
            using What = std::decay_t<decltype(what)>;
            if constexpr (std::is_same_v<What, CallBrain>) {
                ++calls_made;
                if (!cut)
                    brain.take(what.request);
                calls.emplace(what.request.number, std::move(what.request));
            } else if constexpr (std::is_same_v<What, MakeSessionDir>) {
                trace.push_back("make " + what.path);
            } else if constexpr (std::is_same_v<What, RemoveSessionDir>) {
                trace.push_back("remove " + what.path);
            } else if constexpr (std::is_same_v<What, RunAction>) {
                trace.push_back(fmt::format("{}", fmt::join(what.argv, " ")));
                actions.emplace(what.action, std::move(what));
            } else if constexpr (std::is_same_v<What, SignalAction>) {
                trace.emplace_back(what.signal == Signal::kill ? "kill" : "terminate");
                signaled.push_back(what.action);
            } else if constexpr (std::is_same_v<What, ReadLogFile>) {
                log_reads.push_back(std::move(what));
            } else {
                stopped = true;
            }
        },
        effect);
}

void FakeShell::start()
{
    event([&](Effects& effects) { agent.on_start(now, effects); });
}

void FakeShell::stop()
{
    event([&](Effects& effects) { agent.on_stop(now, effects); });
}

void FakeShell::answer(std::vector<wire::Order> orders)
{
    VERIFY(!calls.empty());
    for (auto& order : orders)
        brain.orders.push_back(std::move(order));
    answer(calls.begin()->first, brain.reply());
}

void FakeShell::answer(std::uint64_t number, wire::SyncReply const& reply)
{
    calls.erase(number);
    event([&](Effects& effects) { agent.on_reply(number, reply, now, effects); });
}

void FakeShell::fail(std::uint64_t number, Error const& error)
{
    calls.erase(number);
    event([&](Effects& effects) { agent.on_call_failed(number, error, now, effects); });
}

void FakeShell::end(ActionId action, int exit_code)
{
    actions.erase(action);
    ActionEnd end;
    end.exit_code = exit_code;
    event([&](Effects& effects) { agent.on_action_ended(action, end, now, effects); });
}

void FakeShell::end(ActionId action, ActionEnd const& how)
{
    actions.erase(action);
    event([&](Effects& effects) { agent.on_action_ended(action, how, now, effects); });
}

void FakeShell::sample(ActionId action, ActionSample const& sample)
{
    event([&](Effects& effects) { agent.on_sample(action, sample, now, effects); });
}

void FakeShell::end_killed(ActionId action)
{
    actions.erase(action);
    ActionEnd end;
    end.signal = 9;
    event([&](Effects& effects) { agent.on_action_ended(action, end, now, effects); });
}

void FakeShell::say(ActionId action, std::string_view line)
{
    event([&](Effects& effects) { agent.on_line(action, line, now, effects); });
}

void FakeShell::log_read(wire::LogChunk chunk)
{
    event([&](Effects& effects) { agent.on_log_read(std::move(chunk), now, effects); });
}

void FakeShell::wait(Duration duration)
{
    auto const until = now.mono + duration;
    // An agent that asks to be woken again and again at the same moment would never end.
    int ticks = 0;
    for (auto wake = agent.next_wake(); wake && *wake <= until; wake = agent.next_wake()) {
        auto const step = std::max(Duration {}, *wake - now.mono);
        now.mono += step;
        now.wall += step;
        event([&](Effects& effects) { agent.on_tick(now, effects); });
        ticks = step > Duration {} ? 0 : ticks + 1;
        VERIFY(ticks < 10);
    }
    now.wall += until - now.mono;
    now.mono = until;
}

ActionId FakeShell::first_action() const
{
    VERIFY(!actions.empty());
    return actions.begin()->first;
}

std::vector<std::uint64_t> FakeShell::open_calls() const
{
    std::vector<std::uint64_t> numbers;
    for (auto const& [number, request] : calls)
        numbers.push_back(number);
    return numbers;
}

}
