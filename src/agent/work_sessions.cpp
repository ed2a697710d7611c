// Sessions of the node's work: made when needed, kept for more of their step, left in order.
#include <agent/gpu_environment.h>
#include <agent/work.h>

#include <base/verify.h>

#include <fmt/format.h>

#include <algorithm>
#include <iterator>
#include <utility>

namespace sidereal::agent {

namespace {

bool has_whole_gpus(wire::Start const& order)
{
    return std::any_of(order.gpus.begin(), order.gpus.end(),
        [](wire::GpuPart const& part) { return part.part >= 1; });
}

}

std::string Work::log_folder(JobId job) const
{
    return fmt::format("{}/{}", config_.logs_dir, job.value);
}

SessionKey Work::key_of(wire::Start const& order)
{
    SessionKey key { order.job, order.step, {} };
    for (auto const& part : order.gpus)
        key.gpus.push_back(part.uuid);
    return key;
}

std::vector<SessionNumber> Work::in_the_way(wire::Start const& order) const
{
    std::vector<SessionNumber> found;
    if (order.gpus.empty())
        return found;
    auto const key = key_of(order);
    auto const shares_gpu = [&](Place const& place) {
        return std::any_of(key.gpus.begin(), key.gpus.end(), [&](std::string const& uuid) {
            auto const& theirs = place.key.gpus;
            return std::find(theirs.begin(), theirs.end(), uuid) != theirs.end();
        });
    };
    for (auto const& [number, place] : sessions_) {
        auto const goes_on = place.idle_since && place.key == key;
        if (!goes_on && (place.has_whole_gpus || has_whole_gpus(order)) && shares_gpu(place))
            found.push_back(number);
    }
    return found;
}

Work::Sessions::iterator Work::session_for(wire::Start const& order)
{
    auto key = key_of(order);
    auto const idle = idle_by_key_.find(key);
    if (idle != idle_by_key_.end()) {
        auto const at = sessions_.find(*idle->second.rbegin());
        unset_idle(at);
        return at;
    }
    auto const number = ++last_session_;
    SessionPlace place { fmt::format("{}/{:x}-{}", config_.sessions_dir, config_.instance, number),
        fmt::format("{}/session-{}-exit.log", log_folder(order.job), number),
        config_.base_environment, {}, !order.gpus.empty() };
    place.node_memory_bytes = config_.facts.memory_bytes;
    auto gpus = gpu_environment(config_.facts.gpus, order.gpus);
    std::move(gpus.begin(), gpus.end(), std::back_inserter(place.base_environment));
    Session session(jobs_.at(order.job).job, order.step, std::move(place));
    return sessions_
        .emplace(number,
            Place { std::move(session), std::move(key), has_whole_gpus(order), {}, {}, {}, {}, {} })
        .first;
}

// After every event of a session: bring all that is known of it up to date.
void Work::settle(Sessions::iterator at, Turn& turn)
{
    auto& place = at->second;
    if (turn.ended) {
        finish(place, std::move(*turn.ended));
        auto const job = jobs_.find(place.key.job);
        if (stopping_ || !place.session.takes_task() || job == jobs_.end() || job->second.released)
            place.session.close(turn);
        else
            set_idle(at, turn.now);
    }
    if (place.session.action() != place.action) {
        if (place.action)
            actions_.erase(*place.action);
        place.action = place.session.action();
        place.vigil = {};
        if (place.action)
            actions_.emplace(*place.action, at->first);
    }
    set_wake(at);
    if (place.session.closed())
        sessions_.erase(at);
}

void Work::finish(Place& place, wire::Ended end)
{
    auto const running = running_.extract(place.attempt);
    VERIFY(!running.empty());
    place.attempt = {};
    auto const& order = running.mapped().order;
    used_vcpus_ = running_.empty() ? 0 : used_vcpus_ - order.vcpus;
    used_memory_mib_ = running_.empty() ? 0 : used_memory_mib_ - order.memory_mib;
    outbox_.drop_progress(order.attempt);
    if (!running.mapped().is_void)
        outbox_.add(std::move(end));
    let_go(order.job);
}

void Work::set_wake(Sessions::iterator at)
{
    auto& place = at->second;
    auto const wake = place.session.closed() ? std::nullopt : place.session.next_wake();
    if (wake == place.wake)
        return;
    if (place.wake)
        wakes_.erase({ *place.wake, at->first });
    if (wake)
        wakes_.emplace(*wake, at->first);
    place.wake = wake;
}

void Work::set_idle(Sessions::iterator at, Now now)
{
    auto& place = at->second;
    place.idle_since = now.mono;
    idle_.emplace(now.mono, at->first);
    idle_by_key_[place.key].insert(at->first);
}

void Work::unset_idle(Sessions::iterator at)
{
    auto& place = at->second;
    idle_.erase({ *place.idle_since, at->first });
    place.idle_since.reset();
    auto const alike = idle_by_key_.find(place.key);
    alike->second.erase(at->first);
    if (alike->second.empty())
        idle_by_key_.erase(alike);
}

void Work::close_idle(SessionNumber number, Now now, Effects& effects)
{
    auto const at = sessions_.find(number);
    unset_idle(at);
    Turn turn { now, last_action_, effects };
    at->second.session.close(turn);
    settle(at, turn);
}

void Work::close_idle_over(std::size_t limit, Now now, Effects& effects)
{
    while (idle_.size() > limit)
        close_idle(idle_.begin()->second, now, effects);
}

Secrets const* Work::secrets_of(ActionId action) const
{
    auto const found = actions_.find(action);
    return found == actions_.end() ? nullptr : &sessions_.at(found->second).session.secrets();
}

bool Work::takes_line(ActionId action, std::string_view line)
{
    auto const found = actions_.find(action);
    return found == actions_.end() ? line_matters(line)
                                   : sessions_.at(found->second).session.takes_line(line);
}

void Work::on_line(ActionId action, std::string_view line, Now now, Effects& effects)
{
    auto const found = actions_.find(action);
    if (found == actions_.end())
        return;
    auto const at = sessions_.find(found->second);
    Turn turn { now, last_action_, effects };
    auto const progress = at->second.session.on_line(line, turn);
    auto const running = running_.find(at->second.attempt);
    if (progress && running != running_.end() && !running->second.is_void)
        outbox_.add_progress(running->first, *progress);
    settle(at, turn);
}

void Work::on_action_ended(ActionId action, ActionEnd const& end, Now now, Effects& effects)
{
    auto const found = actions_.find(action);
    VERIFY(found != actions_.end());
    auto const at = sessions_.find(found->second);
    Turn turn { now, last_action_, effects };
    at->second.session.on_action_ended(end, turn);
    settle(at, turn);
}

void Work::on_tick(Now now, Effects& effects)
{
    while (!wakes_.empty() && wakes_.begin()->first <= now.mono) {
        auto const at = sessions_.find(wakes_.begin()->second);
        Turn turn { now, last_action_, effects };
        at->second.session.on_tick(turn);
        settle(at, turn);
    }
    while (!idle_.empty() && idle_.begin()->first + config_.session_linger <= now.mono)
        close_idle(idle_.begin()->second, now, effects);
}

std::optional<Mono> Work::next_wake() const
{
    std::optional<Mono> wake;
    if (!wakes_.empty())
        wake = wakes_.begin()->first;
    if (!idle_.empty()) {
        auto const linger = idle_.begin()->first + config_.session_linger;
        wake = wake ? std::min(*wake, linger) : linger;
    }
    return wake;
}

}
