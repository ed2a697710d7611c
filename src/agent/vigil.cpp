// What the agent watches while a task runs: whether it shows signs of life, and the node's memory.
#include <agent/work.h>

#include <fmt/format.h>

#include <string>
#include <utility>

namespace sidereal::agent {

namespace {

constexpr double mib = 1024.0 * 1024.0;
// The brain is told of a silence from this on, and again every so often: it may have been
// restarted.
constexpr Duration silence_to_tell = std::chrono::seconds(10);
constexpr Duration tell_again = std::chrono::minutes(1);
// Less of a CPU than this is a process that waits and looks up now and then.
constexpr double idle_part_of_cpu = 0.01;

std::string gib(double amount_mib) { return fmt::format("{:.3g} GiB", amount_mib / 1024); }

}

void Work::on_sample(ActionId action, ActionSample const& sample, Now now, Effects& effects)
{
    auto const found = actions_.find(action);
    if (found == actions_.end())
        return;
    auto const number = found->second;
    auto& place = sessions_.at(number);
    auto const running = running_.find(place.attempt);
    if (running == running_.end() || running->second.is_void)
        return;
    watch_silence(place, sample, now.mono);
    place.vigil.last = sample;
    place.vigil.sampled_at = now.mono;
    watch_memory(number, now, effects);
}

void Work::watch_silence(Place& place, ActionSample const& sample, Mono now)
{
    auto& vigil = place.vigil;
    auto const elapsed = vigil.sampled_at ? now - *vigil.sampled_at : Duration {};
    auto const busy = to_seconds(sample.cpu - vigil.last.cpu)
        > idle_part_of_cpu * to_seconds(elapsed);
    if (!vigil.sampled_at || busy || sample.output_bytes != vigil.last.output_bytes) {
        vigil.alive_at = now;
        if (std::exchange(vigil.told_silent, false))
            outbox_.add_silence(place.attempt, Duration {});
        return;
    }
    auto const silent = now - vigil.alive_at;
    if (silent < silence_to_tell || (vigil.told_silent && now - vigil.told_at < tell_again))
        return;
    vigil.told_silent = true;
    vigil.told_at = now;
    outbox_.add_silence(place.attempt, silent);
}

void Work::watch_memory(SessionNumber number, Now now, Effects& effects)
{
    auto const given_mib = [&](Place const& place) {
        auto const running = running_.find(place.attempt);
        return running == running_.end() ? 0 : running->second.order.memory_mib;
    };
    auto const taken_mib = [](Place const& place) {
        return static_cast<double>(place.vigil.last.rss_bytes) / mib;
    };
    auto const& place = sessions_.at(number);
    auto const given = given_mib(place);
    if (given > 0 && config_.memory_limit > 0 && taken_mib(place) > config_.memory_limit * given)
        return end_for_memory(number,
            fmt::format("the agent allows {:g} times that: memory_limit in its configuration",
                config_.memory_limit),
            now, effects);
    double sum_mib = 0;
    double most_over = 0;
    SessionNumber worst = 0;
    for (auto const& [candidate, other] : sessions_) {
        sum_mib += taken_mib(other);
        auto const over = taken_mib(other) - given_mib(other);
        if (given_mib(other) > 0 && other.action && over > most_over) {
            most_over = over;
            worst = candidate;
        }
    }
    auto const has_mib = static_cast<double>(config_.facts.memory_bytes) / mib;
    if (has_mib > 0 && sum_mib > has_mib && worst != 0)
        end_for_memory(worst,
            fmt::format(
                "all that runs here takes {}, and the node has {}", gib(sum_mib), gib(has_mib)),
            now, effects);
}

void Work::end_for_memory(SessionNumber number, std::string_view why, Now now, Effects& effects)
{
    auto& place = sessions_.at(number);
    auto const message = fmt::format("took {} of memory and was given {}; {}",
        gib(static_cast<double>(place.vigil.last.rss_bytes) / mib),
        gib(running_.at(place.attempt).order.memory_mib), why);
    // So that the next sample does not count it once more while it goes.
    place.vigil.last.rss_bytes = 0;
    stop_one(number,
        { StopRequest::How::kill, wire::Outcome::failed, wire::Cause::out_of_memory, message }, now,
        effects);
}

}
