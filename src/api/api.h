#pragma once

#include <api/host.h>
#include <io/http.h>
#include <io/http_server.h>
#include <io/loop.h>

#include <memory>
#include <string>

namespace sidereal::api {

// What the brain says over HTTP: the agents' sync and the people's routes. Owned by app next to the
// server that calls handle; outlived by the host and the loop. Loop thread only.
class Api {
public:
    // `version` is what GET /v1/farm says; app gives cli::version.
    Api(Host& host, io::Loop& loop, std::string version = "unknown");
    // Held calls get no answer; destroy the HTTP server first.
    ~Api();
    Api(Api const&) = delete;
    Api& operator=(Api const&) = delete;

    void handle(io::HttpRequest request, io::Responder const& responder);

    // The mind has had a turn: whoever watches a job that moved will hear of it. Costs nothing when
    // nobody watches, and at most ten rounds of answers a second otherwise.
    void changed();

private:
    struct Impl;
    std::unique_ptr<Impl> impl_;
};

}
