#include <api/reply.h>

#include <base/json.h>

#include <memory>
#include <utility>
#include <variant>

namespace sidereal::api {

io::HttpResponse json_response(std::string body, HttpStatus status)
{
    io::HttpResponse response;
    response.status = static_cast<int>(status);
    response.body = std::move(body);
    return response;
}

io::HttpResponse diagnostics_response(openjd::Diagnostics const& faults)
{
    auto const& row = error_row(ErrorCode::invalid_input);
    JsonWriter json;
    json.begin_object().key("error").begin_object();
    json.field("code", row.name);
    json.field("message",
        fmt::format("{} has {} fault{}", faults.empty() ? "it" : faults.front().file, faults.size(),
            faults.size() == 1 ? "" : "s"));
    json.key("diagnostics").begin_array();
    for (auto const& fault : faults) {
        json.begin_object();
        json.field("file", fault.file).field("line", fault.line).field("column", fault.column);
        json.field("path", fault.path).field("message", fault.message);
        json.end_object();
    }
    json.end_array().end_object().end_object();
    auto response = json_response(json.take());
    response.status = row.http_status;
    return response;
}

void reply_when_durable(Context& context, io::Responder const& responder, std::string body)
{
    if (auto const trouble = context.host.store_trouble())
        return responder.fail(*trouble);
    context.host.when_durable([responder, body = std::move(body)]() mutable {
        responder.reply(json_response(std::move(body)));
    });
}

namespace {

// After that long somebody who asked for a change hears that it is not stored yet.
constexpr auto store_patience = std::chrono::seconds(10);

Error not_stored_yet(Host const& host)
{
    auto const trouble = host.store_trouble();
    return { trouble ? trouble->code : ErrorCode::timed_out,
        fmt::format("not stored within {}, and not undone either: look whether it has happened "
                    "before you ask again{}{}",
            to_human(store_patience), trouble ? "; " : "", trouble ? trouble->message : "") };
}

}

void ask(Context& context, io::Responder const& responder, Ask ask)
{
    auto& host = context.host;
    auto& loop = context.loop;
    // An agent's call may be held, and is repeated; it is taken also now, since it keeps the lease.
    auto const is_change = ask.on_closed == OnClosed::drop_answer;
    auto const trouble = host.store_trouble();
    if (is_change && trouble)
        return responder.fail(*trouble);
    auto const patience = std::make_shared<io::TimerId>();
    auto const ticket = host.open_ticket(
        [&loop, patience, responder, render = std::move(ask.render)](brain::Answer answer) {
            loop.cancel(*patience);
            if (auto const* error = std::get_if<Error>(&answer))
                responder.fail(*error);
            else
                responder.reply(render(answer));
        });
    responder.on_closed([&host, &loop, patience, ticket, on_closed = ask.on_closed] {
        loop.cancel(*patience);
        host.drop_ticket(ticket);
        if (on_closed == OnClosed::tell_mind)
            host.run([ticket](brain::Brain& brain, Now, brain::Effects&) {
                brain::on_ticket_gone(brain, ticket);
            });
    });
    if (is_change)
        *patience = loop.call_after(store_patience, [&host, responder, ticket] {
            host.drop_ticket(ticket);
            responder.fail(not_stored_yet(host));
        });
    host.run([ticket, event = std::move(ask.event)](brain::Brain& brain, Now now,
                 brain::Effects& effects) { event(brain, ticket, now, effects); });
}

}
