#include <sched/forecast.h>

#include <fmt/format.h>

#include <algorithm>

namespace sidereal::sched {

namespace {

using farm::Farm;

Result<farm::Node const*> model_of(Farm const& farm, WhatIf const& change)
{
    if (change.like) {
        auto const* node = farm.node(*change.like);
        if (!node)
            return fail(ErrorCode::not_found, "there is no node {}", change.like->value);
        return node;
    }
    auto const stays = [&](NodeId id) {
        return std::find(change.without.begin(), change.without.end(), id) == change.without.end();
    };
    farm::Node const* best = nullptr;
    for (auto const& [id, node] : farm.nodes)
        if (node.takes_work() && stays(id)
            && (!best || node.record.facts.vcpus > best->record.facts.vcpus))
            best = &node;
    if (!best)
        return fail(ErrorCode::invalid_input,
            "no node takes work, so there is none that the added ones could be like: name one");
    return best;
}

void add_node(Farm& farm, farm::NodeRecord record, std::uint32_t number)
{
    record.id = { farm.last_node + 1 };
    record.facts.name = fmt::format("what-if-{}", number);
    record.key = record.facts.name;
    record.draining = false;
    record.stopped = false;
    farm.apply(record);
    auto& node = farm.nodes.at(record.id);
    node.present = true;
    node.lease_until = Mono();
}

void change_job(farm::JobRecord& job, WhatIf const& change)
{
    if (change.priority)
        job.priority = *change.priority;
    if (change.tier)
        job.scheduling.tier = *change.tier;
    if (change.deadline)
        job.scheduling.deadline = change.deadline;
}

}

Status check(Farm const& farm, WhatIf const& change)
{
    if (change.job && !farm.job(*change.job))
        return fail(ErrorCode::not_found, "there is no job {}", change.job->value);
    for (auto const id : change.without)
        if (!farm.node(id))
            return fail(ErrorCode::not_found, "there is no node {}", id.value);
    if (change.add_nodes > 0) [[maybe_unused]]
        auto const* const model = TRY(model_of(farm, change));
    return {};
}

Result<Farm> changed(Farm farm, WhatIf const& change)
{
    TRY(check(farm, change));
    if (change.job)
        change_job(farm.jobs.at(*change.job).record, change);
    for (auto const id : change.without)
        farm.nodes.at(id).record.draining = true;
    if (change.add_nodes > 0) {
        auto const model = TRY(model_of(farm, change))->record;
        for (std::uint32_t i = 1; i <= change.add_nodes; ++i)
            add_node(farm, model, i);
    }
    return farm;
}

std::optional<std::uint32_t> nodes_for_deadline(Farm const& farm, Now now, Policy const& policy,
    WhatIf change, std::uint32_t most, ForecastLimits const& limits)
{
    auto const enough = [&](std::uint32_t nodes) {
        change.add_nodes = nodes;
        auto const then = changed(farm, change);
        if (!then)
            return false;
        auto const seen = forecast(*then, now, policy, limits);
        auto const* job = seen.job(*change.job);
        return job && job->on_time.value_or(1) >= 0.9;
    };
    if (enough(0))
        return 0;
    std::uint32_t too_few = 0;
    std::uint32_t nodes = 1;
    while (nodes < most && !enough(nodes)) {
        too_few = nodes;
        nodes = std::min(most, nodes * 2);
    }
    if (nodes == most && !enough(most))
        return std::nullopt;
    while (nodes - too_few > 1) {
        auto const between = too_few + (nodes - too_few) / 2;
        (enough(between) ? nodes : too_few) = between;
    }
    return nodes;
}

}
