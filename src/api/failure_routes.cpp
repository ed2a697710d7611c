#include <api/find.h>
#include <api/job_document.h>
#include <api/reply.h>
#include <api/routes.h>
#include <wire/codec.h>
#include <wire/utf8.h>

#include <algorithm>
#include <vector>

namespace sidereal::api {

namespace {

// Of each group, tasks that have failed for good.
std::vector<std::uint64_t> count_failed(farm::Job const& job)
{
    std::vector<std::uint64_t> failed(job.failure_groups.size(), 0);
    for (auto const& step : job.steps)
        for (auto const& [task, trouble] : step.troubles)
            if (trouble.group && step.tasks.get(task) == farm::TaskState::failed)
                ++failed[*trouble.group];
    return failed;
}

void write_nodes(JsonWriter& json, farm::Farm const& farm, farm::FailureGroup const& group)
{
    std::vector<std::pair<std::uint64_t, NodeId>> nodes;
    for (auto const& [node, count] : group.nodes)
        nodes.emplace_back(count, node);
    // The worst first.
    std::sort(nodes.begin(), nodes.end(), [](auto const& left, auto const& right) {
        return left.first != right.first ? left.first > right.first : left.second < right.second;
    });
    json.key("nodes").begin_array();
    for (auto const& [count, id] : nodes) {
        auto const* node = farm.node(id);
        json.begin_object().field("name", node ? node->record.facts.name : to_string(id));
        json.field("failures", count).end_object();
    }
    json.end_array();
}

void write_group(
    JsonWriter& json, farm::Farm const& farm, farm::FailureGroup const& group, std::uint64_t failed)
{
    auto const& signature = group.signature;
    json.begin_object().field("group", group.id);
    json.field("tasks", group.tasks).field("failed", failed).field("failures", group.failures);
    json.field("cause", wire::to_string(signature.cause));
    json.field("exit_code", signature.exit_code).field("signal", signature.signal);
    json.field("signature", wire::scrubbed_utf8(signature.line));
    json.field("example", wire::scrubbed_utf8(group.example));
    json.field("attempt", group.attempt.value);
    json.field("first", to_rfc3339(group.first)).field("last", to_rfc3339(group.last));
    write_nodes(json, farm, group);
    json.end_object();
}

}

void get_failures(Context& context, Call&& call)
{
    auto const found = find_job(context.farm(), call.captures[0]);
    if (!found)
        return call.responder.fail(found.error());
    auto const& job = **found;
    auto const failed = count_failed(job);
    std::vector<std::size_t> order;
    std::uint64_t tasks = 0;
    for (std::size_t i = 0; i < job.failure_groups.size(); ++i) {
        tasks += job.failure_groups[i].tasks;
        if (job.failure_groups[i].tasks > 0)
            order.push_back(i);
    }
    std::stable_sort(order.begin(), order.end(), [&](std::size_t left, std::size_t right) {
        return job.failure_groups[left].tasks > job.failure_groups[right].tasks;
    });
    JsonWriter json;
    json.begin_object().field("job", job.record.id.value).field("tasks", tasks);
    json.key("groups").begin_array();
    for (auto const index : order)
        write_group(json, context.farm(), job.failure_groups[index], failed[index]);
    json.end_array().end_object();
    reply_when_durable(context, call.responder, json.take());
}

}
