#include <sched/seats.h>

#include <algorithm>

namespace sidereal::sched {

bool Seats::holds(NodeId node) const
{
    return (use && use->held.nodes.contains(node)) || new_nodes.contains(node);
}

bool Seats::holds(std::string const& user) const
{
    return (use && use->held.users.contains(user)) || new_users.contains(user);
}

void Seats::give_back(double seats)
{
    if (rule->counted_by == farm::CountedBy::task)
        used = std::max(0.0, used - seats);
}

void Seats::take(double wanted, NodeId node, std::string const& user)
{
    auto const new_node = !holds(node) && new_nodes.insert(node).second;
    auto const new_user = !holds(user) && new_users.insert(user).second;
    switch (rule->counted_by) {
    case farm::CountedBy::task: used += wanted; break;
    case farm::CountedBy::node: used += new_node ? 1 : 0; break;
    case farm::CountedBy::user: used += new_user ? 1 : 0; break;
    }
}

}
