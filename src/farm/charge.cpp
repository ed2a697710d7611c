#include <farm/charge.h>

#include <algorithm>

namespace sidereal::farm {

double node_hours(Farm const& farm, AttemptRecord const& record)
{
    auto const& node = farm.nodes.at(record.node).record.facts;
    auto const taken = taken_by(farm.jobs.at(record.job).steps[record.step], record);
    auto const share = std::min(1.0, taken.get(Amounts::Kind::vcpu) / node.vcpus);
    return to_seconds(record.usage.run_time) / 3600 * share;
}

void charge(Farm const& farm, AttemptRecord& record)
{
    auto const& rate = farm.nodes.at(record.node).record.facts.rate;
    auto const hours = node_hours(farm, record);
    record.energy_wh = hours * rate.busy_w;
    record.cost = Money::from_usd(
        record.energy_wh / 1000 * rate.usd_per_kwh + hours * rate.usd_per_h);
}

}
