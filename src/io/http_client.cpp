#include <io/http_client.h>

#include <base/verify.h>
#include <io/errno_error.h>
#include <io/http_parser.h>
#include <io/http_wire.h>
#include <io/socket_address.h>
#include <io/stream.h>

#include <netinet/tcp.h>
#include <sys/socket.h>

#include <algorithm>
#include <array>
#include <deque>
#include <vector>

namespace sidereal::io {

namespace {

constexpr std::size_t read_buffer_bytes = 64UL * 1024;

struct Waiting {
    std::uint64_t id;
    std::string bytes;
    bool is_get;
    bool is_head;
    bool is_retried;
    TimerId timer;
    HttpClient::Callback callback;
};

}

struct HttpClient::Impl : std::enable_shared_from_this<Impl> {
    enum class State : std::uint8_t {
        closed,
        resolving,
        connecting,
        idle,
        // The front of the queue is being sent or its answer read.
        busy,
    };

    Impl(Loop& on_loop, std::string to_host, std::uint16_t to_port, HttpClientLimits with)
        : loop(on_loop)
        , host(std::move(to_host))
        , port(to_port)
        , where(host_and_port(host, port))
        , limits(with)
        , parser({ with.header_bytes, with.body_bytes })
    {
    }

    void pump();
    void pump_later();
    void connect();
    void connect_next(Error const& last);
    void send_front();
    void write_more();
    void on_readable();
    void on_writable();
    void advance(HttpParser::State parsed);
    void deliver();
    void lost(std::string_view reason);
    void fail_front(Error error);
    void time_out(std::uint64_t id, Duration timeout);
    void disconnect();
    void fail_all();

