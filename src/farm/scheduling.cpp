#include <farm/scheduling.h>

#include <base/verify.h>
#include <farm/document_fields.h>
#include <farm/log_rules.h>

#include <array>
#include <charconv>

namespace sidereal::farm {

namespace {

using openjd::Fields;
using openjd::Place;

std::vector<std::string_view> const tier_words { "idle", "low", "normal", "high", "urgent" };
std::vector<std::string_view> const order_words { "listed", "reverse", "middle_out", "preview" };

Caps read_caps(Place const& place)
{
    Fields const fields(place, { "tasks", "nodes", "vcpus", "tasks_per_node" });
    Caps caps;
    read_count(fields, "tasks", caps.tasks);
    read_count(fields, "nodes", caps.nodes);
    read_amount(fields, "vcpus", caps.vcpus);
    read_count(fields, "tasks_per_node", caps.tasks_per_node);
    return caps;
}

StepTimeouts read_timeouts(Place const& place)
{
    Fields const fields(place, { "run_s", "silent_s", "run_percent", "least_tasks", "stuck" });
    StepTimeouts timeouts;
    read_seconds(fields, "run_s", timeouts.run);
    read_seconds(fields, "silent_s", timeouts.silent);
    read_amount(fields, "run_percent", timeouts.run_percent);
    if (timeouts.run_percent && *timeouts.run_percent <= 100)
        place.complain("run_percent must be above 100, or tasks that take as long as others fail");
    std::optional<std::uint64_t> least;
    read_count(fields, "least_tasks", least);
    timeouts.least = least.value_or(timeouts.least);
    read_flag(fields, "stuck", timeouts.stuck);
    if (timeouts.empty())
        place.complain("expected at least one of run_s, silent_s, run_percent or stuck: true");
    return timeouts;
}

StepScheduling read_step(Place const& place, std::string_view name)
{
    Fields const fields(place,
        { "caps", "order", "after_steps", "after_any", "after_tasks", "whole_node", "gpu_share",
            "resumable", "nodes", "timeouts" });
    StepScheduling step;
    if (auto const caps = fields.get("caps"))
        step.caps = read_caps(*caps);
    if (auto const order = fields.get("order"))
        if (auto const word = openjd::read_word(*order, order_words))
            step.order = static_cast<TaskOrder>(*word);
    if (auto const edges = fields.get("after_steps"))
        for (auto const& edge : openjd::read_list(*edges, { 1, 128 }))
            step.after_steps.push_back(read_step_edge(edge));
    read_flag(fields, "after_any", step.after_any);
    if (auto const edges = fields.get("after_tasks"))
        for (auto const& edge : openjd::read_list(*edges, { 1, 16 }))
            step.after_tasks.push_back(read_task_edge(edge, name));
    read_flag(fields, "whole_node", step.whole_node);
    read_flag(fields, "gpu_share", step.gpu_share);
    read_flag(fields, "resumable", step.resumable);
    step.nodes = read_names(fields, "nodes");
    if (auto const timeouts = fields.get("timeouts"))
        step.timeouts = read_timeouts(*timeouts);
    return step;
}

void read_time(Fields const& fields, std::string_view name, std::optional<Wall>& time)
{
    auto const place = fields.get(name);
    if (!place)
        return;
    auto const text = openjd::read_text(*place, { 1, 64, openjd::TextRule::Controls::refused });
    if (!text)
        return;
    time = parse_rfc3339(*text);
    if (!time)
        place->expected("a time like 2026-11-22T20:00:00Z");
}

void read_steps(Fields const& fields, Scheduling& scheduling)
{
    auto const steps = fields.get("steps");
    if (!steps)
        return;
    if (steps->node().kind != openjd::Node::Kind::map)
        return steps->expected("an object whose names are the steps'");
    for (std::size_t i = 0; i < steps->node().keys.size(); ++i) {
        auto const& name = steps->node().keys[i].text;
        scheduling.steps[name] = read_step(steps->member(i), name);
    }
}

Scheduling read_scheduling(Place const& root)
{
    Fields const fields(root,
        { "tier", "not_before", "deadline", "order", "caps", "after_jobs", "after_any", "steps",
            "log_rules" });
    Scheduling scheduling;
    if (auto const tier = fields.get("tier"))
        if (auto const word = openjd::read_word(*tier, tier_words))
            scheduling.tier = static_cast<Tier>(*word);
    read_time(fields, "not_before", scheduling.not_before);
    read_time(fields, "deadline", scheduling.deadline);
    if (auto const order = fields.get("order"))
        scheduling.order = static_cast<TaskOrder>(
            openjd::read_word(*order, order_words).value_or(0));
    if (auto const caps = fields.get("caps"))
        scheduling.caps = read_caps(*caps);
    if (auto const edges = fields.get("after_jobs"))
        for (auto const& edge : openjd::read_list(*edges, { 1, 100 }))
            scheduling.after_jobs.push_back(read_job_edge(edge));
    read_flag(fields, "after_any", scheduling.after_any);
    read_steps(fields, scheduling);
    scheduling.log_rules = read_log_rules(fields, "log_rules");
    return scheduling;
}

void write_caps(JsonWriter& json, Caps const& caps)
{
    if (caps.empty())
        return;
    json.key("caps").begin_object();
    if (caps.tasks)
        json.field("tasks", *caps.tasks);
    if (caps.nodes)
        json.field("nodes", *caps.nodes);
    if (caps.vcpus)
        json.field("vcpus", *caps.vcpus);
    if (caps.tasks_per_node)
        json.field("tasks_per_node", *caps.tasks_per_node);
    json.end_object();
}

void write_timeouts(JsonWriter& json, StepTimeouts const& timeouts)
{
    if (timeouts.empty())
        return;
    json.key("timeouts").begin_object();
    if (timeouts.run)
        json.field("run_s", to_seconds(*timeouts.run));
    if (timeouts.silent)
        json.field("silent_s", to_seconds(*timeouts.silent));
    if (timeouts.run_percent)
        json.field("run_percent", *timeouts.run_percent);
    json.field("least_tasks", timeouts.least);
    if (timeouts.stuck)
        json.field("stuck", true);
    json.end_object();
}

template<typename Edge>
void write_edges(JsonWriter& json, std::string_view name, std::vector<Edge> const& edges)
{
    if (edges.empty())
        return;
    json.key(name).begin_array();
    for (auto const& edge : edges)
        write(json, edge);
    json.end_array();
}

void write_step(JsonWriter& json, StepScheduling const& step)
{
    json.begin_object();
    write_caps(json, step.caps);
    if (step.order)
        json.field("order", to_string(*step.order));
    write_edges(json, "after_steps", step.after_steps);
    if (step.after_any)
        json.field("after_any", true);
    write_edges(json, "after_tasks", step.after_tasks);
    if (step.whole_node)
        json.field("whole_node", true);
    if (step.gpu_share)
        json.field("gpu_share", true);
    if (step.resumable)
        json.field("resumable", true);
    if (!step.nodes.empty()) {
        json.key("nodes").begin_array();
        for (auto const& name : step.nodes)
            json.value(name);
        json.end_array();
    }
    write_timeouts(json, step.timeouts);
    json.end_object();
}

}

std::string_view to_string(Tier tier) { return tier_words[static_cast<std::size_t>(tier)]; }
std::string_view to_string(TaskOrder order) { return order_words[static_cast<std::size_t>(order)]; }

openjd::Checked<Scheduling> parse_scheduling(std::string_view text, std::string_view file_name)
{
    return read_whole<Scheduling>(text, file_name, read_scheduling);
}

std::string to_json(Scheduling const& scheduling)
{
    if (scheduling == Scheduling {})
        return {};
    JsonWriter json;
    json.begin_object().field("tier", to_string(scheduling.tier));
    if (scheduling.not_before)
        json.field("not_before", to_rfc3339(*scheduling.not_before));
    if (scheduling.deadline)
        json.field("deadline", to_rfc3339(*scheduling.deadline));
    json.field("order", to_string(scheduling.order));
    write_caps(json, scheduling.caps);
    write_edges(json, "after_jobs", scheduling.after_jobs);
    if (scheduling.after_any)
        json.field("after_any", true);
    if (!scheduling.steps.empty()) {
        json.key("steps").begin_object();
        for (auto const& [name, step] : scheduling.steps) {
            json.key(name);
            write_step(json, step);
        }
        json.end_object();
    }
    write_log_rules(json, "log_rules", scheduling.log_rules);
    json.end_object();
    return json.take();
}

bool name_matches(std::string_view pattern, std::string_view name)
{
    if (pattern.ends_with('*'))
        return name.starts_with(pattern.substr(0, pattern.size() - 1));
    return pattern == name;
}

}
