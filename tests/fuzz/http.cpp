#include <fuzz/fuzz.h>

#include <io/http_parser.h>
#include <io/http_target.h>

namespace sidereal::fuzz {

constexpr std::size_t limit_bytes = 4096;

struct Outcome {
    io::HttpParser::State state {};
    std::size_t consumed { 0 };
    std::string head;
    std::string body;

    bool operator==(Outcome const&) const = default;
};

// As a connection does it: `step` bytes more at a time, what was not consumed again with them.
static Outcome fed(std::string_view input, io::HttpParser::Kind kind, std::size_t step)
{
    using State = io::HttpParser::State;
    io::HttpParser parser({ .header_bytes = limit_bytes, .body_bytes = limit_bytes });
    parser.begin(kind);
    Outcome outcome { .state = State::needs_more };
    for (std::size_t come = 0; come < input.size() && outcome.state == State::needs_more;) {
        come = std::min(input.size(), come + step);
        std::size_t consumed = 0;
        auto const waiting = input.substr(outcome.consumed, come - outcome.consumed);
        outcome.state = parser.feed(waiting, consumed);
        VERIFY(consumed <= waiting.size());
        outcome.consumed += consumed;
    }
    if (outcome.state == State::needs_more)
        outcome.state = parser.feed_end();
    if (outcome.state != State::done)
        return { .state = outcome.state };
    auto const& message = parser.message();
    outcome.head = message.method + " " + message.target + " " + std::to_string(message.status);
    outcome.body = message.body;
    io::HttpRequest request;
    if (io::read_target(message.target, request))
        VERIFY(request.path.starts_with('/'));
    for (auto const* name : { "Host", "Origin" }) {
        auto const value = message.headers.get(name).value_or("");
        if (io::is_loopback_authority(value) || io::is_loopback_origin(value))
            VERIFY(!value.empty());
    }
    return outcome;
}

// However the bytes are cut, the message is the same; but a head as long as is allowed may be too
// long by a line that came before the rest.
void take(std::string_view input)
{
    using Kind = io::HttpParser::Kind;
    for (auto const kind : { Kind::request, Kind::response, Kind::response_without_body }) {
        auto const whole = fed(input, kind, input.size());
        auto const cut = fed(input, kind, 7);
        if (whole.state == io::HttpParser::State::done && input.size() <= limit_bytes)
            VERIFY(cut == whole);
    }
}

}
