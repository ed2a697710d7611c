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
        fmt::format("the template has {} fault{}", faults.size(), faults.size() == 1 ? "" : "s"));
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
    context.host.when_durable([responder, body = std::move(body)]() mutable {
        responder.reply(json_response(std::move(body)));
    });
}

void ask(Context& context, io::Responder const& responder, Ask ask)
{
    auto& host = context.host;
    auto const ticket = host.open_ticket(
        [responder, render = std::move(ask.render)](brain::Answer answer) {
            if (auto const* error = std::get_if<Error>(&answer))
                responder.fail(*error);
            else
                responder.reply(render(answer));
        });
    responder.on_closed([&host, ticket, on_closed = ask.on_closed] {
        host.drop_ticket(ticket);
        if (on_closed == OnClosed::tell_mind)
            host.run([ticket](brain::Brain& brain, Now, brain::Effects&) {
                brain::on_ticket_gone(brain, ticket);
            });
    });
    host.run([ticket, event = std::move(ask.event)](brain::Brain& brain, Now now,
                 brain::Effects& effects) { event(brain, ticket, now, effects); });
}

}
