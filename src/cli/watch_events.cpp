#include <cli/watch_events.h>

#include <cli/fields.h>

#include <algorithm>
#include <iterator>
#include <utility>

namespace sidereal::cli {

namespace {

constexpr std::size_t page_limit = 1000;

}

Result<JsonArray> EndedAttempts::page_after(Client const& client, std::uint64_t id) const
{
    auto const answer = TRY(client.get(
        fmt::format("/v1/jobs/{}/attempts?after={}&limit={}", job_.value, id, page_limit)));
    return list_at(answer, "attempts");
}

std::vector<Json> EndedAttempts::take_page(JsonArray const& page)
{
    std::vector<Json> ended;
    for (auto const& attempt : page) {
        auto const id = count_at(attempt, "attempt");
        auto const is_new = id > seen_;
        auto const runs = text_at(attempt, "state") == "running";
        seen_ = std::max(seen_, id);
        if (runs && is_new)
            open_.insert(id);
        if (!runs && (is_new || open_.erase(id) > 0))
            ended.push_back(attempt);
    }
    return ended;
}

std::vector<std::uint64_t> EndedAttempts::vanished(Json const& job) const
{
    std::set<std::uint64_t> listed;
    for (auto const& attempt : list_at(job, "running"))
        listed.insert(count_at(attempt, "attempt"));
    // The list is by rising id and may be cut: what lies beyond it may still run.
    auto const is_cut = count_at(job, "running_total") > listed.size();
    std::vector<std::uint64_t> gone;
    for (auto const id : open_) {
        if (is_cut && (listed.empty() || id > *listed.rbegin()))
            break;
        if (!listed.contains(id))
            gone.push_back(id);
    }
    return gone;
}

Status EndedAttempts::look(Client const& client, Json const& job, std::vector<Json>& ended)
{
    auto const collect = [&](JsonArray const& page) {
        auto found = take_page(page);
        ended.insert(ended.end(), std::make_move_iterator(found.begin()),
            std::make_move_iterator(found.end()));
    };
    auto const gone = vanished(job);
    for (std::size_t i = 0; i < gone.size();) {
        auto const page = TRY(page_after(client, gone[i] - 1));
        collect(page);
        auto const reached = page.empty() ? gone[i] : count_at(page.back(), "attempt");
        while (i < gone.size() && gone[i] <= reached)
            ++i;
    }
    for (bool more = true; more;) {
        auto const page = TRY(page_after(client, seen_));
        collect(page);
        more = page.size() >= page_limit;
    }
    // The job was looked at before its attempts: one that ran then may have ended before these.
    if (!ended.empty() && !open_.empty())
        collect(TRY(page_after(client, *open_.begin() - 1)));
    std::stable_sort(ended.begin(), ended.end(), [](Json const& left, Json const& right) {
        return std::pair(text_at(left, "ended_at"), count_at(left, "attempt"))
            < std::pair(text_at(right, "ended_at"), count_at(right, "attempt"));
    });
    return {};
}

}
