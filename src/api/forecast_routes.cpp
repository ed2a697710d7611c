#include <api/decode.h>
#include <api/find.h>
#include <api/reply.h>
#include <api/routes.h>
#include <io/clock.h>
#include <sched/forecast.h>

#include <functional>
#include <memory>
#include <utility>

namespace sidereal::api {

namespace {

constexpr std::size_t most_waiting = 4;
constexpr std::int64_t most_added = 10'000;
constexpr std::uint32_t most_searched = 256;

// A farm as it was asked about, on its way to another thread.
struct Question {
    farm::Farm farm;
    Now now;
    sched::Policy policy;
    // Only this job is told of.
    std::optional<JobId> job;
};

void write_finish(JsonWriter& json, sched::Finish const& finish, Now now)
{
    auto const seconds = [&](std::string_view name, std::optional<Duration> const& time) {
        json.field(name, time ? std::optional(to_seconds(*time)) : std::nullopt);
    };
    auto const at = [&](std::string_view name, std::optional<Duration> const& time) {
        json.field(name, time ? std::optional(to_rfc3339(now.wall + *time)) : std::nullopt);
    };
    seconds("p50_s", finish.p50);
    seconds("p90_s", finish.p90);
    at("p50_at", finish.p50);
    at("p90_at", finish.p90);
}

void write_job(
    JsonWriter& json, Question const& asked, farm::Farm const& farm, sched::JobForecast const& job)
{
    auto const& known = farm.jobs.at(job.job);
    json.begin_object().field("id", job.job.value).field("name", known.spec->name);
    write_finish(json, job.finish, asked.now);
    auto const& deadline = known.record.scheduling.deadline;
    json.field("deadline", deadline ? std::optional(to_rfc3339(*deadline)) : std::nullopt);
    json.field("on_time", job.on_time);
    json.key("steps").begin_array();
    for (std::size_t i = 0; i < job.steps.size(); ++i) {
        json.begin_object().field("name", known.spec->steps[i].name);
        json.field("measured", job.steps[i].measured);
        write_finish(json, job.steps[i].finish, asked.now);
        json.end_object();
    }
    json.end_array().end_object();
}

void write_forecast(JsonWriter& json, Question const& asked, farm::Farm const& farm)
{
    auto const seen = sched::forecast(farm, asked.now, asked.policy);
    json.begin_object().field("measured", seen.measured).field("runs", seen.runs);
    json.field("part", seen.part);
    write_finish(json, seen.farm, asked.now);
    json.field("energy_wh", seen.energy_wh).field("cost_usd", seen.cost.usd());
    json.key("jobs").begin_array();
    for (auto const& job : seen.jobs)
        if (!asked.job || *asked.job == job.job)
            write_job(json, asked, farm, job);
    json.end_array().end_object();
}

std::string forecast_document(Question const& asked)
{
    JsonWriter json;
    write_forecast(json, asked, asked.farm);
    return json.take();
}

std::string what_if_document(Question const& asked, sched::WhatIf const& change, bool search)
{
    auto const then = sched::changed(asked.farm, change);
    if (!then)
        return {};
    JsonWriter json;
    json.begin_object().key("now");
    write_forecast(json, asked, asked.farm);
    json.key("then");
    write_forecast(json, asked, *then);
    json.key("nodes_for_deadline");
    auto const nodes = search
        ? sched::nodes_for_deadline(asked.farm, asked.now, asked.policy, change, most_searched)
        : std::nullopt;
    if (nodes)
        json.value(*nodes);
    else
        json.null();
    json.end_object();
    return json.take();
}

// Thinks on a thread of its own, so that the farm goes on meanwhile.
void think(Context& context, io::Responder const& responder, std::optional<JobId> job,
    std::function<std::string(Question const&)> answer)
{
    if (context.aside.waiting() >= most_waiting)
        return responder.fail({ ErrorCode::unavailable,
            "the brain has several forecasts to make already: try again in a few seconds" });
    auto to = responder;
    context.host.when_durable(
        [&context, to = std::move(to), job, answer = std::move(answer)]() mutable {
            auto asked = std::make_shared<Question const>(
                Question { context.farm(), io::now(), context.host.brain().config.policy, job });
            context.aside.put([asked = std::move(asked), answer = std::move(answer),
                                  responder = std::move(to), &loop = context.loop]() mutable {
                loop.post([text = answer(*asked), responder = std::move(responder)] {
                    responder.reply(json_response(text));
                });
            });
        });
}

Result<std::optional<NodeId>> optional_node(farm::Farm const& farm, JsonObject const& body)
{
    auto const name = TRY(optional_string(body, "like"));
    if (name.empty())
        return std::nullopt;
    return TRY(find_node(farm, name))->record.id;
}

// Tier and deadline as the scheduling document has them.
Status read_wishes(JsonObject const& body, sched::WhatIf& change)
{
    JsonWriter wishes;
    wishes.begin_object();
    for (auto const* name : { "tier", "deadline" }) {
        auto const word = TRY(optional_string(body, name));
        if (!word.empty())
            wishes.field(name, word);
    }
    wishes.end_object();
    auto const read = farm::parse_scheduling(wishes.view(), "the request");
    if (!read)
        return fail(ErrorCode::invalid_input, "{}", openjd::to_string(read.error()));
    if (find(body, "tier"))
        change.tier = read->tier;
    change.deadline = read->deadline;
    return {};
}

Result<sched::WhatIf> read_change(farm::Farm const& farm, io::HttpRequest const& request)
{
    auto const body = TRY(decode_body(
        request, { "add_nodes", "like", "without", "job", "priority", "tier", "deadline" }));
    sched::WhatIf change;
    change.add_nodes = static_cast<std::uint32_t>(
        TRY(optional_int(body, "add_nodes", { 0, most_added })).value_or(0));
    change.like = TRY(optional_node(farm, body));
    if (find(body, "without"))
        for (auto const& name : *TRY(get_array(body, "without"))) {
            if (!name.is_string())
                return fail(ErrorCode::invalid_input, "'without' must be a list of nodes' names");
            change.without.push_back(
                TRY(find_node(farm, std::string_view(name.as_string())))->record.id);
        }
    if (auto const job = TRY(optional_string(body, "job")); !job.empty())
        change.job = TRY(find_job(farm, job))->record.id;
    if (auto const priority = TRY(optional_int(body, "priority", { -100, 100 })))
        change.priority = static_cast<int>(*priority);
    TRY(read_wishes(body, change));
    if (!change.job && (change.priority || change.tier || change.deadline))
        return fail(ErrorCode::invalid_input,
            "'priority', 'tier' and 'deadline' are those of one job: say which with 'job'");
    if (change.job && farm.jobs.at(*change.job).ended())
        return fail(ErrorCode::conflict, "job {} has ended", change.job->value);
    return change;
}

}

void get_forecast(Context& context, Call&& call)
{
    if (auto const allowed = allow_query(call.request, { "job" }); !allowed)
        return call.responder.fail(allowed.error());
    std::optional<JobId> job;
    if (auto const name = query_string(call.request, "job")) {
        auto const found = find_job(context.farm(), *name);
        if (!found)
            return call.responder.fail(found.error());
        job = (*found)->record.id;
    }
    think(context, call.responder, job, forecast_document);
}

void post_what_if(Context& context, Call&& call)
{
    auto const change = read_change(context.farm(), call.request);
    if (!change)
        return call.responder.fail(change.error());
    // What cannot be done is said at once.
    if (auto const possible = sched::check(context.farm(), *change); !possible)
        return call.responder.fail(possible.error());
    auto const search = change->job
        && (change->deadline
            || context.farm().jobs.at(*change->job).record.scheduling.deadline.has_value());
    think(context, call.responder, std::nullopt, [change = *change, search](Question const& asked) {
        return what_if_document(asked, change, search);
    });
}

}
