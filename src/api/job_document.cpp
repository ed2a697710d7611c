#include <api/job_document.h>

#include <api/eta.h>
#include <farm/stuck.h>
#include <io/clock.h>
#include <sched/why.h>
#include <wire/codec.h>
#include <wire/utf8.h>

#include <algorithm>

namespace sidereal::api {

namespace {

using farm::TaskState;

constexpr TaskState all_task_states[] = { TaskState::ready, TaskState::leased, TaskState::succeeded,
    TaskState::failed, TaskState::canceled, TaskState::skipped };

std::string node_name(farm::Farm const& farm, NodeId id)
{
    auto const* node = farm.node(id);
    return node ? node->record.facts.name : to_string(id);
}

template<typename Counted>
void write_counts(JsonWriter& json, std::uint64_t tasks, Counted const& counted)
{
    json.key("counts").begin_object().field("tasks", tasks);
    for (auto const state : all_task_states)
        json.field(farm::to_string(state), counted.count(state));
    json.end_object();
}

void write_head(JsonWriter& json, farm::Job const& job)
{
    auto const& record = job.record;
    json.field("id", record.id.value).field("name", job.spec->name);
    json.field("state", farm::to_string(farm::job_state(job)));
    json.field("project", record.project).field("user", record.user);
    json.field("priority", record.priority);
    json.field("submitted_at", to_rfc3339(record.submitted_at));
    json.key("ended_at");
    if (record.ended_at)
        json.value(to_rfc3339(*record.ended_at));
    else
        json.null();
    write_counts(json, job.task_count(), job);
}

// What its tasks were measured to need; null: too few were.
void write_learned(JsonWriter& json, std::string_view name, farm::PeakMemory const& peaks)
{
    json.key(name);
    auto const estimate = peaks.estimate_mib();
    if (!estimate) {
        json.null();
        return;
    }
    json.begin_object().field("mib", *estimate).field("confidence", peaks.confidence());
    json.field("tasks", peaks.count()).end_object();
}

void write_gpus(JsonWriter& json, wire::GpuParts const& gpus)
{
    json.key("gpus").begin_array();
    for (auto const& part : gpus)
        json.begin_object()
            .field("uuid", part.uuid)
            .field("memory_mib", part.memory_mib)
            .field("part", part.part)
            .end_object();
    json.end_array();
}

void write_steps(JsonWriter& json, farm::Job const& job)
{
    auto const& states = job.states;
    json.key("steps").begin_array();
    for (std::size_t i = 0; i < job.steps.size(); ++i) {
        auto const& step = job.steps[i];
        auto const& spec = job.spec->steps[i];
        json.begin_object().field("name", spec.name);
        json.field("state", farm::to_string(states[i]));
        write_counts(json, step.tasks.size(), step.tasks);
        json.key("mean_run_s");
        if (auto const mean = step.run_times.mean())
            json.value(to_seconds(*mean));
        else
            json.null();
        json.key("enter_s");
        if (auto const enter = step.enter_times.mean())
            json.value(to_seconds(*enter));
        else
            json.null();
        write_learned(json, "memory", step.memory);
        write_learned(json, "vram", step.vram);
        json.key("depends_on").begin_array();
        for (auto const upstream : spec.depends_on)
            json.value(job.spec->steps[upstream].name);
        json.end_array().end_object();
    }
    json.end_array();
}

void write_place(JsonWriter& json, farm::Job const& job, TaskPlace const& place)
{
    json.field("step", job.spec->steps[place.step].name).field("task", place.task);
    if (place.tasks != 1)
        json.field("tasks", place.tasks);
    json.key("parameters");
    write_task_parameters(json, job, place);
}

void write_running(JsonWriter& json, farm::Farm const& farm, farm::Job const& job)
{
    json.field("running_total", job.live_attempts).key("running").begin_array();
    auto left = std::min<std::uint64_t>(job.live_attempts, max_listed_attempts);
    for (auto const& [id, attempt] : farm.attempts) {
        if (left == 0)
            break;
        if (attempt.record.job != job.record.id)
            continue;
        --left;
        write_live_attempt(json, farm, attempt);
    }
    json.end_array();
}

void write_failures(JsonWriter& json, farm::Farm const& farm, farm::Job const& job)
{
    json.field("failures_total", job.failures.size()).key("failures").begin_array();
    std::size_t listed = 0;
    for (auto const& [place, failure] : job.failures) {
        if (listed == max_listed_failures)
            break;
        json.begin_object();
        write_place(json, job, { place.first, place.second });
        json.field("attempt", failure.attempt.value).field("node", node_name(farm, failure.node));
        json.field("cause", wire::to_string(failure.cause));
        json.field("message", wire::scrubbed_utf8(failure.message));
        json.key("log_tail");
        if (listed < max_log_tails)
            json.value(wire::scrubbed_utf8(failure.log_tail));
        else
            json.null();
        json.end_object();
        ++listed;
    }
    json.end_array();
}

void write_use(JsonWriter& json, farm::Farm const& farm, farm::Job const& job)
{
    json.key("nodes").begin_array();
    for (auto const& [id, use] : job.use) {
        json.begin_object().field("id", id.value).field("name", node_name(farm, id));
        json.field("succeeded", use.succeeded).field("other", use.other);
        json.field("run_s", to_seconds(use.run_time)).field("cpu_s", to_seconds(use.cpu_time));
        json.field("max_rss_bytes", use.max_rss_bytes).field("energy_wh", use.energy_wh);
        json.field("cost_usd", use.cost.usd()).end_object();
    }
    json.end_array();
}

void write_outlook(JsonWriter& json, brain::Brain const& brain, farm::Job const& job)
{
    auto const& farm = brain.farm;
    json.key("why").begin_array();
    for (auto const& row : sched::why(farm, io::now(), brain.config.policy, job)) {
        json.begin_object().field("step", job.spec->steps[row.step].name);
        json.field("tasks", row.tasks).field("reason", sched::to_string(row.reason));
        json.field("text", row.text).key("nodes").begin_object();
        for (auto const& reason : row.nodes)
            json.field(sched::to_string(reason.reason), reason.nodes);
        json.end_object().end_object();
    }
    json.end_array();
    auto const eta = estimate(farm, job);
    json.key("eta_s");
    if (eta.left)
        json.value(to_seconds(*eta.left));
    else
        json.null();
    json.key("eta_leaves_out").begin_array();
    for (auto const step : eta.unmeasured)
        json.value(job.spec->steps[step].name);
    json.end_array();
}

}

std::string job_document(brain::Brain const& brain, farm::Job const& job)
{
    auto const& farm = brain.farm;
    auto const& record = job.record;
    JsonWriter json;
    json.begin_object();
    write_head(json, job);
    json.field("description", job.spec->description);
    json.field("max_retries", record.max_retries);
    json.field("max_failed_tasks", record.max_failed_tasks);
    json.field("paused", record.paused).field("pause_reason", record.pause_reason);
    json.key("parameters").begin_object();
    for (auto const& [name, value] : job.spec->parameters)
        json.field(name, value.text());
    json.end_object();
    write_steps(json, job);
    write_running(json, farm, job);
    write_failures(json, farm, job);
    write_use(json, farm, job);
    write_outlook(json, brain, job);
    json.field("revision", job.revision);
    json.end_object();
    return json.take();
}

void write_job_row(JsonWriter& json, farm::Job const& job)
{
    json.begin_object();
    write_head(json, job);
    json.field("revision", job.revision).end_object();
}

void write_task_parameters(JsonWriter& json, farm::Job const& job, TaskPlace const& place)
{
    json.begin_object();
    for (auto const& parameter : job.spec->steps[place.step].space.at(place.task, place.tasks))
        json.field(parameter.name, parameter.value);
    json.end_object();
}

void write_live_attempt(JsonWriter& json, farm::Farm const& farm, farm::Attempt const& attempt)
{
    auto const& record = attempt.record;
    auto const& job = farm.jobs.at(record.job);
    json.begin_object().field("attempt", record.id.value).field("job", record.job.value);
    write_place(json, job, { record.step, record.task, record.tasks });
    json.field("node", node_name(farm, record.node)).field("percent", attempt.percent);
    json.field("status", wire::scrubbed_utf8(attempt.status)).field("started", attempt.started);
    json.field("canceling", attempt.cancel_reason.has_value());
    write_gpus(json, record.gpus);
    auto const signs = farm::stuck_signs(farm, attempt, io::mono_now());
    if (signs.is_stuck())
        json.field("stuck", signs.text());
    json.field("leased_at", to_rfc3339(record.leased_at)).end_object();
}

void write_attempt(JsonWriter& json, farm::Farm const& farm, farm::Job const& job,
    farm::AttemptRecord const& record)
{
    json.begin_object().field("attempt", record.id.value);
    write_place(json, job, { record.step, record.task, record.tasks });
    json.field("node", node_name(farm, record.node));
    json.field("leased_at", to_rfc3339(record.leased_at));
    write_gpus(json, record.gpus);
    auto const ended = record.state == farm::AttemptState::ended;
    json.field("state", ended ? wire::to_string(record.outcome) : std::string_view("running"));
    if (ended) {
        json.field("ended_at", to_rfc3339(record.ended_at));
        json.field("cause", wire::to_string(record.cause));
        json.field("exit_code", record.exit_code).field("signal", record.signal);
        json.field("message", wire::scrubbed_utf8(record.message));
        json.field("log_tail", wire::scrubbed_utf8(record.log_tail));
        json.field("run_s", to_seconds(record.usage.run_time));
        json.field("cpu_s", to_seconds(record.usage.cpu_time));
        json.field("max_rss_bytes", record.usage.max_rss_bytes);
        json.field("max_vram_bytes", record.usage.max_vram_bytes);
        json.field("enter_s", to_seconds(record.usage.enter_time));
        json.field("energy_wh", record.energy_wh).field("cost_usd", record.cost.usd());
    }
    json.end_object();
}

}
