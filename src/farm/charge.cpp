#include <farm/charge.h>

#include <algorithm>

namespace sidereal::farm {

void charge(Farm const& farm, AttemptRecord& record)
{
    auto const& node = farm.nodes.at(record.node).record.facts;
    auto const taken = taken_by(farm.jobs.at(record.job).steps[record.step], record);
    auto const share = std::min(1.0, taken.get(Amounts::Kind::vcpu) / node.vcpus);
    auto const hours = to_seconds(record.usage.run_time) / 3600 * share;
    record.energy_wh = hours * node.rate.busy_w;
    record.cost = Money::from_usd(
        record.energy_wh / 1000 * node.rate.usd_per_kwh + hours * node.rate.usd_per_h);
}

}
