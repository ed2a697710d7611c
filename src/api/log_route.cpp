#include <api/decode.h>
#include <api/find.h>
#include <api/reply.h>
#include <api/routes.h>

#include <algorithm>
#include <optional>
#include <utility>

namespace sidereal::api {

namespace {

constexpr std::uint64_t default_log_bytes = 256UL * 1024;
constexpr std::uint64_t max_log_bytes = 4UL * 1024 * 1024;

// Whose log is wanted, and which part of it.
struct Wanted {
    JobId job;
    std::optional<AttemptId> attempt;
    TaskPlace place;
    std::uint64_t offset { 0 };
    std::uint64_t max_bytes { default_log_bytes };
};

Result<Wanted> read_wanted(Context& context, Call const& call)
{
    auto const& request = call.request;
    TRY(allow_query(request, { "step", "task", "attempt", "offset", "max" }));
    auto const* job = TRY(find_job(context.farm(), call.captures[0]));
    Wanted wanted;
    wanted.job = job->record.id;
    wanted.offset = TRY(query_uint(request, "offset")).value_or(0);
    wanted.max_bytes = std::clamp<std::uint64_t>(
        TRY(query_uint(request, "max")).value_or(default_log_bytes), 1, max_log_bytes);
    if (auto const attempt = TRY(query_uint(request, "attempt")); attempt && *attempt > 0)
        wanted.attempt = AttemptId { *attempt };
    else
        wanted.place = TRY(
            find_task(*job, { query_string(request, "step"), query_string(request, "task") }));
    return wanted;
}

farm::AttemptRecord const* find_live(farm::Farm const& farm, Wanted const& wanted)
{
    for (auto entry = farm.attempts.rbegin(); entry != farm.attempts.rend(); ++entry) {
        auto const& record = entry->second.record;
        if (record.job != wanted.job)
            continue;
        auto const is_it = wanted.attempt ? record.id == *wanted.attempt
                                          : record.step == wanted.place.step
                && record.task <= wanted.place.task && wanted.place.task < record.end();
        if (is_it)
            return &record;
    }
    return nullptr;
}

io::HttpResponse render(wire::LogChunk const& chunk, AttemptId attempt)
{
    if (!chunk.failure.empty())
        return io::error_response({ ErrorCode::not_found,
            fmt::format(
                "the log of attempt {} cannot be read: {}", attempt.value, chunk.failure) });
    io::HttpResponse response;
    response.content_type = "text/plain; charset=utf-8";
    response.headers.add("X-Log-Offset", std::to_string(chunk.offset));
    response.headers.add("X-Log-Size", std::to_string(chunk.log_size));
    response.headers.add("X-Log-Ended", chunk.attempt_ended ? "true" : "false");
    response.headers.add("X-Attempt", to_string(attempt));
    response.body = chunk.data;
    return response;
}

void read_log(Context& context, io::Responder const& responder, Wanted const& wanted,
    farm::AttemptRecord const& attempt)
{
    wire::ReadLog request;
    request.job = wanted.job;
    request.attempt = attempt.id;
    request.offset = wanted.offset;
    request.max_bytes = wanted.max_bytes;
    ask(context, responder,
        { [request, node = attempt.node](
              brain::Brain& brain, brain::Ticket ticket, Now now, brain::Effects& effects) {
             brain::on_read_log(brain, node, request, ticket, now, effects);
         },
            [id = attempt.id](brain::Answer const& answer) {
                return render(std::get<wire::LogChunk>(answer), id);
            },
            OnClosed::tell_mind });
}

Error no_attempt(Wanted const& wanted)
{
    if (wanted.attempt)
        return { ErrorCode::not_found,
            fmt::format("job {} has no attempt {}", wanted.job.value, wanted.attempt->value) };
    return { ErrorCode::not_found,
        fmt::format("task {} has not run yet, so there is no log", wanted.place.task) };
}

void read_ended(Context& context, io::Responder const& responder, Wanted const& wanted,
    Result<std::optional<farm::AttemptRecord>> const& found)
{
    if (!found)
        return responder.fail(found.error());
    if (!*found || (wanted.attempt && (*found)->id != *wanted.attempt))
        return responder.fail(no_attempt(wanted));
    read_log(context, responder, wanted, **found);
}

void look_in_history(Context& context, io::Responder const& responder, Wanted const& wanted)
{
    // The store answers on a thread of its own.
    auto const back = [&context, responder, wanted](
                          Result<std::optional<farm::AttemptRecord>> found) {
        context.loop.post([&context, responder, wanted, found = std::move(found)] {
            read_ended(context, responder, wanted, found);
        });
    };
    if (!wanted.attempt) {
        context.host.history().latest_attempt(
            wanted.job, wanted.place.step, wanted.place.task, back);
        return;
    }
    store::AttemptQuery query;
    query.job = wanted.job;
    query.after = { wanted.attempt->value - 1 };
    query.limit = 1;
    context.host.history().attempts(
        query, [back](Result<std::vector<farm::AttemptRecord>> const& page) {
            if (!page)
                back(tl::unexpected(page.error()));
            else if (page->empty())
                back(std::nullopt);
            else
                back(page->front());
        });
}

}

void get_log(Context& context, Call&& call)
{
    auto const wanted = read_wanted(context, call);
    if (!wanted)
        return call.responder.fail(wanted.error());
    if (auto const* live = find_live(context.farm(), *wanted))
        read_log(context, call.responder, *wanted, *live);
    else
        look_in_history(context, call.responder, *wanted);
}

}
