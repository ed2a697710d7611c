#include <sched/shared_caps.h>

#include <base/verify.h>
#include <sched/draft.h>
#include <sched/look_up.h>

#include <algorithm>
#include <limits>

namespace sidereal::sched {

using farm::CountedBy;

namespace {

constexpr double tolerance = 1e-9;

farm::LimitRule const& unnamed_limit()
{
    static farm::LimitRule const rule { "", std::numeric_limits<double>::infinity() };
    return rule;
}

}

SharedCaps::SharedCaps(farm::Farm const& farm, Now now)
    : farm_(farm)
    , watts_(farm.rules.power.size(), 0)
{
    if (!farm.rules.power.empty())
        add_up_power();
    for (auto const& rule : farm.rules.projects) {
        auto const* use = look_up(farm.projects, rule.name);
        if (rule.max_vcpus)
            ceilings_[rule.name] = { *rule.max_vcpus, use ? use->vcpus : 0 };
        for (std::size_t pool = 0; pool < farm.pools.size() && !rule.pools.empty(); ++pool)
            if (auto const* share = look_up(rule.pools, farm.pools[pool]);
                share && share->max_vcpus)
                pool_ceilings_[{ rule.name, pool }] = { *share->max_vcpus,
                    use ? use->in_pool(pool) : 0 };
    }
    count_seats(now.wall);
}

void SharedCaps::add_up_power()
{
    for (auto const& [id, node] : farm_.nodes) {
        if (!node.present && node.is_awake())
            continue;
        for (auto const place : { node.circuit, node.cooling })
            if (place >= 0)
                watts_[static_cast<std::size_t>(place)] += node.watts_now();
    }
}

void SharedCaps::count_seats(Wall now)
{
    for (auto const& rule : farm_.rules.limits) {
        auto const* use = look_up(farm_.limits, rule.name);
        if (rule.mode != farm::LimitMode::enforced || (use && use->is_stale(rule, now)))
            continue;
        auto& seats = seats_[rule.name];
        seats.rule = &rule;
        seats.use = use;
        seats.used = use ? use->seats(rule, now) : 0;
        seats.total = use ? use->total(rule, now) : rule.seats;
        seats.refused = use && now < use->refused_until;
    }
    // A limit that the rules do not name runs out of seats only where one was refused.
    for (auto const& [name, use] : farm_.limits) {
        if (!use.seen_seats || farm_.rules.limit(name))
            continue;
        auto const& rule = unnamed_limit();
        seats_[name] = { &rule, &use, use.seats(rule, now), use.total(rule, now),
            now < use.refused_until };
    }
}

template<typename Map, typename Key>
bool SharedCaps::is_kept_from(Map const& kept, Key const& what, StepRef ref) const
{
    auto const* to = kept.empty() ? nullptr : look_up(kept, what);
    return to && tier_of(farm_, *ref.job) < *to;
}

std::optional<std::string_view> SharedCaps::full_limit(StepRef ref, Room const* room) const
{
    for (auto const& [name, wanted] : ref.step().demand.limits) {
        auto const* seats = look_up(seats_, name);
        // A limit that the rules do not name has no seats to run out of.
        if (!seats)
            continue;
        auto const& rule = *seats->rule;
        auto const node_counts = room && (rule.counted_by == CountedBy::node || rule.soft_seats);
        auto const holds_node = node_counts && seats->holds(room->node->record.id);
        auto const holds = (rule.counted_by == CountedBy::node && holds_node)
            || (rule.counted_by == CountedBy::user && seats->holds(ref.job->record.user));
        if (holds)
            continue;
        // Before a node is known, one that holds a seat may still be found.
        auto const may_hold = !room && rule.counted_by == CountedBy::node && seats->used > 0;
        auto const then = seats->used + (rule.counted_by == CountedBy::task ? wanted : 1);
        auto const above_soft = rule.soft_seats && then > *rule.soft_seats + tolerance && room
            && !holds_node;
        if (((seats->refused || then > seats->total + tolerance) && !may_hold) || above_soft
            || is_kept_from(farm_.kept.seats, name, ref))
            return name;
    }
    return std::nullopt;
}

std::optional<std::string_view> SharedCaps::full_project(
    StepRef ref, std::optional<std::size_t> pool, double vcpus) const
{
    std::optional<std::string_view> full;
    if (pool ? pool_ceilings_.empty() : ceilings_.empty())
        return full;
    any_project(ref.job->record.project, [&](std::string_view name) {
        auto const* ceiling = pool ? look_up(pool_ceilings_, std::pair(name, *pool))
                                   : look_up(ceilings_, name);
        if (ceiling
            && (ceiling->vcpus + vcpus > ceiling->max_vcpus + tolerance
                || is_kept_from(farm_.kept.projects, name, ref)))
            full = name;
        return full.has_value();
    });
    return full;
}

std::optional<std::size_t> SharedCaps::full_power(StepRef ref, Room const& room) const
{
    auto const more = ref.step().wishes.whole_node ? room.vcpus() : ref.step().demand.vcpus();
    for (auto const place : { room.node->circuit, room.node->cooling }) {
        if (place < 0)
            continue;
        auto const index = static_cast<std::size_t>(place);
        if (watts_[index] + room.node->watts_of(more)
                > farm_.rules.power[index].usable_w() + tolerance
            || is_kept_from(farm_.kept.power, index, ref))
            return index;
    }
    return std::nullopt;
}

std::optional<SharedCap> SharedCaps::lacks(StepRef ref, Room const& room, double vcpus) const
{
    if (auto const project = full_project(ref, {}, ref.step().demand.vcpus()))
        return SharedCap { SharedCap::Kind::vcpus_of_project, *project, 0, {} };
    if (auto const project = full_project(ref, room.node->pool, vcpus))
        return SharedCap { SharedCap::Kind::vcpus_of_project, *project, 0, room.node->pool };
    if (auto const limit = full_limit(ref, &room))
        return SharedCap { SharedCap::Kind::seats, *limit, 0, {} };
    if (auto const place = full_power(ref, room))
        return SharedCap { SharedCap::Kind::watts, {}, *place, {} };
    return std::nullopt;
}

bool SharedCaps::frees_some_of(SharedCap const& cap, farm::AttemptRecord const& record) const
{
    auto const& job = farm_.jobs.at(record.job);
    auto const& node = farm_.nodes.at(record.node);
    switch (cap.kind) {
    case SharedCap::Kind::seats: {
        auto const* seats = look_up(seats_, cap.name);
        auto const& limits = job.steps[record.step].demand.limits;
        return seats && !seats->refused && seats->rule->counted_by == CountedBy::task
            && std::any_of(limits.begin(), limits.end(),
                [&](auto const& limit) { return limit.first == cap.name; });
    }
    case SharedCap::Kind::vcpus_of_project:
        return (!cap.pool || node.pool == *cap.pool)
            && any_project(
                job.record.project, [&](std::string_view name) { return name == cap.name; });
    case SharedCap::Kind::watts: {
        auto const place = static_cast<int>(cap.place);
        return node.circuit == place || node.cooling == place;
    }
    }
    VERIFY_NOT_REACHED();
}

// What it takes besides room, or no longer does.
void SharedCaps::count(StepRef ref, farm::Node const& node, double vcpus, int sign)
{
    for (auto const place : { node.circuit, node.cooling })
        if (place >= 0)
            watts_[static_cast<std::size_t>(place)] += sign * node.watts_of(vcpus);
    if (!ceilings_.empty() || !pool_ceilings_.empty())
        any_project(ref.job->record.project, [&](std::string_view name) {
            if (auto const ceiling = ceilings_.find(name); ceiling != ceilings_.end())
                ceiling->second.vcpus += sign * vcpus;
            auto const of_pool = pool_ceilings_.find({ name, node.pool });
            if (of_pool != pool_ceilings_.end())
                of_pool->second.vcpus += sign * vcpus;
            return false;
        });
    for (auto const& [name, wanted] : ref.step().demand.limits) {
        auto const seats = seats_.find(name);
        if (seats == seats_.end())
            continue;
        if (sign > 0)
            seats->second.take(wanted, node.record.id, ref.job->record.user);
        else
            seats->second.give_back(wanted);
    }
}

void SharedCaps::count_on_seats_given_back()
{
    for (auto& [name, seats] : seats_)
        if (seats.rule->poll && seats.use)
            seats.give_back(seats.use->given_back);
}

bool SharedCaps::has_power_to_wake(farm::Node const& node) const
{
    auto const& rate = node.record.facts.rate;
    for (auto const place : { node.circuit, node.cooling }) {
        if (place < 0)
            continue;
        auto const& rule = farm_.rules.power[static_cast<std::size_t>(place)];
        if (watts_[static_cast<std::size_t>(place)] + rate.idle_w - rate.standby_w
            > rule.usable_w() + tolerance)
            return false;
    }
    return true;
}

void SharedCaps::wake(farm::Node const& node)
{
    auto const& rate = node.record.facts.rate;
    for (auto const place : { node.circuit, node.cooling })
        if (place >= 0)
            watts_[static_cast<std::size_t>(place)] += rate.idle_w - rate.standby_w;
}

}
