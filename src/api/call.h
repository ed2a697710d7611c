#pragma once

#include <api/host.h>
#include <io/http.h>
#include <io/http_server.h>
#include <io/loop.h>
#include <store/worker.h>

#include <string>
#include <vector>

namespace sidereal::api {

class Watchers;

// One request on its way through a route.
struct Call {
    io::HttpRequest request;
    io::Responder responder;
    // What stood for the {names} in the route's pattern, in their order.
    std::vector<std::string> captures;
};

// What every route is given. Owned by Api.
struct Context {
    Host& host;
    io::Loop& loop;
    Watchers& watchers;
    std::string version;
    Mono started;
    // Runs what takes long on a thread of its own.
    store::Worker<io::Function<void()>>& aside;

    farm::Farm const& farm() const { return host.brain().farm; }
};

}
