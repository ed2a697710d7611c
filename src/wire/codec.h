#pragma once

#include <base/json.h>
#include <wire/protocol.h>

#include <string>
#include <string_view>

// JSON on the wire. Bytes that need not be UTF-8 (log data, log tails) travel as base64.
namespace sidereal::wire {

std::string encode(SyncRequest const& request);
std::string encode(SyncReply const& reply);
Result<SyncRequest> decode_sync_request(std::string_view text);
Result<SyncReply> decode_sync_reply(std::string_view text);

// The store keeps a node's facts in the same form.
void write(JsonWriter& json, NodeFacts const& facts);
Result<NodeFacts> read_node_facts(JsonObject const& object);
// As JSON; "" for none.
std::string gpus_text(GpuParts const& gpus);
Result<GpuParts> parse_gpus(std::string_view text);

std::string_view to_string(Outcome outcome);
std::string_view to_string(Cause cause);
std::optional<Outcome> parse_outcome(std::string_view text);
std::optional<Cause> parse_cause(std::string_view text);

}
