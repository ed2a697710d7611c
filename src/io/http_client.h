#pragma once

#include <base/result.h>
#include <base/time.h>
#include <io/function.h>
#include <io/http.h>
#include <io/loop.h>

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>

namespace sidereal::io {

struct HttpClientLimits {
    std::size_t header_bytes { 64UL * 1024 };
    std::size_t body_bytes { 256UL * 1024 * 1024 };
};

// One keep-alive connection to one server, made when first needed and made again after a loss.
// Requests wait their turn in the order of asking, so a request that the server holds (a long poll)
// wants a client of its own. Owned by whoever speaks to that server; loop thread only.
class HttpClient {
public:
    // A status of 400 or more is a response like any other; an error means no response came:
    // unavailable (refused, reset, closed) or timed_out. The message names host:port.
    using Callback = Function<void(Result<HttpResponse>)>;

    HttpClient(Loop& loop, std::string host, std::uint16_t port, HttpClientLimits limits = {});
    // Waiting callbacks are dropped.
    ~HttpClient();
    HttpClient(HttpClient const&) = delete;
    HttpClient& operator=(HttpClient const&) = delete;

    // `timeout` counts from now, waiting for its turn included. Never calls back before returning.
    void request(HttpRequestOut request, Duration timeout, Callback callback);

    // Closes the connection; every waiting request fails as unavailable in a later turn of the
    // loop. A later request connects anew.
    void close();

private:
    struct Impl;
    std::shared_ptr<Impl> impl_;
};

// Runs a loop of its own until the answer is there: for the command line.
Result<HttpResponse> fetch_blocking(std::string const& host, std::uint16_t port,
    HttpRequestOut request, Duration timeout, HttpClientLimits limits = {});

}
