#include <store/rows.h>

#include <wire/codec.h>

#include <algorithm>
#include <array>

namespace sidereal::store {

char const* const job_columns = "id, template, file_name, parameters, project, user, priority, "
                                "max_retries, max_failed_tasks, submitted_at_us, paused, "
                                "pause_reason, canceled, ended_at_us, scheduling, "
                                "environments";
char const* const node_columns = "id, key, facts, epoch, agent_instance, draining, "
                                 "first_seen_us, stopped, power, power_since_us, wake_time_us, "
                                 "failed_wakes, forgiven_at_us";
char const* const attempt_columns
    = "id, job, step, task, node, node_epoch, leased_at_us, state, ended_at_us, outcome, cause, "
      "exit_code, signal, message, log_tail, run_time_us, cpu_time_us, max_rss_bytes, energy_wh, "
      "cost_micro_usd, vcpus, memory_mib, gpus, enter_time_us, max_vram_bytes, limit_name, "
      "tasks";
char const* const rules_columns = "number, text, user, applied_at_us";
char const* const reset_columns = "before, job, step, task, tasks, skip";

namespace {

constexpr std::string_view leased = "leased";
constexpr std::string_view ended = "ended";
// As farm::NodePower::State.
constexpr std::array<std::string_view, 4> power_names { "awake", "falling_asleep", "asleep",
    "waking" };

std::string parameters_as_json(openjd::ParameterTexts const& parameters)
{
    JsonWriter json;
    json.begin_object();
    for (auto const& [name, value] : parameters)
        json.field(name, value);
    json.end_object();
    return json.take();
}

std::string environments_as_json(std::vector<openjd::TemplateText> const& environments)
{
    if (environments.empty())
        return {};
    JsonWriter json;
    json.begin_object().key("environments").begin_array();
    for (auto const& around : environments) {
        json.begin_object().field("template", around.text);
        json.field("file_name", around.file_name).end_object();
    }
    json.end_array().end_object();
    return json.take();
}

std::string facts_as_json(wire::NodeFacts const& facts)
{
    JsonWriter json;
    wire::write(json, facts);
    return json.take();
}

template<typename T>
T unsigned_at(sqlite::Statement const& row, int column)
{
    return static_cast<T>(row.integer(column));
}

Wall wall_at(sqlite::Statement const& row, int column)
{
    return Wall(Duration(row.integer(column)));
}

std::optional<int> optional_int_at(sqlite::Statement const& row, int column)
{
    if (row.is_null(column))
        return std::nullopt;
    return static_cast<int>(row.integer(column));
}

Result<openjd::ParameterTexts> parse_parameters(std::string_view text)
{
    auto const json = TRY(parse_json(text));
    auto const* object = TRY(as_object(json, "parameters"));
    openjd::ParameterTexts parameters;
    for (auto const& member : *object) {
        std::string_view const name = member.key();
        parameters[std::string(name)] = TRY(get_string(*object, name));
    }
    return parameters;
}

Result<std::vector<openjd::TemplateText>> parse_environments(std::string_view text)
{
    std::vector<openjd::TemplateText> environments;
    if (text.empty())
        return environments;
    auto const json = TRY(parse_json(text));
    auto const* object = TRY(as_object(json, "environments"));
    for (auto const& entry : *TRY(get_array(*object, "environments"))) {
        auto const* around = TRY(as_object(entry, "an environment"));
        auto content = TRY(get_string(*around, "template"));
        auto file_name = TRY(get_string(*around, "file_name"));
        environments.push_back({ std::move(content), std::move(file_name) });
    }
    return environments;
}

Result<wire::NodeFacts> parse_facts(std::string_view text)
{
    auto const json = TRY(parse_json(text));
    auto const* object = TRY(as_object(json, "facts"));
    return wire::read_node_facts(*object);
}

Error damaged_row(std::string_view table, std::uint64_t id, std::string_view what)
{
    return { ErrorCode::io_failed,
        fmt::format(
            "the store's {} {} cannot be read: {}; restore the last backup", table, id, what) };
}

}

Result<RowWriter> RowWriter::prepare(sqlite::Database const& database)
{
    RowWriter writer;
    // Templates and parameters stay: a job is made of them once and for all.
    writer.job_ = TRY(database.prepare(fmt::format(
        "INSERT INTO job({}) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) "
        "ON CONFLICT(id) DO UPDATE SET project = excluded.project, user = excluded.user, "
        "priority = excluded.priority, max_retries = excluded.max_retries, "
        "max_failed_tasks = excluded.max_failed_tasks, submitted_at_us = excluded.submitted_at_us, "
        "paused = excluded.paused, pause_reason = excluded.pause_reason, "
        "canceled = excluded.canceled, ended_at_us = excluded.ended_at_us, "
        "scheduling = excluded.scheduling",
        job_columns)));
    writer.node_ = TRY(database.prepare(
        fmt::format("INSERT INTO node({}) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) "
                    "ON CONFLICT(id) DO UPDATE SET "
                    "key = excluded.key, facts = excluded.facts, epoch = excluded.epoch, "
                    "agent_instance = excluded.agent_instance, draining = excluded.draining, "
                    "first_seen_us = excluded.first_seen_us, stopped = excluded.stopped, "
                    "power = excluded.power, power_since_us = excluded.power_since_us, "
                    "wake_time_us = excluded.wake_time_us, failed_wakes = excluded.failed_wakes, "
                    "forgiven_at_us = excluded.forgiven_at_us",
            node_columns)));
    writer.lease_ = TRY(database.prepare(
        "INSERT OR REPLACE INTO attempt(id, job, step, task, node, node_epoch, leased_at_us, "
        "state, vcpus, memory_mib, gpus, tasks) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"));
    // What a lease that is there said stays, so that no index is looked at again.
    writer.end_ = TRY(database.prepare(fmt::format(
        "INSERT INTO attempt({}) "
        "VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, "
        "?) "
        "ON CONFLICT(id) DO UPDATE SET state = excluded.state, ended_at_us = excluded.ended_at_us, "
        "outcome = excluded.outcome, cause = excluded.cause, exit_code = excluded.exit_code, "
        "signal = excluded.signal, message = excluded.message, log_tail = excluded.log_tail, "
        "run_time_us = excluded.run_time_us, cpu_time_us = excluded.cpu_time_us, "
        "max_rss_bytes = excluded.max_rss_bytes, energy_wh = excluded.energy_wh, "
        "cost_micro_usd = excluded.cost_micro_usd, enter_time_us = excluded.enter_time_us, "
        "max_vram_bytes = excluded.max_vram_bytes, limit_name = excluded.limit_name",
        attempt_columns)));
    writer.rules_ = TRY(database.prepare(
        fmt::format("INSERT OR REPLACE INTO rules({}) VALUES (?, ?, ?, ?)", rules_columns)));
    writer.reset_ = TRY(database.prepare(fmt::format(
        "INSERT OR REPLACE INTO task_reset({}) VALUES (?, ?, ?, ?, ?, ?)", reset_columns)));
    return writer;
}

Status RowWriter::write(farm::Record const& record)
{
    return std::visit([this](auto const& fact) { return write(fact); }, record);
}

Status RowWriter::write(farm::JobRecord const& record)
{
    auto const parameters = parameters_as_json(record.source.parameters);
    auto const scheduling = farm::to_json(record.scheduling);
    auto const environments = environments_as_json(record.source.environments);
    return job_
        .bind(record.id, record.source.template_text, record.source.file_name, parameters,
            record.project, record.user, record.priority, record.max_retries,
            record.max_failed_tasks, record.submitted_at, record.paused, record.pause_reason,
            record.canceled, record.ended_at, scheduling, environments)
        .run();
}

Status RowWriter::write(farm::NodeRecord const& record)
{
    auto const facts = facts_as_json(record.facts);
    auto const& power = record.power;
    return node_
        .bind(record.id, record.key, facts, record.epoch, record.agent_instance, record.draining,
            record.first_seen, record.stopped, power_names[static_cast<std::size_t>(power.state)],
            power.since, power.wake_time, power.failed_wakes, record.forgiven_at)
        .run();
}

Status RowWriter::write(farm::AttemptRecord const& record)
{
    auto const gpus = wire::gpus_text(record.gpus);
    if (record.state == farm::AttemptState::leased)
        return lease_
            .bind(record.id, record.job, record.step, record.task, record.node, record.node_epoch,
                record.leased_at, leased, record.vcpus, record.memory_mib, gpus, record.tasks)
            .run();
    auto const outcome = wire::to_string(record.outcome);
    auto const cause = wire::to_string(record.cause);
    auto const& usage = record.usage;
    sqlite::Blob const log_tail { record.log_tail };
    auto const limit = record.limit.empty() ? std::nullopt : std::optional(record.limit);
    return end_
        .bind(record.id, record.job, record.step, record.task, record.node, record.node_epoch,
            record.leased_at, ended, record.ended_at, outcome, cause, record.exit_code,
            record.signal, record.message, log_tail, usage.run_time, usage.cpu_time,
            usage.max_rss_bytes, record.energy_wh, record.cost, record.vcpus, record.memory_mib,
            gpus, usage.enter_time, usage.max_vram_bytes, limit, record.tasks)
        .run();
}

Status RowWriter::write(farm::ResetRecord const& record)
{
    return reset_
        .bind(record.before, record.job, record.step, record.task, record.tasks, record.skip)
        .run();
}

Status RowWriter::write(farm::RulesRecord const& record)
{
    return rules_.bind(record.number, record.text, record.user, record.applied_at).run();
}

Result<farm::JobRecord> read_job(sqlite::Statement const& row)
{
    farm::JobRecord record;
    record.id = { unsigned_at<std::uint64_t>(row, 0) };
    record.source.template_text = row.text(1);
    record.source.file_name = row.text(2);
    auto parameters = parse_parameters(row.text(3));
    if (!parameters)
        return tl::unexpected(damaged_row("job", record.id.value, parameters.error().message));
    record.source.parameters = std::move(*parameters);
    record.project = row.text(4);
    record.user = row.text(5);
    record.priority = static_cast<int>(row.integer(6));
    record.max_retries = unsigned_at<std::uint32_t>(row, 7);
    if (!row.is_null(8))
        record.max_failed_tasks = unsigned_at<std::uint64_t>(row, 8);
    record.submitted_at = wall_at(row, 9);
    record.paused = row.integer(10) != 0;
    record.pause_reason = row.text(11);
    record.canceled = row.integer(12) != 0;
    if (!row.is_null(13))
        record.ended_at = wall_at(row, 13);
    auto scheduling = farm::parse_scheduling(row.text(14), "scheduling.json");
    if (!scheduling)
        return tl::unexpected(
            damaged_row("job", record.id.value, openjd::to_string(scheduling.error())));
    record.scheduling = std::move(*scheduling);
    auto environments = parse_environments(row.text(15));
    if (!environments)
        return tl::unexpected(damaged_row("job", record.id.value, environments.error().message));
    record.source.environments = std::move(*environments);
    return record;
}

Result<farm::NodeRecord> read_node(sqlite::Statement const& row)
{
    farm::NodeRecord record;
    record.id = { unsigned_at<std::uint64_t>(row, 0) };
    record.key = row.text(1);
    auto facts = parse_facts(row.text(2));
    if (!facts)
        return tl::unexpected(damaged_row("node", record.id.value, facts.error().message));
    record.facts = std::move(*facts);
    record.epoch = unsigned_at<std::uint64_t>(row, 3);
    record.agent_instance = unsigned_at<std::uint64_t>(row, 4);
    record.draining = row.integer(5) != 0;
    record.first_seen = wall_at(row, 6);
    record.stopped = row.integer(7) != 0;
    auto const power = std::find(power_names.begin(), power_names.end(), row.text(8));
    if (power == power_names.end())
        return tl::unexpected(damaged_row(
            "node", record.id.value, fmt::format("unknown power state '{}'", row.text(8))));
    record.power.state = static_cast<farm::NodePower::State>(power - power_names.begin());
    record.power.since = wall_at(row, 9);
    record.power.wake_time = Duration(row.integer(10));
    record.power.failed_wakes = unsigned_at<std::uint32_t>(row, 11);
    record.forgiven_at = wall_at(row, 12);
    return record;
}

Result<farm::AttemptRecord> read_attempt(sqlite::Statement const& row)
{
    farm::AttemptRecord record;
    record.id = { unsigned_at<std::uint64_t>(row, 0) };
    record.job = { unsigned_at<std::uint64_t>(row, 1) };
    record.step = unsigned_at<std::uint32_t>(row, 2);
    record.task = unsigned_at<std::uint64_t>(row, 3);
    record.node = { unsigned_at<std::uint64_t>(row, 4) };
    record.node_epoch = unsigned_at<std::uint64_t>(row, 5);
    record.leased_at = wall_at(row, 6);
    record.vcpus = row.real(20);
    record.memory_mib = row.real(21);
    auto gpus = wire::parse_gpus(row.text(22));
    if (!gpus)
        return tl::unexpected(damaged_row("attempt", record.id.value, gpus.error().message));
    record.gpus = std::move(*gpus);
    record.tasks = unsigned_at<std::uint64_t>(row, 26);
    if (row.text(7) == leased)
        return record;
    auto const outcome = wire::parse_outcome(row.text(9));
    auto const cause = wire::parse_cause(row.text(10));
    if (row.text(7) != ended || !outcome || !cause)
        return tl::unexpected(damaged_row("attempt", record.id.value,
            fmt::format("unknown state '{}', outcome '{}' or cause '{}'", row.text(7), row.text(9),
                row.text(10))));
    record.state = farm::AttemptState::ended;
    record.ended_at = wall_at(row, 8);
    record.outcome = *outcome;
    record.cause = *cause;
    record.exit_code = optional_int_at(row, 11);
    record.signal = optional_int_at(row, 12);
    record.message = row.text(13);
    record.log_tail = row.text(14);
    record.usage.run_time = Duration(row.integer(15));
    record.usage.cpu_time = Duration(row.integer(16));
    record.usage.max_rss_bytes = unsigned_at<std::uint64_t>(row, 17);
    record.energy_wh = row.real(18);
    record.cost = { row.integer(19) };
    record.usage.enter_time = Duration(row.integer(23));
    record.usage.max_vram_bytes = unsigned_at<std::uint64_t>(row, 24);
    record.limit = row.text(25);
    return record;
}

farm::RulesRecord read_rules(sqlite::Statement const& row)
{
    return { unsigned_at<std::uint64_t>(row, 0), std::string(row.text(1)), std::string(row.text(2)),
        wall_at(row, 3) };
}

farm::ResetRecord read_reset(sqlite::Statement const& row)
{
    return { { unsigned_at<std::uint64_t>(row, 1) }, unsigned_at<std::uint32_t>(row, 2),
        unsigned_at<std::uint64_t>(row, 3), { unsigned_at<std::uint64_t>(row, 0) },
        unsigned_at<std::uint64_t>(row, 4), row.integer(5) != 0 };
}

}
