#pragma once

#include <app/brain_host.h>
#include <io/process.h>

#include <map>
#include <string>

namespace sidereal::app {

// Asks licence servers how many seats are in use, by the commands in the farm's rules, and tells
// the brain. A command that fails or hangs is logged once, and asked again in time; what was
// reported last counts until it is stale. Owned by the brain's main; loop thread only.
class SeatPoller {
public:
    SeatPoller(io::Loop& loop, io::Log& log, BrainHost& host);
    ~SeatPoller();
    SeatPoller(SeatPoller const&) = delete;
    SeatPoller& operator=(SeatPoller const&) = delete;

    // To be called after every event: takes up new rules.
    void look_at_rules();

private:
    struct Poll {
        farm::LimitPoll rule;
        io::TimerId timer;
        io::TimerId limit;
        io::ProcessHandle process;
        std::string output;
        Wall asked_at {};
        bool failing { false };
    };

    void ask(std::string const& limit);
    void answered(std::string const& limit, io::ProcessEnd const& end);
    void failed(std::string const& limit, std::string const& reason);

    io::Loop& loop_;
    io::Log& log_;
    BrainHost& host_;
    io::ProcessRunner processes_;
    std::uint64_t rules_seen_ { 0 };
    std::map<std::string, Poll> polls_;
};

}
