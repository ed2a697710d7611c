#pragma once

#include <sim/agenda.h>
#include <sim/ledger.h>
#include <sim/network.h>
#include <sim/options.h>
#include <sim/trace.h>
#include <sim/verdict.h>

namespace sidereal::sim {

// What every simulated machine works with. All of it is the World's.
struct Services {
    Agenda& agenda;
    Trace& trace;
    Verdict& verdict;
    Ledger& ledger;
    Network& network;
    Options const& options;

    template<typename... Args>
    void trace_event(fmt::format_string<Args const&...> format, Args const&... args) const
    {
        trace.event(agenda.now(), format, args...);
    }
};

}
