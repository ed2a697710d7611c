#include <api/node_document.h>

#include <api/job_document.h>
#include <io/clock.h>
#include <wire/codec.h>

namespace sidereal::api {

namespace {

void write_amounts(JsonWriter& json, std::string_view name, farm::Amounts const& amounts)
{
    json.key(name).begin_object();
    for (auto const& [amount, number] : amounts.list())
        json.field(amount, number);
    json.end_object();
}

void write_head(JsonWriter& json, farm::Node const& node)
{
    auto const& facts = node.record.facts;
    json.field("id", node.record.id.value).field("name", facts.name);
    json.field("state", node_state(node)).field("draining", node.record.draining);
    json.field("pool", facts.pool);
    json.field("vcpus", facts.vcpus).field("memory_bytes", facts.memory_bytes);
    json.field("gpus", facts.gpus.size());
    json.field("running", node.occupying.size()).field("queued", node.queue.size());
    // Tasks that failed here lately and ran elsewhere.
    if (auto const blamed = node.blame.count(io::now().wall); blamed > 0)
        json.field("blamed_for", blamed);
    write_amounts(json, "used", node.used);
    write_amounts(json, "capacity", node.capacity);
    json.key("last_heard");
    if (node.last_heard != Wall {})
        json.value(to_rfc3339(node.last_heard));
    else
        json.null();
}

// Who has which GPU, and how much of it.
void write_gpus(JsonWriter& json, farm::Node const& node)
{
    json.key("gpu_use").begin_array();
    for (std::size_t i = 0; i < node.gpus.size(); ++i) {
        auto const& gpu = node.record.facts.gpus[i];
        json.begin_object().field("uuid", gpu.uuid).field("name", gpu.name);
        json.field("memory_mib", node.gpus[i].memory_mib);
        json.field("used_mib", node.gpus[i].used_mib);
        json.field("attempts", node.gpus[i].attempts).end_object();
    }
    json.end_array();
}

void write_power(JsonWriter& json, farm::NodePower const& power)
{
    json.key("wake_s");
    if (power.wake_time > Duration::zero())
        json.value(to_seconds(power.wake_time));
    else
        json.null();
    json.field("failed_wakes", power.failed_wakes);
}

void write_attempts(JsonWriter& json, farm::Farm const& farm, farm::Node const& node)
{
    json.key("attempts").begin_array();
    std::size_t listed = 0;
    auto const add = [&](AttemptId id) {
        auto const* attempt = farm.attempts.contains(id) ? &farm.attempts.at(id) : nullptr;
        if (!attempt || listed == max_listed_attempts)
            return;
        write_live_attempt(json, farm, *attempt);
        ++listed;
    };
    for (auto const id : node.occupying)
        add(id);
    for (auto const id : node.queue)
        add(id);
    json.end_array();
}

}

std::string_view node_state(farm::Node const& node)
{
    using State = farm::NodePower::State;
    switch (node.record.power.state) {
    case State::awake: break;
    case State::falling_asleep: return "falling asleep";
    case State::asleep: return "asleep";
    case State::waking: return "waking";
    }
    if (node.present)
        return node.record.draining ? "draining" : "present";
    if (node.lease_until)
        return "away";
    return node.record.stopped ? "stopped" : "lost";
}

void write_node_row(JsonWriter& json, farm::Node const& node)
{
    json.begin_object();
    write_head(json, node);
    json.end_object();
}

std::string node_document(farm::Farm const& farm, farm::Node const& node)
{
    auto const& record = node.record;
    JsonWriter json;
    json.begin_object();
    write_head(json, node);
    json.field("first_seen", to_rfc3339(record.first_seen)).field("epoch", record.epoch);
    json.key("rate").begin_object();
    json.field("idle_w", record.facts.rate.idle_w).field("busy_w", record.facts.rate.busy_w);
    json.field("usd_per_kwh", record.facts.rate.usd_per_kwh);
    json.field("usd_per_h", record.facts.rate.usd_per_h);
    json.field("standby_w", record.facts.rate.standby_w).end_object();
    write_gpus(json, node);
    write_power(json, record.power);
    json.key("facts");
    wire::write(json, record.facts);
    write_attempts(json, farm, node);
    json.end_object();
    return json.take();
}

}
