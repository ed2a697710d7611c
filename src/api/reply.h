#pragma once

#include <api/call.h>
#include <openjd/diagnostic.h>

#include <string>

namespace sidereal::api {

enum class HttpStatus : int {
    ok = 200,
    created = 201,
};

io::HttpResponse json_response(std::string body, HttpStatus status = HttpStatus::ok);

// 400 with every fault of the document that somebody handed in.
io::HttpResponse diagnostics_response(openjd::Diagnostics const& faults);

// A document about the farm as it is now; it goes out once all it tells is durable.
void reply_when_durable(Context& context, io::Responder const& responder, std::string body);

// What happens to the mind when the caller goes away before the answer.
enum class OnClosed : std::uint8_t {
    drop_answer,
    tell_mind,
};

struct Ask {
    io::Function<void(brain::Brain&, brain::Ticket, Now, brain::Effects&)> event;
    // Makes the response of any answer but an error.
    io::Function<io::HttpResponse(brain::Answer const&)> render;
    OnClosed on_closed { OnClosed::drop_answer };
};

// Runs an event of the mind and replies with its answer, after durability.
void ask(Context& context, io::Responder const& responder, Ask ask);

}
