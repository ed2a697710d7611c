#include <farm/limit_use.h>

#include <farm/counts.h>

#include <algorithm>
#include <cmath>

namespace sidereal::farm {

namespace {

// Those of `newer` that hold nothing older.
template<typename Key>
double count_new(
    std::map<Key, std::uint32_t> const& newer, std::map<Key, std::uint32_t> const& held)
{
    return static_cast<double>(std::count_if(newer.begin(), newer.end(),
        [&](auto const& entry) { return held.at(entry.first) == entry.second; }));
}

}

void HeldSeats::add(double seats, NodeId node, std::string const& user)
{
    tasks += seats;
    ++nodes[node];
    ++users[user];
}

void HeldSeats::take_off(double seats, NodeId node, std::string const& user)
{
    farm::take_off(tasks, seats);
    count_down(nodes, node);
    count_down(users, user);
}

bool LimitUse::is_newer(AttemptRecord const& attempt) const
{
    return report && attempt.leased_at >= report->at;
}

void LimitUse::begin(AttemptRecord const& attempt, double seats, std::string const& user)
{
    held.add(seats, attempt.node, user);
    if (is_newer(attempt))
        newer.add(seats, attempt.node, user);
}

void LimitUse::end(AttemptRecord const& attempt, double seats, std::string const& user)
{
    held.take_off(seats, attempt.node, user);
    if (is_newer(attempt))
        newer.take_off(seats, attempt.node, user);
    else if (report)
        given_back += seats;
}

void LimitUse::refuse(Wall at)
{
    seen_seats = std::max(1.0, held.tasks);
    seen_at = std::max(seen_at, at);
    if (at < refused_until)
        return;
    auto wait = first_wait;
    for (std::uint32_t i = 0; i < refusals && wait < longest_wait; ++i)
        wait *= 2;
    ++refusals;
    refused_until = at + std::min(wait, longest_wait);
}

bool LimitUse::has_fresh_report(LimitRule const& rule, Wall now) const
{
    return rule.poll && report && now - report->at <= rule.poll->stale_after();
}

bool LimitUse::is_stale(LimitRule const& rule, Wall now) const
{
    return rule.poll && report && !has_fresh_report(rule, now);
}

double LimitUse::seats(LimitRule const& rule, Wall now) const
{
    auto const fresh = has_fresh_report(rule, now);
    auto const counted = [&]() -> double {
        switch (rule.counted_by) {
        case CountedBy::task: return fresh ? newer.tasks : held.tasks;
        case CountedBy::node:
            return fresh ? count_new(newer.nodes, held.nodes)
                         : static_cast<double>(held.nodes.size());
        case CountedBy::user:
            return fresh ? count_new(newer.users, held.users)
                         : static_cast<double>(held.users.size());
        }
        VERIFY_NOT_REACHED();
    }();
    return fresh ? report->used + counted : counted;
}

double LimitUse::total(LimitRule const& rule, Wall now) const
{
    if (has_fresh_report(rule, now))
        return report->total ? std::min(rule.seats, *report->total) : rule.seats;
    // While none is held one is tried, whatever was seen.
    if (!seen_seats || held.tasks <= 0 || rule.counted_by != CountedBy::task)
        return rule.seats;
    auto const growth = to_seconds(now - seen_at) / to_seconds(growth_time);
    return std::min(rule.seats, std::floor(*seen_seats * std::exp2(std::max(growth, 0.0))));
}

}
