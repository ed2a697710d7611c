#include <api/decode.h>
#include <api/find.h>
#include <api/node_document.h>
#include <api/reply.h>
#include <api/routes.h>
#include <io/clock.h>
#include <sched/why.h>

#include <map>

namespace sidereal::api {

namespace {

void run_verb(Context& context, Call const& call, brain::NodeVerb verb)
{
    if (auto const body = decode_body(call.request, {}); !body)
        return call.responder.fail(body.error());
    auto const node = find_node(context.farm(), call.captures[0]);
    if (!node)
        return call.responder.fail(node.error());
    auto const id = (*node)->record.id;
    ask(context, call.responder,
        { [id, verb](brain::Brain& brain, brain::Ticket ticket, Now now, brain::Effects& effects) {
             brain::on_node_verb(brain, id, verb, ticket, now, effects);
         },
            [id](brain::Answer const&) {
                JsonWriter json;
                json.begin_object().field("id", id.value).end_object();
                return json_response(json.take());
            } });
}

void write_states(JsonWriter& json, std::map<std::string_view, std::uint64_t> const& states)
{
    json.begin_object();
    for (auto const& [state, count] : states)
        json.field(state, count);
    json.end_object();
}

}

void get_nodes(Context& context, Call&& call)
{
    JsonWriter json;
    json.begin_object().key("nodes").begin_array();
    for (auto const& [id, node] : context.farm().nodes)
        write_node_row(json, node);
    json.end_array().end_object();
    reply_when_durable(context, call.responder, json.take());
}

void get_node(Context& context, Call&& call)
{
    auto const node = find_node(context.farm(), call.captures[0]);
    if (!node)
        return call.responder.fail(node.error());
    reply_when_durable(context, call.responder, node_document(context.farm(), **node));
}

void get_node_why(Context& context, Call&& call)
{
    auto const node = find_node(context.farm(), call.captures[0]);
    if (!node)
        return call.responder.fail(node.error());
    auto const answer = sched::why_idle(
        context.farm(), io::now(), context.host.brain().config.policy, **node);
    JsonWriter json;
    json.begin_object().field("node", (*node)->record.facts.name).field("text", answer.text);
    json.key("steps").begin_object();
    for (auto const& [reason, steps] : answer.steps)
        json.field(sched::to_string(reason), steps);
    json.end_object().end_object();
    reply_when_durable(context, call.responder, json.take());
}

void drain_node(Context& context, Call&& call) { run_verb(context, call, brain::NodeVerb::drain); }

void undrain_node(Context& context, Call&& call)
{
    run_verb(context, call, brain::NodeVerb::undrain);
}

void forgive_node(Context& context, Call&& call)
{
    run_verb(context, call, brain::NodeVerb::forgive);
}

void get_farm(Context& context, Call&& call)
{
    auto const& farm = context.farm();
    std::map<std::string_view, std::uint64_t> jobs;
    std::map<std::string_view, std::uint64_t> nodes;
    for (auto const& [id, job] : farm.jobs)
        ++jobs[farm::to_string(farm::job_state(job))];
    JsonWriter json;
    json.begin_object().field("version", context.version);
    json.field("brain_instance", context.host.brain().config.instance);
    json.field("uptime_s", to_seconds(io::mono_now() - context.started));
    json.key("nodes").begin_array();
    for (auto const& [id, node] : farm.nodes) {
        write_node_row(json, node);
        ++nodes[node_state(node)];
    }
    json.end_array();
    json.key("counts").begin_object();
    json.field("jobs_total", farm.jobs.size()).key("jobs");
    write_states(json, jobs);
    json.field("nodes_total", farm.nodes.size()).key("nodes");
    write_states(json, nodes);
    json.end_object();
    json.field("live_attempts", farm.attempts.size()).end_object();
    reply_when_durable(context, call.responder, json.take());
}

void get_health(Context& context, Call&& call)
{
    // At once: a stuck disk must not make the brain look dead.
    auto const store = context.host.history().state();
    JsonWriter json;
    json.begin_object().field("status", "ok").field("commits", store.commits);
    json.field("history_behind", store.behind);
    json.field("longest_turn_ms", to_seconds(context.host.longest_turn()) * 1000).end_object();
    call.responder.reply(json_response(json.take()));
}

}
