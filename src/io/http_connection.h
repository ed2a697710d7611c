#pragma once

#include <io/http_parser.h>
#include <io/http_server.h>
#include <io/stream.h>

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace sidereal::io {

class HttpConnection;

// The state of one request between the handler's call and the reply, behind Responder.
class HttpExchange {
public:
    explicit HttpExchange(std::weak_ptr<HttpConnection> connection)
        : connection_(std::move(connection))
    {
    }
    ~HttpExchange();
    HttpExchange(HttpExchange const&) = delete;
    HttpExchange& operator=(HttpExchange const&) = delete;

    void reply(HttpResponse response);
    void on_closed(Function<void()> handler) { on_closed_ = std::move(handler); }
    bool is_open() const { return !is_replied_ && !connection_.expired(); }
    // From the connection: the client is gone.
    void closed();

private:
    std::weak_ptr<HttpConnection> connection_;
    bool is_replied_ { false };
    Function<void()> on_closed_;
};

// What all connections of a server share.
struct HttpConnectionHost {
    Loop& loop;
    HttpHandler handler;
    HttpServerLimits limits;
    // Scratch for one turn; an idle connection holds no buffer.
    std::vector<char> read_buffer;
    std::string head_buffer;
    Function<void(std::uint64_t)> on_dropped;
};

// One client's connection: reads a request, hands it over, writes the reply, and so on. Owned by
// the server's table, which drops it by on_dropped; loop thread only.
class HttpConnection final : public std::enable_shared_from_this<HttpConnection> {
public:
    HttpConnection(std::shared_ptr<HttpConnectionHost> host, std::uint64_t id);

    void begin(UniqueFd socket);
    // Answers whatever comes first with this and closes: for a server that is full.
    void refuse(int status, std::string_view code, std::string_view message);
    void reply(HttpResponse response);
    // Acts on a deadline that has passed.
    void check_deadline(Mono now);
    void drop();

private:
    enum class State : std::uint8_t {
        reading,
        held,
        writing,
        // The last response is out; reads what is under way so that the kernel does not reset the
        // connection under the client's reading of it.
        draining,
        dropped,
    };

    void on_readable();
    void on_writable();
    void advance(std::string_view bytes);
    void resume();
    void dispatch();
    Status check_origin(HttpMessage const& message) const;
    void send_continue_if_expected();
    void await_rest();
    void peer_gone();
    void start_response(HttpResponse response);
    void write_more();
    void response_is_out();

    std::shared_ptr<HttpConnectionHost> host_;
    std::uint64_t id_;
    std::unique_ptr<Stream> stream_;
    HttpParser parser_;
    State state_ { State::reading };
    bool keep_alive_ { true };
    bool is_head_ { false };
    bool has_continued_ { false };
    Mono deadline_ { Mono::max() };
    Mono request_began_ { Mono::max() };
    std::size_t request_bytes_ { 0 };
    std::size_t drained_bytes_ { 0 };
    // Bytes that the parser has not taken yet.
    std::string pending_;
    std::weak_ptr<HttpExchange> exchange_;
    std::string out_head_;
    std::string out_body_;
    std::size_t out_written_ { 0 };
};

}
