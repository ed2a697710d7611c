#include <wire/codec.h>

#include <base/json_arena.h>
#include <wire/base64.h>
#include <wire/reader.h>
#include <wire/utf8.h>

namespace sidereal::wire {

namespace {

constexpr std::size_t max_reports = 100'000;
constexpr std::size_t max_orders = 100'000;
constexpr std::size_t max_held = 100'000;
constexpr std::size_t max_jobs = 10'000;
constexpr std::size_t max_parameters = 10'000;
constexpr std::size_t max_environments = 10'000;
constexpr std::size_t max_gpus = 256;
constexpr std::size_t max_capabilities = 1'000;
constexpr std::size_t max_log_rules = 10'000;

template<typename T>
bool is_default(T const& content)
{
    return content == T {};
}

// A field is left out where it has its default: the reader fills that in.
template<typename T>
void put(JsonWriter& json, std::string_view name, T const& content)
{
    if (!is_default(content))
        json.field(name, content);
}

template<typename Tag>
void put(JsonWriter& json, std::string_view name, Id<Tag> id)
{
    put(json, name, id.value);
}

void put(JsonWriter& json, std::string_view name, Duration duration)
{
    put(json, name, duration.count());
}

// Words of a program or of another system may hold any bytes; JSON may not.
void put(JsonWriter& json, std::string_view name, std::string const& text)
{
    if (text.empty())
        return;
    if (is_utf8(text))
        json.field(name, text);
    else
        json.field(name, scrubbed_utf8(text));
}

void put_bytes(JsonWriter& json, std::string_view name, std::string_view bytes)
{
    if (!bytes.empty())
        json.field(name, to_base64(bytes));
}

template<typename Elements, typename Write>
void put_list(
    JsonWriter& json, std::string_view name, Elements const& elements, Write const& write_one)
{
    if (elements.empty())
        return;
    json.key(name).begin_array();
    for (auto const& element : elements)
        write_one(element);
    json.end_array();
}

void write(JsonWriter& json, Gpu const& gpu)
{
    json.begin_object();
    put(json, "uuid", gpu.uuid);
    put(json, "name", gpu.name);
    put(json, "memory_bytes", gpu.memory_bytes);
    json.end_object();
}

void read(Reader const& in, Gpu& gpu)
{
    in["uuid"].to_or_default(gpu.uuid);
    in["name"].to_or_default(gpu.name);
    in["memory_bytes"].to_or_default(gpu.memory_bytes);
}

void write(JsonWriter& json, GpuPart const& part)
{
    json.begin_object();
    put(json, "uuid", part.uuid);
    put(json, "memory_mib", part.memory_mib);
    if (part.part != 1)
        json.field("part", part.part);
    json.end_object();
}

void read(Reader const& in, GpuParts& gpus)
{
    in.each(max_gpus, [&](Reader const& gpu) {
        auto& part = gpus.emplace_back();
        gpu["uuid"].to_or_default(part.uuid);
        gpu["memory_mib"].to_or_default(part.memory_mib);
        gpu["part"].to_or_default(part.part);
    });
}

void read(Reader const& in, Rate& rate)
{
    in["idle_w"].to_or_default(rate.idle_w);
    in["busy_w"].to_or_default(rate.busy_w);
    in["usd_per_kwh"].to_or_default(rate.usd_per_kwh);
    in["usd_per_h"].to_or_default(rate.usd_per_h);
    in["standby_w"].to_or_default(rate.standby_w);
}

void read(Reader const& in, NodeFacts& facts)
{
    in["name"].to(facts.name);
    in["pool"].to_or_default(facts.pool);
    in["os_family"].to_or_default(facts.os_family);
    in["cpu_arch"].to_or_default(facts.cpu_arch);
    in["vcpus"].to(facts.vcpus);
    in["memory_bytes"].to_or_default(facts.memory_bytes);
    in["scratch_bytes"].to_or_default(facts.scratch_bytes);
    in["gpus"].each(max_gpus, [&](Reader const& gpu) { read(gpu, facts.gpus.emplace_back()); });
    in["amounts"].each_field(max_capabilities, [&](std::string_view name, Reader const& amount) {
        amount.to(facts.amounts[std::string(name)]);
    });
    in["attributes"].each_field(max_capabilities, [&](std::string_view name, Reader const& list) {
        auto& values = facts.attributes[std::string(name)];
        list.each(max_capabilities, [&](Reader const& value) { value.to(values.emplace_back()); });
    });
    if (auto const rate = in["rate"]; rate.present())
        read(rate, facts.rate);
}

void write(JsonWriter& json, Started const& report)
{
    json.field("kind", "started").field("attempt", report.attempt.value);
}

void read(Reader const& in, Started& report) { in["attempt"].to(report.attempt); }

void write(JsonWriter& json, Progress const& report)
{
    json.field("kind", "progress").field("attempt", report.attempt.value);
    put(json, "percent", report.percent);
    put(json, "message", report.message);
    put(json, "silent_us", report.silent);
}

void read(Reader const& in, Progress& report)
{
    in["attempt"].to(report.attempt);
    in["percent"].to_or_default(report.percent);
    in["message"].to_or_default(report.message);
    in["silent_us"].to_or_default(report.silent);
}

void read(Reader const& in, Cause& cause)
{
    std::string name;
    in.to(name);
    if (auto const known = parse_cause(name))
        cause = *known;
    else
        in.fail_expecting("a cause");
}

void write(JsonWriter& json, Ended const& report)
{
    json.field("kind", "ended").field("attempt", report.attempt.value);
    json.field("outcome", to_string(report.outcome));
    if (report.cause != Cause::none)
        json.field("cause", to_string(report.cause));
    if (report.exit_code)
        json.field("exit_code", *report.exit_code);
    if (report.signal)
        json.field("signal", *report.signal);
    put(json, "message", report.message);
    put_bytes(json, "log_tail", report.log_tail);
    put(json, "run_us", report.usage.run_time);
    put(json, "cpu_us", report.usage.cpu_time);
    put(json, "max_rss_bytes", report.usage.max_rss_bytes);
    put(json, "enter_us", report.usage.enter_time);
    put(json, "max_vram_bytes", report.usage.max_vram_bytes);
    put(json, "limit", report.limit);
}

void read(Reader const& in, Ended& report)
{
    in["attempt"].to(report.attempt);
    std::string outcome;
    in["outcome"].to(outcome);
    if (auto const known = parse_outcome(outcome))
        report.outcome = *known;
    else
        in["outcome"].fail_expecting("an outcome");
    if (auto const cause = in["cause"]; cause.present())
        read(cause, report.cause);
    in["exit_code"].to(report.exit_code);
    in["signal"].to(report.signal);
    in["message"].to_or_default(report.message);
    if (auto const tail = in["log_tail"]; tail.present())
        tail.to_bytes(report.log_tail);
    in["run_us"].to_or_default(report.usage.run_time);
    in["cpu_us"].to_or_default(report.usage.cpu_time);
    in["max_rss_bytes"].to_or_default(report.usage.max_rss_bytes);
    in["enter_us"].to_or_default(report.usage.enter_time);
    in["max_vram_bytes"].to_or_default(report.usage.max_vram_bytes);
    in["limit"].to_or_default(report.limit);
}

void write(JsonWriter& json, LogChunk const& report)
{
    json.field("kind", "log_chunk").field("request", report.request);
    put(json, "offset", report.offset);
    put(json, "log_size", report.log_size);
    put(json, "attempt_ended", report.attempt_ended);
    put_bytes(json, "data", report.data);
    put(json, "failure", report.failure);
}

void read(Reader const& in, LogChunk& report)
{
    in["request"].to(report.request);
    in["offset"].to_or_default(report.offset);
    in["log_size"].to_or_default(report.log_size);
    in["attempt_ended"].to_or_default(report.attempt_ended);
    if (auto const data = in["data"]; data.present())
        data.to_bytes(report.data);
    in["failure"].to_or_default(report.failure);
}

void write(JsonWriter& json, Start const& order)
{
    json.field("kind", "start").field("attempt", order.attempt.value);
    json.field("job", order.job.value);
    put(json, "step", order.step);
    put(json, "task", order.task);
    if (order.tasks != 1)
        json.field("tasks", order.tasks);
    json.field("vcpus", order.vcpus);
    put(json, "memory_mib", order.memory_mib);
    put_list(json, "gpus", order.gpus, [&](GpuPart const& part) { write(json, part); });
}

void read(Reader const& in, Start& order)
{
    in["attempt"].to(order.attempt);
    in["job"].to(order.job);
    in["step"].to_or_default(order.step);
    in["task"].to_or_default(order.task);
    in["tasks"].to_or_default(order.tasks);
    if (order.tasks == 0)
        in["tasks"].fail_expecting("1 or more");
    in["vcpus"].to(order.vcpus);
    in["memory_mib"].to_or_default(order.memory_mib);
    read(in["gpus"], order.gpus);
}

void write(JsonWriter& json, Cancel const& order)
{
    json.field("kind", "cancel").field("attempt", order.attempt.value);
    put(json, "reason", order.reason);
}

void read(Reader const& in, Cancel& order)
{
    in["attempt"].to(order.attempt);
    in["reason"].to_or_default(order.reason);
}

void write(JsonWriter& json, ReleaseJob const& order)
{
    json.field("kind", "release_job").field("job", order.job.value);
}

void read(Reader const& in, ReleaseJob& order) { in["job"].to(order.job); }

void write(JsonWriter& json, ReadLog const& order)
{
    json.field("kind", "read_log").field("request", order.request);
    json.field("job", order.job.value).field("attempt", order.attempt.value);
    put(json, "offset", order.offset);
    put(json, "max_bytes", order.max_bytes);
}

void read(Reader const& in, ReadLog& order)
{
    in["request"].to(order.request);
    in["job"].to(order.job);
    in["attempt"].to(order.attempt);
    in["offset"].to_or_default(order.offset);
    in["max_bytes"].to_or_default(order.max_bytes);
}

template<typename Variant>
void write_variant(JsonWriter& json, Variant const& content)
{
    json.begin_object();
    std::visit([&](auto const& kind) { write(json, kind); }, content);
    json.end_object();
}

void read(Reader const& in, Report& report)
{
    std::string kind;
    in["kind"].to(kind);
    if (kind == "started")
        read(in, report.emplace<Started>());
    else if (kind == "progress")
        read(in, report.emplace<Progress>());
    else if (kind == "ended")
        read(in, report.emplace<Ended>());
    else if (kind == "log_chunk")
        read(in, report.emplace<LogChunk>());
    else
        in["kind"].fail_expecting("a kind of report that protocol 1 knows");
}

void read(Reader const& in, Order& order)
{
    std::string kind;
    in["kind"].to(kind);
    if (kind == "start")
        read(in, order.emplace<Start>());
    else if (kind == "cancel")
        read(in, order.emplace<Cancel>());
    else if (kind == "release_job")
        read(in, order.emplace<ReleaseJob>());
    else if (kind == "read_log")
        read(in, order.emplace<ReadLog>());
    else
        in["kind"].fail_expecting("a kind of order that protocol 1 knows");
}

void write(JsonWriter& json, LogRule const& rule)
{
    json.begin_object().field("pattern", rule.pattern).field("cause", to_string(rule.cause));
    put(json, "limit", rule.limit);
    put(json, "even_on_success", rule.even_on_success);
    json.end_object();
}

void read(Reader const& in, LogRule& rule)
{
    in["pattern"].to(rule.pattern);
    read(in["cause"], rule.cause);
    in["limit"].to_or_default(rule.limit);
    in["even_on_success"].to_or_default(rule.even_on_success);
}

void put_rules(JsonWriter& json, std::string_view name, std::vector<LogRule> const& rules)
{
    put_list(json, name, rules, [&](LogRule const& rule) { write(json, rule); });
}

void read(Reader const& in, std::vector<LogRule>& rules)
{
    in.each(max_log_rules, [&](Reader const& rule) { read(rule, rules.emplace_back()); });
}

void write(JsonWriter& json, JobText const& text)
{
    json.begin_object().field("job", text.job.value);
    json.field("template", text.template_text);
    put(json, "file_name", text.file_name);
    if (!text.parameters.empty()) {
        json.key("parameters").begin_object();
        for (auto const& [name, value] : text.parameters)
            json.field(name, value);
        json.end_object();
    }
    put_list(json, "environments", text.environments, [&](JobText::Environment const& around) {
        json.begin_object().field("template", around.template_text);
        put(json, "file_name", around.file_name);
        json.end_object();
    });
    put_rules(json, "log_rules", text.log_rules);
    json.end_object();
}

void read(Reader const& in, JobText& text)
{
    in["job"].to(text.job);
    in["template"].to(text.template_text);
    in["file_name"].to_or_default(text.file_name);
    in["parameters"].each_field(max_parameters, [&](std::string_view name, Reader const& value) {
        value.to(text.parameters[std::string(name)]);
    });
    in["environments"].each(max_environments, [&](Reader const& around) {
        auto& environment = text.environments.emplace_back();
        around["template"].to(environment.template_text);
        around["file_name"].to_or_default(environment.file_name);
    });
    read(in["log_rules"], text.log_rules);
}

// What a peer says after its protocol may mean anything if that is not ours.
Status check_protocol(Reader const& in, std::string_view peer, std::string_view here)
{
    int spoken = 0;
    in["protocol"].to(spoken);
    if (in.failed() || spoken == protocol_version)
        return {};
    auto const older = spoken < protocol_version ? peer : here;
    return fail(ErrorCode::conflict, "the {} speaks protocol {}, the {} protocol {}: update the {}",
        peer, spoken, here, protocol_version, older);
}

}

void write(JsonWriter& json, NodeFacts const& facts)
{
    json.begin_object().field("name", is_utf8(facts.name) ? facts.name : scrubbed_utf8(facts.name));
    json.field("pool", is_utf8(facts.pool) ? facts.pool : scrubbed_utf8(facts.pool));
    put(json, "os_family", facts.os_family);
    put(json, "cpu_arch", facts.cpu_arch);
    json.field("vcpus", facts.vcpus);
    put(json, "memory_bytes", facts.memory_bytes);
    put(json, "scratch_bytes", facts.scratch_bytes);
    put_list(json, "gpus", facts.gpus, [&](Gpu const& gpu) { write(json, gpu); });
    if (!facts.amounts.empty()) {
        json.key("amounts").begin_object();
        for (auto const& [name, amount] : facts.amounts)
            json.field(name, amount);
        json.end_object();
    }
    if (!facts.attributes.empty()) {
        json.key("attributes").begin_object();
        for (auto const& [name, values] : facts.attributes) {
            json.key(name).begin_array();
            for (auto const& value : values)
                json.value(value);
            json.end_array();
        }
        json.end_object();
    }
    if (facts.rate != Rate {}) {
        json.key("rate").begin_object();
        put(json, "idle_w", facts.rate.idle_w);
        put(json, "busy_w", facts.rate.busy_w);
        put(json, "usd_per_kwh", facts.rate.usd_per_kwh);
        put(json, "usd_per_h", facts.rate.usd_per_h);
        put(json, "standby_w", facts.rate.standby_w);
        json.end_object();
    }
    json.end_object();
}

std::string gpus_text(GpuParts const& gpus)
{
    if (gpus.empty())
        return {};
    JsonWriter json;
    json.begin_array();
    for (auto const& part : gpus)
        write(json, part);
    json.end_array();
    return json.take();
}

Result<GpuParts> parse_gpus(std::string_view text)
{
    GpuParts gpus;
    if (text.empty())
        return gpus;
    auto const json = TRY(parse_json(text));
    std::optional<Error> fault;
    read(Reader(&json, "gpus", fault), gpus);
    if (fault)
        return tl::unexpected(std::move(*fault));
    return gpus;
}

Result<NodeFacts> read_node_facts(JsonObject const& object)
{
    std::optional<Error> fault;
    Json const value(object);
    NodeFacts facts;
    read(Reader(&value, "facts", fault), facts);
    if (fault)
        return tl::unexpected(std::move(*fault));
    return facts;
}

std::string encode(SyncRequest const& request)
{
    JsonWriter json;
    json.begin_object().field("protocol", protocol_version).field("node_key", request.node_key);
    put(json, "agent_instance", request.agent_instance);
    put(json, "epoch", request.epoch);
    if (request.facts) {
        json.key("facts");
        write(json, *request.facts);
    }
    put(json, "brain_instance", request.brain_instance);
    put(json, "number", request.number);
    put(json, "settled", request.settled);
    put(json, "orders_applied", request.orders_applied);
    put_list(json, "holding", request.holding, [&](AttemptId id) { json.value(id.value); });
    put_list(json, "jobs_known", request.jobs_known, [&](JobId id) { json.value(id.value); });
    json.field("first_report", request.first_report);
    put_list(json, "reports", request.reports,
        [&](Report const& report) { write_variant(json, report); });
    put(json, "leaving", request.leaving);
    if (request.log_rules)
        json.field("log_rules", *request.log_rules);
    json.end_object();
    return json.take();
}

std::string encode(SyncReply const& reply)
{
    JsonWriter json;
    json.begin_object().field("protocol", protocol_version).field("epoch", reply.epoch);
    put(json, "brain_instance", reply.brain_instance);
    put(json, "reports_applied", reply.reports_applied);
    json.field("first_order", reply.first_order);
    put_list(json, "orders", reply.orders, [&](Order const& order) { write_variant(json, order); });
    put_list(json, "jobs", reply.jobs, [&](JobText const& text) { write(json, text); });
    put(json, "lease_us", reply.lease);
    if (reply.log_rules) {
        json.key("log_rules").begin_object().field("print", reply.log_rules->print);
        put_rules(json, "rules", reply.log_rules->rules);
        json.end_object();
    }
    json.end_object();
    return json.take();
}

Result<SyncRequest> decode_sync_request(std::string_view text)
{
    JsonArena arena;
    auto const message = TRY(arena.parse(text));
    std::optional<Error> fault;
    Reader const in(&message, "request", fault);
    TRY(check_protocol(in, "agent", "brain"));
    SyncRequest request;
    in["node_key"].to(request.node_key);
    in["agent_instance"].to_or_default(request.agent_instance);
    in["epoch"].to_or_default(request.epoch);
    if (auto const facts = in["facts"]; facts.present())
        read(facts, request.facts.emplace());
    in["brain_instance"].to_or_default(request.brain_instance);
    in["number"].to_or_default(request.number);
    in["settled"].to_or_default(request.settled);
    in["orders_applied"].to_or_default(request.orders_applied);
    in["holding"].each(max_held, [&](Reader const& id) { id.to(request.holding.emplace_back()); });
    in["jobs_known"].each(
        max_jobs, [&](Reader const& id) { id.to(request.jobs_known.emplace_back()); });
    in["first_report"].to(request.first_report);
    in["reports"].each(
        max_reports, [&](Reader const& report) { read(report, request.reports.emplace_back()); });
    in["leaving"].to_or_default(request.leaving);
    in["log_rules"].to(request.log_rules);
    if (fault)
        return tl::unexpected(std::move(*fault));
    return request;
}

Result<SyncReply> decode_sync_reply(std::string_view text)
{
    JsonArena arena;
    auto const message = TRY(arena.parse(text));
    std::optional<Error> fault;
    Reader const in(&message, "reply", fault);
    TRY(check_protocol(in, "brain", "agent"));
    SyncReply reply;
    in["epoch"].to(reply.epoch);
    in["brain_instance"].to_or_default(reply.brain_instance);
    in["reports_applied"].to_or_default(reply.reports_applied);
    in["first_order"].to(reply.first_order);
    in["orders"].each(
        max_orders, [&](Reader const& order) { read(order, reply.orders.emplace_back()); });
    in["jobs"].each(max_jobs, [&](Reader const& job) { read(job, reply.jobs.emplace_back()); });
    in["lease_us"].to_or_default(reply.lease);
    if (auto const rules = in["log_rules"]; rules.present()) {
        auto& set = reply.log_rules.emplace();
        rules["print"].to(set.print);
        read(rules["rules"], set.rules);
    }
    if (fault)
        return tl::unexpected(std::move(*fault));
    return reply;
}

}
