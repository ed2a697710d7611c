#pragma once

#include <io/http.h>

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

namespace sidereal::io {

// A request or a response as it came over the wire.
struct HttpMessage {
    std::string method;
    std::string target;
    int status { 0 };
    // 10 or 11.
    int version { 11 };
    bool keep_alive { false };
    HttpHeaders headers;
    std::string body;
};

struct HttpParserLimits {
    std::size_t header_bytes;
    std::size_t body_bytes;
};

// Turns bytes into messages, one after the other: Beast's parser without Beast's message types.
// Owned by a connection of the server or the client.
class HttpParser {
public:
    enum class Kind : std::uint8_t {
        request,
        response,
        // The answer to HEAD has no body, whatever its headers say.
        response_without_body,
    };
    enum class State : std::uint8_t {
        needs_more,
        done,
        malformed,
        header_too_large,
        body_too_large,
    };

    explicit HttpParser(HttpParserLimits limits);
    ~HttpParser();

    // Ready for a new message.
    void begin(Kind kind);
    // `consumed` bytes are dealt with; the caller presents the others again with what follows.
    State feed(std::string_view bytes, std::size_t& consumed);
    // The peer closed: ends a body without a length.
    State feed_end();

    bool header_is_done() const;
    // The message's header so far; whole after `done`.
    HttpMessage& message();
    std::string_view problem() const { return problem_; }

private:
    struct Impl;
    State state_of_failure();

    HttpParserLimits limits_;
    std::unique_ptr<Impl> impl_;
    std::string problem_;
};

}
