#include <api/decode.h>
#include <api/reply.h>
#include <api/routes.h>
#include <api/usage.h>
#include <io/clock.h>

#include <memory>
#include <utility>

namespace sidereal::api {

namespace {

constexpr std::uint64_t default_hours = 30UL * 24;
constexpr std::uint64_t most_hours = 366UL * 24;
// What was running at the start of a span was leased before it: this far back it is looked for.
constexpr Duration longest_run = std::chrono::hours(7 * 24);

// The history is read page by page, so that nobody else waits for it, and added up as it comes.
struct Scan {
    Context& context;
    io::Responder responder;
    store::AttemptQuery query;
    Usage usage;
};

void write_nodes(JsonWriter& json, farm::Farm const& farm)
{
    json.key("nodes").begin_array();
    for (auto const& [id, node] : farm.nodes) {
        auto const& facts = node.record.facts;
        json.begin_object().field("id", id.value).field("name", facts.name);
        json.field("idle_w", facts.rate.idle_w).field("busy_w", facts.rate.busy_w);
        json.field("usd_per_kwh", facts.rate.usd_per_kwh);
        json.field("usd_per_h", facts.rate.usd_per_h).end_object();
    }
    json.end_array();
}

std::string usage_document(farm::Farm const& farm, Usage const& usage)
{
    auto const& span = usage.span();
    JsonWriter json;
    json.begin_object().field("from", to_rfc3339(span.from));
    json.field("to", to_rfc3339(span.from + std::chrono::hours(span.hours)));
    json.field("hours_total", span.hours).key("hours").begin_array();
    for (std::size_t i = 0; i < usage.hours().size(); ++i) {
        auto const& hour = usage.hours()[i];
        if (hour == UsageHour {})
            continue;
        json.begin_object().field("hour", to_rfc3339(span.from + std::chrono::hours(i)));
        json.field("node_h", hour.node_h).field("submitted_node_h", hour.submitted_node_h);
        json.field("energy_wh", hour.energy_wh).field("cost_usd", hour.cost_usd);
        json.field("attempts", hour.attempts).end_object();
    }
    json.end_array();
    write_nodes(json, farm);
    json.end_object();
    return json.take();
}

void read_page(std::shared_ptr<Scan> const& scan);

void take_page(
    std::shared_ptr<Scan> const& scan, Result<std::vector<farm::AttemptRecord>> const& page)
{
    auto const& farm = scan->context.farm();
    if (!page)
        return scan->responder.fail(page.error());
    for (auto const& record : *page)
        scan->usage.add(farm, record);
    if (page->size() < store::AttemptQuery::max_limit)
        return scan->responder.reply(json_response(usage_document(farm, scan->usage)));
    scan->query.after = page->back().id;
    read_page(scan);
}

void read_page(std::shared_ptr<Scan> const& scan)
{
    scan->context.host.history().attempts(
        scan->query, [scan](Result<std::vector<farm::AttemptRecord>> page) {
            scan->context.loop.post([scan, page = std::move(page)] { take_page(scan, page); });
        });
}

Result<Usage::Span> read_span(io::HttpRequest const& request)
{
    TRY(allow_query(request, { "hours" }));
    auto const hours = TRY(query_uint(request, "hours")).value_or(default_hours);
    if (hours < 1 || hours > most_hours)
        return fail(ErrorCode::invalid_input, "query parameter 'hours': expected 1 to {}, not {}",
            most_hours, hours);
    auto const now = io::now().wall;
    auto const begun = now - now.time_since_epoch() % std::chrono::hours(1);
    return Usage::Span { begun - std::chrono::hours(hours - 1), hours };
}

}

void get_usage(Context& context, Call&& call)
{
    auto const span = read_span(call.request);
    if (!span)
        return call.responder.fail(span.error());
    store::AttemptQuery query;
    query.leased_from = span->from - longest_run;
    query.limit = store::AttemptQuery::max_limit;
    read_page(
        std::make_shared<Scan>(Scan { context, call.responder, std::move(query), Usage(*span) }));
}

}
