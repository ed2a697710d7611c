#include <sim/node_host.h>

#include <base/verify.h>
#include <sim/mutate.h>

#include <fmt/format.h>

#include <algorithm>

namespace sidereal::sim {

using namespace std::chrono_literals;

NodeHost::NodeHost(Services const& services, BrainHost& brain, Peer peer, Prng prng)
    : services_(services)
    , brain_(brain)
    , peer_(peer)
    , prng_(prng)
    , work_(services.options.work)
    , clock_({}, draw_between(prng_, -1min, 1min))
    , sessions_(services.verdict)
    , power_fails_(services.options.faults.power_fails)
{
}

void NodeHost::start()
{
    if (alive() || is_off_)
        return;
    clock_.start_life(draw_between(prng_, 1s, 1000h));
    agent::Config config;
    config.node_key = fmt::format("key-{}", peer_);
    config.instance = (peer_ + 1) * 1'000'000 + ++life_;
    config.facts.name = fmt::format("node-{}", peer_);
    config.facts.os_family = "linux";
    config.facts.cpu_arch = "x86_64";
    config.facts.vcpus = services_.options.vcpus[peer_];
    config.facts.memory_bytes = static_cast<std::uint64_t>(
        services_.options.vcpus[peer_] * (1 << 30));
    if (services_.options.mutation == Mutation::claim_more_vcpus)
        config.facts.vcpus *= 2;
    config.facts.memory_bytes = std::uint64_t { 16 } << 30;
    for (int gpu = 0; gpu < services_.options.gpus[peer_]; ++gpu)
        config.facts.gpus.push_back(
            { fmt::format("GPU-{}-{}", peer_, gpu), "GPU", (std::uint64_t { 8 } << gpu) << 30 });
    config.facts.rate = { 50, 300, 0.3, 0.1 * static_cast<double>(peer_) };
    config.sessions_dir = fmt::format("/node-{}/sessions", peer_);
    config.logs_dir = fmt::format("/node-{}/logs", peer_);
    config.adrift_limit = services_.options.adrift_limit;
    agent_.emplace(std::move(config));
    services_.trace_event("node {} starts life {}", peer_, life_);
    handle([](auto& agent, Now now, auto& effects) { agent.on_start(now, effects); });
}

void NodeHost::kill()
{
    if (!alive())
        return;
    services_.trace_event("node {} is killed with {} processes", peer_, processes_.size());
    sessions_.forget_all();
    end_life(prng_.chance(0.3) ? draw_between(prng_, 1s, 40s) : draw_between(prng_, 10ms, 1s));
}

void NodeHost::stop()
{
    if (!alive())
        return;
    services_.trace_event("node {} is asked to stop", peer_);
    handle([](auto& agent, Now now, auto& effects) { agent.on_stop(now, effects); });
}

// As a machine that is switched off: what is in its memory is gone.
void NodeHost::fall_asleep()
{
    if (!alive() || prng_.chance(power_fails_))
        return;
    services_.agenda.after(draw_between(prng_, 10ms, 3s), [this, life = life_] {
        if (life != life_ || !alive())
            return;
        services_.trace_event("node {} is off", peer_);
        for (auto const& [action, process] : processes_)
            if (brain_.alive() && brain_.brain().farm.attempts.contains(process.attempt))
                services_.verdict.fail(
                    "node {} was put to sleep with attempt {}", peer_, process.attempt.value);
        is_off_ = true;
        sessions_.forget_all();
        end_life(1ms);
    });
}

void NodeHost::wake()
{
    if (!is_off_ || prng_.chance(power_fails_))
        return;
    services_.agenda.after(draw_between(prng_, 500ms, 20s), [this] {
        is_off_ = false;
        start();
    });
}

void NodeHost::end_life(Duration down_for)
{
    agent_.reset();
    processes_.clear();
    untold_.clear();
    successes_.clear();
    jobs_known_.clear();
    wake_at_.reset();
    services_.network.peer_died(peer_);
    services_.agenda.after(down_for, [this] { start(); });
}

bool NodeHost::idle() const
{
    return is_off_
        || (alive() && processes_.empty() && sessions_.empty() && agent_->holding().empty());
}

void NodeHost::carry_out(agent::Effects& effects)
{
    for (auto const& note : effects.notes)
        services_.trace_event("node {}: {}", peer_, note.event);
    for (auto& effect : effects.list) {
        if (auto* call = std::get_if<agent::CallBrain>(&effect))
            this->call(std::move(call->request));
        else if (auto const* made = std::get_if<agent::MakeSessionDir>(&effect))
            sessions_.made(made->path);
        else if (auto const* removed = std::get_if<agent::RemoveSessionDir>(&effect)) {
            if (services_.options.mutation != Mutation::keep_session_dir)
                sessions_.removed(removed->path);
        } else if (auto const* action = std::get_if<agent::RunAction>(&effect))
            run(*action);
        else if (auto const* signal = std::get_if<agent::SignalAction>(&effect))
            this->signal(*signal);
        else if (auto const* read = std::get_if<agent::ReadLogFile>(&effect))
            read_log(*read);
        else {
            services_.trace_event("node {} has stopped", peer_);
            if (!processes_.empty() || !sessions_.empty())
                services_.verdict.fail("the agent of node {} stops and leaves {} processes and{} "
                                       "session folders",
                    peer_, processes_.size(), sessions_.empty() ? " no" : "");
            return end_life(draw_between(prng_, 10ms, 10s));
        }
    }
}

void NodeHost::arm()
{
    if (!alive())
        return;
    auto const wake = agent_->next_wake();
    if (!wake)
        return;
    auto const at = std::max(services_.agenda.now(), clock_.world_time(*wake));
    if (wake_at_ && *wake_at_ <= at)
        return;
    wake_at_ = at;
    services_.agenda.at(at + draw_between(prng_, 0us, 500us), [this, at, life = life_] {
        if (life != life_ || !alive() || wake_at_ != at)
            return;
        wake_at_.reset();
        handle([](auto& agent, Now now, auto& effects) { agent.on_tick(now, effects); });
    });
}

void NodeHost::call(wire::SyncRequest request)
{
    auto const number = request.number;
    auto const epoch = request.epoch;
    jobs_known_ = request.jobs_known;
    for (std::size_t i = 0; i < request.reports.size(); ++i) {
        auto const* ended = std::get_if<wire::Ended>(&request.reports[i]);
        if (ended && ended->outcome == wire::Outcome::succeeded)
            successes_[request.first_report + i] = { ended->attempt, epoch };
    }
    mutate(request, services_.options.mutation);
    services_.trace_event(
        "node {} calls: number {} epoch {} holding {} knowing {} reports {} from {}", peer_, number,
        epoch, request.holding.size(), request.jobs_known.size(), request.reports.size(),
        request.first_report);
    auto arrive = [this, request = std::move(request)](brain::Ticket ticket) {
        if (!brain_.alive())
            return services_.network.answer(
                ticket, Error { ErrorCode::unavailable, "connection refused" });
        auto arrived = request;
        mutate_epoch(arrived, brain_.brain().farm, services_.options.mutation);
        services_.trace_event(
            "call {} of node {} is ticket {}", request.number, peer_, ticket.value);
        brain_.handle([&](auto& brain, Now now, auto& effects) {
            brain::on_sync(brain, arrived, ticket, now, effects);
        });
    };
    services_.network.call(peer_, services_.options.call_timeout, std::move(arrive),
        [this, number, epoch, life = life_](brain::Answer const& answer) {
            if (life == life_ && alive())
                on_answer(number, epoch, answer);
        });
}

void NodeHost::on_answer(std::uint64_t number, std::uint64_t epoch, brain::Answer const& answer)
{
    if (auto const* error = std::get_if<Error>(&answer)) {
        services_.trace_event(
            "node {} hears that call {} failed: {}", peer_, number, error->message);
        return handle([&](auto& agent, Now now, auto& effects) {
            agent.on_call_failed(number, *error, now, effects);
        });
    }
    auto reply = std::get<wire::SyncReply>(answer);
    services_.trace_event("node {} hears to call {}: epoch {} applied {} orders {} from {}", peer_,
        number, reply.epoch, reply.reports_applied, reply.orders.size(), reply.first_order);
    for (auto const& order : reply.orders)
        trace_order(order);
    for (auto const& text : reply.jobs)
        services_.trace_event("node {} hears the text of job {}", peer_, text.job.value);
    note_acknowledged(epoch, reply);
    mutate(reply, services_.options.mutation);
    handle(
        [&](auto& agent, Now now, auto& effects) { agent.on_reply(number, reply, now, effects); });
}

void NodeHost::trace_order(wire::Order const& order) const
{
    if (auto const* start = std::get_if<wire::Start>(&order))
        services_.trace_event("node {} hears: start attempt {} of job {}", peer_,
            start->attempt.value, start->job.value);
    else if (auto const* cancel = std::get_if<wire::Cancel>(&order))
        services_.trace_event("node {} hears: cancel attempt {}", peer_, cancel->attempt.value);
    else if (auto const* release = std::get_if<wire::ReleaseJob>(&order))
        services_.trace_event("node {} hears: release job {}", peer_, release->job.value);
}

void NodeHost::note_acknowledged(std::uint64_t epoch, wire::SyncReply const& reply)
{
    std::erase_if(successes_, [&](auto const& entry) {
        auto const& [number, sent] = entry;
        if (number > reply.reports_applied)
            return false;
        // Under another epoch the brain takes reports off the agent's hands without counting them.
        if (sent.epoch == reply.epoch && epoch == reply.epoch)
            services_.ledger.success_acknowledged(sent.attempt);
        return true;
    });
}

void NodeHost::read_log(agent::ReadLogFile const& read)
{
    wire::LogChunk chunk;
    chunk.request = read.request.request;
    chunk.offset = read.request.offset;
    chunk.attempt_ended = read.attempt_ended;
    chunk.data = "a line of log\n";
    chunk.log_size = chunk.offset + chunk.data.size();
    services_.agenda.after(draw_between(prng_, 100us, 5ms), [this, chunk, life = life_] {
        if (life == life_ && alive())
            handle([&](auto& agent, Now now, auto& effects) {
                agent.on_log_read(chunk, now, effects);
            });
    });
}

}