    Loop& loop;
    std::string host;
    std::uint16_t port;
    std::string where;
    HttpClientLimits limits;
    State state { State::closed };
    std::uint64_t last_id { 0 };
    // Counts connections, so that an answer of the resolver for an earlier one is known as such.
    std::uint64_t connection { 0 };
    std::deque<Waiting> queue;
    std::vector<SocketAddress> addresses;
    std::size_t next_address { 0 };
    std::unique_ptr<Stream> stream;
    HttpParser parser;
    std::string unparsed;
    std::vector<char> read_buffer;
    std::size_t written { 0 };
    bool was_used { false };
    bool has_answer_bytes { false };
};

HttpClient::HttpClient(Loop& loop, std::string host, std::uint16_t port, HttpClientLimits limits)
    : impl_(std::make_shared<Impl>(loop, std::move(host), port, limits))
{
}

HttpClient::~HttpClient()
{
    for (auto const& waiting : impl_->queue)
        impl_->loop.cancel(waiting.timer);
    impl_->queue.clear();
    impl_->disconnect();
}

// NOLINTNEXTLINE(performance-unnecessary-value-param): the caller gives the body away.
void HttpClient::request(HttpRequestOut request, Duration timeout, Callback callback)
{
    auto bytes = write_request(request, impl_->where);
    if (!bytes) {
        impl_->loop.post([error = std::move(bytes).error(), callback = std::move(callback)] {
            callback(tl::unexpected(error));
        });
        return;
    }
    auto const id = ++impl_->last_id;
    auto const timer = impl_->loop.call_after(
        timeout, [impl = impl_.get(), id, timeout] { impl->time_out(id, timeout); });
    impl_->queue.push_back({ id, *std::move(bytes), request.method == "GET",
        request.method == "HEAD", false, timer, std::move(callback) });
    impl_->pump_later();
}

void HttpClient::close() { impl_->fail_all(); }

void HttpClient::Impl::fail_all()
{
    disconnect();
    for (auto& waiting : std::exchange(queue, {})) {
        loop.cancel(waiting.timer);
        loop.post([callback = std::move(waiting.callback), to = where] {
            callback(fail(ErrorCode::unavailable, "the connection to {} was closed here", to));
        });
    }
}

void HttpClient::Impl::disconnect()
{
    stream.reset();
    state = State::closed;
    ++connection;
    unparsed = {};
}

// The user's callbacks run with nothing of this on the stack below them but one frame.
void HttpClient::Impl::pump_later()
{
    loop.post([weak = weak_from_this()] {
        if (auto const self = weak.lock())
            self->pump();
    });
}

void HttpClient::Impl::pump()
{
    if (queue.empty())
        return;
    if (state == State::closed)
        connect();
    else if (state == State::idle)
        send_front();
}

void HttpClient::Impl::connect()
{
    state = State::resolving;
    was_used = false;
    next_address = 0;
    if (auto const address = numeric_address(host, port)) {
        addresses = { *address };
        connect_next({});
        return;
    }
    resolve(loop, host, port, weak_from_this(),
        [this, asked = connection](Result<std::vector<SocketAddress>> found) {
            if (asked != connection || state != State::resolving)
                return;
            if (!found) {
                fail_front(std::move(found).error());
                return;
            }
            addresses = *std::move(found);
            connect_next({ ErrorCode::unavailable, fmt::format("{} has no address", where) });
        });
}

void HttpClient::Impl::connect_next(Error const& last)
{
    if (next_address == addresses.size()) {
        fail_front(last);
        return;
    }
    auto const& address = addresses[next_address++];
    UniqueFd socket(
        ::socket(address.family(), SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, IPPROTO_TCP));
    if (!socket) {
        auto const text = errno_text(errno);
        fail_front(
            { ErrorCode::unavailable, fmt::format("cannot open a socket to {}: {}", where, text) });
        return;
    }
    int const on = 1;
    ::setsockopt(socket.get(), IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    if (::connect(socket.get(), address.get(), address.size) != 0 && errno != EINPROGRESS) {
        auto const text = errno_text(errno);
        connect_next({ ErrorCode::unavailable,
            fmt::format("cannot connect to {}: {}; is it running?", where, text) });
        return;
    }
    state = State::connecting;
    stream = make_socket_stream(
        loop, std::move(socket), [this] { on_readable(); }, [this] { on_writable(); });
    stream->await_writable();
}

void HttpClient::Impl::on_writable()
{
    auto const self = shared_from_this();
    if (state == State::busy) {
        write_more();
        return;
    }
    if (state != State::connecting)
        return;
    if (auto const error = stream->take_error(); error != 0) {
        stream.reset();
        connect_next({ ErrorCode::unavailable,
            fmt::format("cannot connect to {}: {}; is it running?", where, errno_text(error)) });
        return;
    }
    state = State::idle;
    stream->await_readable();
    pump();
}

void HttpClient::Impl::send_front()
{
    state = State::busy;
    written = 0;
    has_answer_bytes = false;
    unparsed.clear();
    parser.begin(queue.front().is_head ? HttpParser::Kind::response_without_body
                                       : HttpParser::Kind::response);
    write_more();
}

void HttpClient::Impl::write_more()
{
    auto& bytes = queue.front().bytes;
    std::array<iovec, 1> const parts { { { bytes.data() + written, bytes.size() - written } } };
    auto const transfer = stream->write(parts);
    if (transfer.state == Transfer::State::failed) {
        // A server that refuses a body half way has said why before it closed.
        if (written > 0 && stream)
            stream->await_readable();
        else
            lost(errno_text(transfer.error));
        return;
    }
    written += transfer.bytes;
    if (written < bytes.size())
        stream->await_writable();
}

void HttpClient::Impl::on_readable()
{
    auto const self = shared_from_this();
    if (read_buffer.empty())
        read_buffer.resize(read_buffer_bytes);
    auto const transfer = stream->read(read_buffer);
    if (transfer.state == Transfer::State::would_block) {
        stream->await_readable();
        return;
    }
    if (state != State::busy) {
        // Between requests a server has nothing to say but goodbye.
        disconnect();
        pump();
        return;
    }
    if (transfer.state == Transfer::State::failed) {
        lost(errno_text(transfer.error));
        return;
    }
    if (transfer.state == Transfer::State::ended) {
        auto const parsed = parser.feed_end();
        if (parsed == HttpParser::State::done)
            advance(parsed);
        else
            lost("the connection was closed before the answer was complete");
        return;
    }
    has_answer_bytes = true;
    unparsed.append(read_buffer.data(), transfer.bytes);
    for (;;) {
        std::size_t consumed = 0;
        auto const parsed = parser.feed(unparsed, consumed);
        unparsed.erase(0, consumed);
        auto const is_interim = parsed == HttpParser::State::done
            && parser.message().status / 100 == 1;
        if (!is_interim) {
            advance(parsed);
            return;
        }
        parser.begin(queue.front().is_head ? HttpParser::Kind::response_without_body
                                           : HttpParser::Kind::response);
    }
}

void HttpClient::Impl::advance(HttpParser::State parsed)
{
    switch (parsed) {
    case HttpParser::State::needs_more: stream->await_readable(); break;
    case HttpParser::State::done: deliver(); break;
    case HttpParser::State::malformed:
        fail_front({ ErrorCode::unavailable,
            fmt::format("{} did not answer in HTTP: {}", where, parser.problem()) });
        break;
    case HttpParser::State::header_too_large:
    case HttpParser::State::body_too_large:
        fail_front({ ErrorCode::exhausted,
            fmt::format("the answer of {} is larger than the limit of {} bytes", where,
                limits.body_bytes) });
        break;
    }
}

void HttpClient::Impl::deliver()
{
    auto& message = parser.message();
    HttpResponse response;
    response.status = message.status;
    response.content_type = std::string(message.headers.get("Content-Type").value_or(""));
    response.headers = std::move(message.headers);
    response.body = std::move(message.body);
    auto const whole_request_sent = written == queue.front().bytes.size();
    if (message.keep_alive && whole_request_sent && unparsed.empty()) {
        state = State::idle;
        was_used = true;
        stream->await_readable();
    } else {
        disconnect();
    }
    auto const done = std::move(queue.front());
    queue.pop_front();
    loop.cancel(done.timer);
    if (!queue.empty())
        pump_later();
    done.callback(std::move(response));
}

void HttpClient::Impl::lost(std::string_view reason)
{
    auto& front = queue.front();
    // The server may have closed an idle connection just as we began to use it.
    if (was_used && !has_answer_bytes && front.is_get && !front.is_retried) {
        front.is_retried = true;
        disconnect();
        pump_later();
        return;
    }
    fail_front({ ErrorCode::unavailable, fmt::format("no answer from {}: {}", where, reason) });
}

void HttpClient::Impl::fail_front(Error error)
{
    disconnect();
    if (queue.empty())
        return;
    auto const done = std::move(queue.front());
    queue.pop_front();
    loop.cancel(done.timer);
    if (!queue.empty())
        pump_later();
    done.callback(tl::unexpected(std::move(error)));
}

void HttpClient::Impl::time_out(std::uint64_t id, Duration timeout)
{
    auto const self = shared_from_this();
    auto const found = std::ranges::find(queue, id, &Waiting::id);
    VERIFY(found != queue.end());
    // Whatever comes for it now would be taken for the next one's answer.
    if (found == queue.begin() && state != State::idle)
        disconnect();
    auto const done = std::move(*found);
    queue.erase(found);
    if (!queue.empty())
        pump_later();
    done.callback(
        fail(ErrorCode::timed_out, "no answer from {} within {}", where, to_human(timeout)));
}

Result<HttpResponse> fetch_blocking(std::string const& host, std::uint16_t port,
    HttpRequestOut request, Duration timeout, HttpClientLimits limits)
{
    Loop loop;
    HttpClient client(loop, host, port, limits);
    std::optional<Result<HttpResponse>> answer;
    client.request(std::move(request), timeout, [&](Result<HttpResponse> response) {
        answer = std::move(response);
        loop.stop();
    });
    loop.run();
    VERIFY(answer);
    return *std::move(answer);
}

}
