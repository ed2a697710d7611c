#include <api/usage.h>

#include <farm/charge.h>

#include <algorithm>

namespace sidereal::api {

namespace {

constexpr Duration hour = std::chrono::hours(1);

}

Usage::Usage(Span span)
    : span_(span)
    , hours_(span.hours)
{
}

std::int64_t Usage::hour_of(Wall time) const
{
    auto const since = time - span_.from;
    return since / hour - (since % hour < Duration {} ? 1 : 0);
}

void Usage::add(farm::Farm const& farm, farm::AttemptRecord const& record)
{
    auto const run = record.usage.run_time;
    if (record.state != farm::AttemptState::ended || run <= Duration {}
        || record.ended_at <= span_.from)
        return;
    auto const count = static_cast<std::int64_t>(hours_.size());
    auto const at = [&](std::int64_t index) -> UsageHour& {
        return hours_[static_cast<std::size_t>(index)];
    };
    auto const node_h = farm::node_hours(farm, record);
    auto const last = hour_of(record.ended_at);
    if (last >= 0 && last < count)
        ++at(last).attempts;
    auto const begun = record.ended_at - run;
    for (auto index = std::max<std::int64_t>(0, hour_of(begun)); index <= std::min(last, count - 1);
         ++index) {
        auto const begin = span_.from + index * hour;
        auto const part = to_seconds(
                              std::min(record.ended_at, begin + hour) - std::max(begun, begin))
            / to_seconds(run);
        at(index).node_h += node_h * part;
        at(index).energy_wh += record.energy_wh * part;
        at(index).cost_usd += record.cost.usd() * part;
    }
    auto const submitted = hour_of(farm.jobs.at(record.job).record.submitted_at);
    if (submitted < count)
        at(std::max<std::int64_t>(0, submitted)).submitted_node_h += node_h;
}

}
