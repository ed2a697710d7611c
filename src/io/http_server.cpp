#include <io/http_server.h>

#include <io/clock.h>
#include <io/errno_error.h>
#include <io/http_connection.h>
#include <io/http_target.h>
#include <io/socket_address.h>
#include <io/watch.h>

#include <netinet/tcp.h>
#include <sys/socket.h>

#include <algorithm>
#include <unordered_map>

namespace sidereal::io {

namespace {

constexpr std::size_t read_buffer_bytes = 64UL * 1024;
constexpr int accepts_per_turn = 64;
constexpr int backlog = 4096;
// Above the limit this many more are told so; the rest are closed without a word.
constexpr std::size_t refusals_at_once = 64;
constexpr Duration accept_pause = std::chrono::milliseconds(100);

Result<UniqueFd> open_listener(std::string const& host, std::uint16_t port)
{
    auto const where = host_and_port(host, port);
    auto const address = numeric_address(host, port);
    if (!address) {
        return fail(ErrorCode::invalid_input,
            "cannot listen on {}: give an address such as 127.0.0.1 or localhost", where);
    }
    UniqueFd socket(
        ::socket(address->family(), SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, IPPROTO_TCP));
    if (!socket)
        return fail_errno(errno, "cannot open a socket for {}", where);
    int const on = 1;
    ::setsockopt(socket.get(), SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
    // Accepted sockets inherit it.
    ::setsockopt(socket.get(), IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    if (::bind(socket.get(), address->get(), address->size) == 0
        && ::listen(socket.get(), backlog) == 0)
        return socket;
    auto const error = errno;
    if (error == EADDRINUSE) {
        return fail(ErrorCode::conflict,
            "{} is taken by another program: stop that program or choose another port", where);
    }
    if (error == EACCES) {
        return fail(ErrorCode::unauthorized,
            "no permission to listen on {}: choose a port above 1023", where);
    }
    return fail_errno(error, "cannot listen on {}", where);
}

std::uint16_t port_of(int socket)
{
    SocketAddress address;
    address.size = sizeof address.storage;
    VERIFY(::getsockname(socket, address.get(), &address.size) == 0);
    return address.port();
}

}

struct HttpServer::Impl {
    std::shared_ptr<HttpConnectionHost> host;
    std::unique_ptr<Watch> listener;
    std::uint16_t port { 0 };
    std::uint64_t last_connection { 0 };
    std::unordered_map<std::uint64_t, std::shared_ptr<HttpConnection>> connections;
    TimerId sweep_timer;
    TimerId accept_timer;

    void accept_some();
    void adopt(UniqueFd socket);
    void arm_sweep();
    void sweep();
    void close();
};

Result<std::unique_ptr<HttpServer>> HttpServer::listen(
    Loop& loop, std::string host, std::uint16_t port, HttpHandler handler, HttpServerLimits limits)
{
    if (!is_loopback_host(host)) {
        return fail(ErrorCode::invalid_input,
            "refusing to listen on {}: TLS and tokens are not set up; use a loopback address",
            host);
    }
    auto socket = TRY(open_listener(host, port));
    auto impl = std::make_shared<Impl>();
    impl->port = port_of(socket.get());
    impl->host = std::make_shared<HttpConnectionHost>(HttpConnectionHost {
        loop, std::move(handler), limits, std::vector<char>(read_buffer_bytes), {}, {} });
    auto* const raw = impl.get();
    // Connections that outlive the server are dropped already and never get here.
    impl->host->on_dropped = [raw](std::uint64_t id) { raw->connections.erase(id); };
    impl->listener = std::make_unique<Watch>(
        loop, std::move(socket), [raw] { raw->accept_some(); });
    impl->listener->await_readable();
    return std::unique_ptr<HttpServer>(new HttpServer(std::move(impl)));
}

HttpServer::HttpServer(std::shared_ptr<Impl> impl)
    : impl_(std::move(impl))
{
}

HttpServer::~HttpServer() { close(); }

std::uint16_t HttpServer::port() const { return impl_->port; }

std::size_t HttpServer::connection_count() const { return impl_->connections.size(); }

void HttpServer::close() { impl_->close(); }

void HttpServer::Impl::close()
{
    listener.reset();
    host->loop.cancel(accept_timer);
    host->loop.cancel(sweep_timer);
    auto const dropped = std::exchange(connections, {});
    for (auto const& [id, connection] : dropped)
        connection->drop();
}

void HttpServer::Impl::accept_some()
{
    for (int count = 0; count < accepts_per_turn; ++count) {
        UniqueFd socket(::accept4(listener->fd(), nullptr, nullptr, SOCK_CLOEXEC | SOCK_NONBLOCK));
        if (socket) {
            adopt(std::move(socket));
            continue;
        }
        if (errno == EAGAIN)
            break;
        if (errno == EMFILE || errno == ENFILE || errno == ENOBUFS || errno == ENOMEM) {
            // The waiting client keeps the listener readable: asking again at once would spin.
            accept_timer = host->loop.call_after(accept_pause, [this] { accept_some(); });
            return;
        }
    }
    listener->await_readable();
}

void HttpServer::Impl::adopt(UniqueFd socket)
{
    if (connections.size() >= host->limits.connections + refusals_at_once)
        return;
    auto const id = ++last_connection;
    auto const connection = std::make_shared<HttpConnection>(host, id);
    connections.emplace(id, connection);
    connection->begin(std::move(socket));
    if (connections.size() > host->limits.connections) {
        connection->refuse(503, "unavailable",
            fmt::format(
                "the server has {} connections, its limit; try again", host->limits.connections));
    }
    arm_sweep();
}

void HttpServer::Impl::arm_sweep()
{
    if (sweep_timer)
        return;
    auto const& limits = host->limits;
    auto const shortest = std::min(
        { limits.read_timeout, limits.idle_timeout, limits.write_timeout });
    auto const pause = std::clamp<Duration>(
        shortest / 4, std::chrono::milliseconds(5), std::chrono::seconds(1));
    sweep_timer = host->loop.call_after(pause, [this] { sweep(); });
}

void HttpServer::Impl::sweep()
{
    sweep_timer = {};
    auto const time = mono_now();
    std::vector<std::shared_ptr<HttpConnection>> all;
    all.reserve(connections.size());
    for (auto const& [id, connection] : connections)
        all.push_back(connection);
    for (auto const& connection : all)
        connection->check_deadline(time);
    if (!connections.empty())
        arm_sweep();
}

void Responder::reply(HttpResponse response) const { exchange_->reply(std::move(response)); }

void Responder::on_closed(Function<void()> handler) const
{
    exchange_->on_closed(std::move(handler));
}

bool Responder::is_open() const { return exchange_->is_open(); }

}
