#include <io/http_connection.h>

#include <base/verify.h>
#include <io/clock.h>
#include <io/http_target.h>
#include <io/http_wire.h>

#include <algorithm>
#include <array>

namespace sidereal::io {

namespace {

// Read ahead while a reply is held; a client that sends more is not watched for going away.
constexpr std::size_t read_ahead_bytes = 64UL * 1024;
constexpr std::size_t drain_limit_bytes = 4UL * 1024 * 1024;
constexpr Duration drain_timeout = std::chrono::seconds(2);
constexpr std::int64_t body_bytes_per_s = 64L * 1024;

}

HttpExchange::~HttpExchange()
{
    if (is_open())
        reply(error_response(500, "internal", "the request was dropped without an answer"));
}

void HttpExchange::reply(HttpResponse response)
{
    VERIFY(!is_replied_);
    is_replied_ = true;
    on_closed_ = {};
    if (auto const connection = connection_.lock())
        connection->reply(std::move(response));
}

void HttpExchange::closed()
{
    connection_.reset();
    if (auto const handler = std::exchange(on_closed_, {}))
        handler();
}

HttpConnection::HttpConnection(std::shared_ptr<HttpConnectionHost> host, std::uint64_t id)
    : host_(std::move(host))
    , id_(id)
    , parser_({ host_->limits.header_bytes, host_->limits.body_bytes })
{
}

void HttpConnection::begin(UniqueFd socket)
{
    stream_ = make_socket_stream(
        host_->loop, std::move(socket), [this] { on_readable(); }, [this] { on_writable(); });
    parser_.begin(HttpParser::Kind::request);
    deadline_ = mono_now() + host_->limits.idle_timeout;
    stream_->await_readable();
}

void HttpConnection::on_readable()
{
    auto const self = shared_from_this();
    auto const transfer = stream_->read(host_->read_buffer);
    if (transfer.state == Transfer::State::would_block) {
        stream_->await_readable();
        return;
    }
    if (transfer.state != Transfer::State::moved) {
        peer_gone();
        return;
    }
    std::string_view const bytes(host_->read_buffer.data(), transfer.bytes);
    if (state_ == State::reading) {
        advance(bytes);
        return;
    }
    if (state_ == State::draining) {
        drained_bytes_ += bytes.size();
        if (drained_bytes_ > drain_limit_bytes)
            drop();
        else
            stream_->await_readable();
        return;
    }
    pending_ += bytes;
    if (pending_.size() < read_ahead_bytes)
        stream_->await_readable();
}

void HttpConnection::on_writable()
{
    auto const self = shared_from_this();
    if (state_ == State::writing)
        write_more();
}

void HttpConnection::resume()
{
    if (state_ == State::reading && !pending_.empty())
        advance({});
}

void HttpConnection::advance(std::string_view bytes)
{
    if (request_began_ == Mono::max()) {
        request_began_ = mono_now();
        deadline_ = request_began_ + host_->limits.read_timeout;
    }
    request_bytes_ += bytes.size();
    auto const was_empty = pending_.empty();
    if (!was_empty)
        pending_ += bytes;
    std::string_view const unread = was_empty ? bytes : std::string_view(pending_);
    std::size_t consumed = 0;
    auto const state = parser_.feed(unread, consumed);
    if (was_empty)
        pending_.assign(unread.substr(consumed));
    else
        pending_.erase(0, consumed);

    switch (state) {
    case HttpParser::State::needs_more: await_rest(); break;
    case HttpParser::State::done: dispatch(); break;
    case HttpParser::State::malformed:
        refuse(400, "invalid_input", fmt::format("not an HTTP request: {}", parser_.problem()));
        break;
    case HttpParser::State::header_too_large:
        refuse(431, "invalid_input",
            fmt::format("the request's header has more than {} bytes", host_->limits.header_bytes));
        break;
    case HttpParser::State::body_too_large:
        refuse(413, "invalid_input",
            fmt::format("the request's body has more than {} bytes", host_->limits.body_bytes));
        break;
    }
}

void HttpConnection::await_rest()
{
    if (parser_.header_is_done()) {
        send_continue_if_expected();
        auto const allowance = std::chrono::seconds(
            static_cast<std::int64_t>(request_bytes_) / body_bytes_per_s);
        deadline_ = request_began_ + host_->limits.read_timeout + allowance;
    }
    stream_->await_readable();
}

void HttpConnection::send_continue_if_expected()
{
    auto const expect = parser_.message().headers.get("Expect");
    if (has_continued_ || !expect || parser_.message().version < 11)
        return;
    has_continued_ = true;
    // Without room in the socket for these bytes the client goes on after its own short wait.
    std::string go_on = "HTTP/1.1 100 Continue\r\n\r\n";
    std::array<iovec, 1> const parts { { { go_on.data(), go_on.size() } } };
    stream_->write(parts);
}

Status HttpConnection::check_origin(HttpMessage const& message) const
{
    auto const host = message.headers.get("Host");
    if (!host && message.version >= 11)
        return fail(ErrorCode::invalid_input, "the request has no Host header");
    if (host && !is_loopback_authority(*host)) {
        return fail(ErrorCode::unauthorized,
            "the Host header '{}' is not this machine's loopback address", *host);
    }
    auto const origin = message.headers.get("Origin");
    if (origin && !is_loopback_origin(*origin)) {
        return fail(ErrorCode::unauthorized,
            "requests from pages of '{}' are refused; open the page at a loopback address",
            *origin);
    }
    return {};
}

void HttpConnection::dispatch()
{
    auto& message = parser_.message();
    keep_alive_ = message.keep_alive;
    is_head_ = message.method == "HEAD";
    request_began_ = Mono::max();
    request_bytes_ = 0;
    has_continued_ = false;
    if (auto const allowed = check_origin(message); !allowed) {
        auto const& row = error_row(allowed.error().code);
        refuse(row.http_status == 401 ? 403 : row.http_status, row.name, allowed.error().message);
        return;
    }
    HttpRequest request;
    if (auto const split = read_target(message.target, request); !split) {
        refuse(400, "invalid_input", split.error().message);
        return;
    }
    request.method = std::move(message.method);
    request.headers = std::move(message.headers);
    request.body = std::move(message.body);
    state_ = State::held;
    deadline_ = Mono::max();
    auto exchange = std::make_shared<HttpExchange>(weak_from_this());
    exchange_ = exchange;
    host_->handler(std::move(request), Responder(std::move(exchange)));
    if (state_ == State::held)
        stream_->await_readable();
}

void HttpConnection::refuse(int status, std::string_view code, std::string_view message)
{
    keep_alive_ = false;
    state_ = State::held;
    start_response(error_response(status, code, message));
}

void HttpConnection::reply(HttpResponse response)
{
    if (state_ != State::held)
        return;
    start_response(std::move(response));
}

void HttpConnection::start_response(HttpResponse response)
{
    write_response_head(host_->head_buffer, response, keep_alive_);
    auto const has_body = !is_head_ && response.status != 204 && response.status != 304;
    auto const body_bytes = has_body ? response.body.size() : 0;
    std::array<iovec, 2> const parts { {
        { host_->head_buffer.data(), host_->head_buffer.size() },
        { response.body.data(), body_bytes },
    } };
    state_ = State::writing;
    auto const transfer = stream_->write(parts);
    if (transfer.state == Transfer::State::failed) {
        drop();
        return;
    }
    if (transfer.bytes == host_->head_buffer.size() + body_bytes) {
        response_is_out();
        return;
    }
    out_head_ = host_->head_buffer;
    out_body_ = has_body ? std::move(response.body) : std::string();
    out_written_ = transfer.bytes;
    deadline_ = mono_now() + host_->limits.write_timeout;
    stream_->await_writable();
}

void HttpConnection::write_more()
{
    auto const head_done = std::min(out_written_, out_head_.size());
    auto const body_done = out_written_ - head_done;
    std::array<iovec, 2> const parts { {
        { out_head_.data() + head_done, out_head_.size() - head_done },
        { out_body_.data() + body_done, out_body_.size() - body_done },
    } };
    auto const transfer = stream_->write(parts);
    if (transfer.state == Transfer::State::failed) {
        drop();
        return;
    }
    out_written_ += transfer.bytes;
    if (out_written_ < out_head_.size() + out_body_.size()) {
        if (transfer.bytes > 0)
            deadline_ = mono_now() + host_->limits.write_timeout;
        stream_->await_writable();
        return;
    }
    out_head_ = {};
    out_body_ = {};
    response_is_out();
}

void HttpConnection::response_is_out()
{
    auto const time = mono_now();
    if (!keep_alive_) {
        state_ = State::draining;
        deadline_ = time + drain_timeout;
        pending_ = {};
        stream_->end_writing();
        stream_->await_readable();
        return;
    }
    state_ = State::reading;
    is_head_ = false;
    deadline_ = time + host_->limits.idle_timeout;
    parser_.begin(HttpParser::Kind::request);
    if (pending_.empty()) {
        stream_->await_readable();
        return;
    }
    // Not at once: the caller of reply() does not expect the handler inside it.
    host_->loop.post([weak = weak_from_this()] {
        if (auto const self = weak.lock())
            self->resume();
    });
}

void HttpConnection::check_deadline(Mono now)
{
    if (now < deadline_)
        return;
    auto const self = shared_from_this();
    if (state_ == State::reading && request_began_ != Mono::max())
        refuse(408, "timed_out", "the request did not arrive in time");
    else
        drop();
}

void HttpConnection::peer_gone()
{
    auto const exchange = exchange_.lock();
    auto const was_held = state_ == State::held;
    drop();
    if (exchange && was_held)
        exchange->closed();
}

void HttpConnection::drop()
{
    if (state_ == State::dropped)
        return;
    state_ = State::dropped;
    stream_.reset();
    host_->on_dropped(id_);
}

}
