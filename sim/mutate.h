#pragma once

#include <farm/farm.h>
#include <sim/options.h>
#include <wire/protocol.h>

// Bugs planted in what agents and the brain say to each other; each does nothing unless chosen.
namespace sidereal::sim {

// As the agent sends it.
void mutate(wire::SyncRequest& request, Mutation mutation);
// As the brain receives it.
void mutate_epoch(wire::SyncRequest& request, farm::Farm const& farm, Mutation mutation);
void mutate(wire::SyncReply& reply, Mutation mutation);

}
