#include <sim/mutate.h>

namespace sidereal::sim {

void mutate(wire::SyncRequest& request, Mutation mutation)
{
    if (mutation != Mutation::forge_success)
        return;
    for (auto& report : request.reports) {
        if (auto* ended = std::get_if<wire::Ended>(&report))
            ended->outcome = wire::Outcome::succeeded;
    }
}

void mutate_epoch(wire::SyncRequest& request, farm::Farm const& farm, Mutation mutation)
{
    if (mutation != Mutation::accept_stale_reports || request.epoch == 0)
        return;
    auto const node = farm.node_ids.find(request.node_key);
    if (node != farm.node_ids.end())
        request.epoch = farm.nodes.at(node->second).record.epoch;
}

void mutate(wire::SyncReply& reply, Mutation mutation)
{
    if (mutation == Mutation::deliver_orders_twice) {
        auto const orders = reply.orders;
        reply.orders.insert(reply.orders.end(), orders.begin(), orders.end());
    } else if (mutation == Mutation::swallow_orders && !reply.orders.empty()) {
        reply.first_order += reply.orders.size();
        reply.orders.clear();
    }
}

}
