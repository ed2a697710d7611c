#pragma once

#include <io/asio.h>
#include <io/loop.h>

#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/signal_set.hpp>

#include <deque>
#include <map>
#include <unordered_map>
#include <utility>

namespace sidereal::io {

// Inside of Loop, for io's own sources. All timers share one Asio timer, armed for the earliest.
struct Loop::Impl {
    boost::asio::io_context context { 1 };
    // run() goes on while there is nothing to do.
    boost::asio::executor_work_guard<boost::asio::io_context::executor_type> stay {
        context.get_executor()
    };
    boost::asio::steady_timer alarm { context };
    Mono alarm_time { Mono::max() };
    bool in_timers { false };
    std::uint64_t last_timer { 0 };
    std::map<std::pair<Mono, std::uint64_t>, Task> timers;
    std::unordered_map<std::uint64_t, Mono> timer_times;

    struct SignalWatch {
        SignalWatch(boost::asio::io_context& context, Function<void(int)> on_signal)
            : set(context)
            , handler(std::move(on_signal))
        {
        }
        boost::asio::signal_set set;
        Function<void(int)> handler;
    };
    std::deque<SignalWatch> signal_watches;

    void arm();
    void run_timers();
    void await_signal(SignalWatch& watch);
};

}
