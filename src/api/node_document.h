#pragma once

#include <base/json.h>
#include <farm/farm.h>

#include <string>
#include <string_view>

namespace sidereal::api {

// present, draining; out of contact: away while its return is waited for, else lost.
std::string_view node_state(farm::Node const& node);

// A row of the list of nodes, into an open array.
void write_node_row(JsonWriter& json, farm::Node const& node);

std::string node_document(farm::Farm const& farm, farm::Node const& node);

}
