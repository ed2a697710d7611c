#include <api/decode.h>
#include <api/find.h>
#include <api/job_document.h>
#include <api/reply.h>
#include <api/routes.h>
#include <wire/codec.h>

#include <algorithm>
#include <utility>

namespace sidereal::api {

namespace {

Result<store::AttemptQuery> read_query(Context& context, Call const& call)
{
    TRY(allow_query(call.request, { "step", "task", "node", "outcome", "limit", "after" }));
    auto const* job = TRY(find_job(context.farm(), call.captures[0]));
    store::AttemptQuery query;
    query.job = job->record.id;
    if (auto const step = query_string(call.request, "step"))
        query.step = TRY(find_step(*job, *step));
    query.task = TRY(query_uint(call.request, "task"));
    if (auto const node = query_string(call.request, "node"))
        query.node = TRY(find_node(context.farm(), *node))->record.id;
    if (auto const outcome = query_string(call.request, "outcome")) {
        query.outcome = wire::parse_outcome(*outcome);
        if (!query.outcome)
            return fail(ErrorCode::invalid_input,
                "query parameter 'outcome': expected succeeded, failed or canceled, not '{}'",
                *outcome);
    }
    query.after = { TRY(query_uint(call.request, "after")).value_or(0) };
    auto const limit = TRY(query_uint(call.request, "limit"));
    query.limit = std::clamp<std::size_t>(
        limit.value_or(query.limit), 1, store::AttemptQuery::max_limit);
    return query;
}

std::string attempts_document(
    farm::Farm const& farm, JobId id, std::vector<farm::AttemptRecord> const& records)
{
    auto const& job = farm.jobs.at(id);
    JsonWriter json;
    json.begin_object().key("attempts").begin_array();
    for (auto const& record : records)
        write_attempt(json, farm, job, record);
    json.end_array().end_object();
    return json.take();
}

}

void get_attempts(Context& context, Call&& call)
{
    auto const query = read_query(context, call);
    if (!query)
        return call.responder.fail(query.error());
    // The store answers on a thread of its own, and with what is durable.
    context.host.history().attempts(*query,
        [&context, responder = call.responder, job = query->job](
            Result<std::vector<farm::AttemptRecord>> found) {
            context.loop.post([&context, responder, job, found = std::move(found)] {
                if (!found)
                    return responder.fail(found.error());
                responder.reply(json_response(attempts_document(context.farm(), job, *found)));
            });
        });
}

}
