#pragma once

#include <base/result.h>
#include <base/time.h>
#include <io/function.h>
#include <io/http.h>
#include <io/loop.h>

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>

namespace sidereal::io {

struct HttpServerLimits {
    std::size_t header_bytes { 16UL * 1024 };
    std::size_t body_bytes { 64UL * 1024 * 1024 };
    // From the first byte of a request to its last; a body may take longer by 1 s for each 64 KiB.
    Duration read_timeout { std::chrono::seconds(30) };
    // Between requests on one connection.
    Duration idle_timeout { std::chrono::seconds(75) };
    // Without any progress while the client should be reading a response.
    Duration write_timeout { std::chrono::seconds(30) };
    std::size_t connections { 4096 };
};

class HttpExchange;

// The right to answer one request, now or much later; a handle, cheap to copy. When the last copy
// goes without a reply the client gets a 500. Loop thread only.
class Responder {
public:
    explicit Responder(std::shared_ptr<HttpExchange> exchange)
        : exchange_(std::move(exchange))
    {
    }

    // Once. Does nothing when the client or the server is gone.
    void reply(HttpResponse response) const;
    void fail(Error const& error) const { reply(error_response(error)); }
    // Called at most once, if the client goes away (or ends its side) before the reply; never after
    // reply().
    void on_closed(Function<void()> handler) const;
    // Whether a reply can still reach somebody.
    bool is_open() const;

private:
    std::shared_ptr<HttpExchange> exchange_;
};

using HttpHandler = std::function<void(HttpRequest, Responder)>;

// Serves HTTP/1.1 with keep-alive, one request at a time on a connection. Only loopback addresses
// are served so far, and only requests whose Host (and Origin, if any) is loopback too: a page from
// elsewhere cannot reach the farm through somebody's browser. Owned by main, loop thread only.
class HttpServer {
public:
    // Port 0 lets the kernel pick.
    static Result<std::unique_ptr<HttpServer>> listen(Loop& loop, std::string host,
        std::uint16_t port, HttpHandler handler, HttpServerLimits limits = {});
    ~HttpServer();
    HttpServer(HttpServer const&) = delete;
    HttpServer& operator=(HttpServer const&) = delete;

    std::uint16_t port() const;
    std::size_t connection_count() const;
    // Stops listening and drops every connection; held requests are not told. May be called twice.
    void close();

private:
    struct Impl;
    explicit HttpServer(std::shared_ptr<Impl> impl);

    std::shared_ptr<Impl> impl_;
};

}
