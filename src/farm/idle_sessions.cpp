#include <farm/idle_sessions.h>

#include <algorithm>

namespace sidereal::farm {

void IdleSessions::ended(Key const& key, Wall at)
{
    std::erase_if(entries_, [&](Entry const& entry) { return at - entry.since > kept; });
    auto const known = std::find_if(
        entries_.begin(), entries_.end(), [&](Entry const& entry) { return entry.key == key; });
    if (known == entries_.end()) {
        entries_.push_back({ key, 1, at });
        return;
    }
    ++known->count;
    known->since = at;
}

void IdleSessions::began(Key const& key)
{
    auto const known = std::find_if(
        entries_.begin(), entries_.end(), [&](Entry const& entry) { return entry.key == key; });
    if (known != entries_.end() && --known->count == 0)
        entries_.erase(known);
}

std::uint32_t IdleSessions::count(JobId job, std::uint32_t step, Wall now) const
{
    std::uint32_t sum = 0;
    for (auto const& entry : entries_)
        if (entry.key.job == job && entry.key.step == step && now - entry.since <= kept)
            sum += entry.count;
    return sum;
}

std::optional<std::size_t> IdleSessions::gpu(JobId job, std::uint32_t step) const
{
    for (auto entry = entries_.rbegin(); entry != entries_.rend(); ++entry)
        if (entry->key.job == job && entry->key.step == step)
            return entry->key.gpu;
    return std::nullopt;
}

}
