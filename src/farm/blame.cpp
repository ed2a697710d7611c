#include <farm/blame.h>

#include <farm/farm.h>

#include <algorithm>
#include <cmath>
#include <utility>

namespace sidereal::farm {

namespace {

constexpr double weight_of_node_fault = 2;
// Nobody remembers more nodes on which a task failed.
constexpr std::size_t max_failed_on = 16;
constexpr int forgotten_after_half_lives = 4;

double left_of(Duration age)
{
    return std::exp2(-std::max(0.0, to_seconds(age) / to_seconds(Blame::half_life)));
}

}

void Blame::add_failure(Wall at, double weight)
{
    auto const later = std::upper_bound(failures_.begin(), failures_.end(), at,
        [](Wall time, Failed const& known) { return time < known.at; });
    failures_.insert(later, { at, weight });
    if (failures_.size() > max_failures)
        failures_.erase(failures_.begin());
}

void Blame::take_back(Wall at)
{
    auto const found = std::find_if(
        failures_.begin(), failures_.end(), [&](Failed const& known) { return known.at == at; });
    if (found != failures_.end())
        failures_.erase(found);
}

void Blame::add_success(Wall at)
{
    if (at >= successes_at_) {
        successes_ = successes_ * left_of(at - successes_at_) + 1;
        successes_at_ = at;
    } else {
        successes_ += left_of(successes_at_ - at);
    }
}

double Blame::weight(Wall now) const
{
    double sum = 0;
    for (auto const& failed : failures_)
        sum += failed.weight * left_of(now - failed.at);
    return sum;
}

double Blame::successes(Wall now) const { return successes_ * left_of(now - successes_at_); }

bool Blame::holds(double limit, Wall now) const
{
    if (failures_.empty())
        return false;
    auto const sum = weight(now);
    return sum > limit && sum >= successes(now);
}

Duration Blame::holds_for(double limit, Wall now) const
{
    return holds(limit, now) ? from_seconds(to_seconds(half_life) * std::log2(weight(now) / limit))
                             : Duration {};
}

std::size_t Blame::count(Wall now) const
{
    return static_cast<std::size_t>(
        std::count_if(failures_.begin(), failures_.end(), [&](Failed const& failed) {
            return now - failed.at < forgotten_after_half_lives * half_life;
        }));
}

bool speaks_against_node(wire::Cause cause)
{
    using wire::Cause;
    return cause == Cause::task_error || cause == Cause::environment_error
        || cause == Cause::timed_out || cause == Cause::not_started || cause == Cause::node_fault;
}

// What became of it speaks for its node, and against those where the task failed before. To be
// asked while the task's trouble is still known.
void Farm::judge_success(AttemptRecord const& ended)
{
    auto& step = jobs.at(ended.job).steps[ended.step];
    if (auto const known = step.blame.find(ended.node); known != step.blame.end())
        known->second.add_success(ended.ended_at);
    nodes.at(ended.node).blame.add_success(ended.ended_at);
    auto const trouble = step.troubles.find(ended.task);
    if (trouble == step.troubles.end())
        return;
    for (auto const& failed : trouble->second.failed_on) {
        auto& node = nodes.at(failed.node);
        if (!failed.blamed || failed.node == ended.node || failed.at <= node.record.forgiven_at)
            continue;
        node.blame.add_failure(failed.at);
        suspects.insert(failed.node);
    }
}

void Farm::judge_failure(AttemptRecord const& ended)
{
    auto& step = jobs.at(ended.job).steps[ended.step];
    auto& trouble = step.troubles[ended.task];
    auto& before = trouble.failed_on;
    auto const surely = ended.cause == wire::Cause::node_fault;
    FailedOn failed { ended.node, ended.ended_at, speaks_against_node(ended.cause) };
    auto const elsewhere = std::any_of(before.begin(), before.end(),
        [&](FailedOn const& known) { return known.blamed && known.node != ended.node; });
    trouble.fails_anywhere = trouble.fails_anywhere || (failed.blamed && elsewhere && !surely);
    if (trouble.fails_anywhere && !surely) {
        // Nobody's fault but its own.
        for (auto& known : before) {
            auto const blame = step.blame.find(known.node);
            if (std::exchange(known.blamed, false) && blame != step.blame.end())
                blame->second.take_back(known.at);
        }
        failed.blamed = false;
    }
    if (failed.blamed && failed.at > nodes.at(ended.node).record.forgiven_at)
        step.blame[ended.node].add_failure(ended.ended_at, surely ? weight_of_node_fault : 1);
    before.push_back(failed);
    if (before.size() > max_failed_on)
        before.erase(before.begin());
}

void Farm::forgive(NodeId id)
{
    nodes.at(id).blame = {};
    suspects.erase(id);
    for (auto& [job_id, job] : jobs)
        for (auto& step : job.steps)
            step.blame.erase(id);
}

}
