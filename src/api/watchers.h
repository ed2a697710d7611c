#pragma once

#include <api/host.h>
#include <base/time.h>
#include <io/http_server.h>
#include <io/loop.h>

#include <cstdint>
#include <map>

namespace sidereal::api {

// Callers who wait for a job to change. Answers go out in rounds, so that a job with thousands of
// changes a second costs ten documents a second and not thousands. Owned by Api; loop thread only.
class Watchers {
public:
    Watchers(Host& host, io::Loop& loop);
    ~Watchers();
    Watchers(Watchers const&) = delete;
    Watchers& operator=(Watchers const&) = delete;

    struct Wish {
        JobId job;
        // The revision that the caller has; any other is news, as a restart counts afresh.
        std::uint64_t after { 0 };
        Duration wait {};
    };
    void add(Wish wish, io::Responder responder);
    void changed();

private:
    struct Waiting {
        Wish wish;
        io::Responder responder;
        io::TimerId end_of_wait;
    };

    void begin_round();
    void answer(std::uint64_t id);

    Host& host_;
    io::Loop& loop_;
    std::map<std::uint64_t, Waiting> waiting_;
    std::uint64_t last_id_ { 0 };
    io::TimerId round_;
    Mono next_round_ {};
};

}
