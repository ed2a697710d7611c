#pragma once

#include <farm/limit_report.h>
#include <farm/record.h>

#include <cstdint>
#include <map>
#include <optional>
#include <string>

namespace sidereal::farm {

// Seats that attempts hold.
struct HeldSeats {
    double tasks { 0 };
    std::map<NodeId, std::uint32_t> nodes;
    std::map<std::string, std::uint32_t> users;

    void add(double seats, NodeId node, std::string const& user);
    void take_off(double seats, NodeId node, std::string const& user);
};

// How much of a limit is in use.
struct LimitUse {
    HeldSeats held;
    // What of these the licence server's report cannot know of yet.
    HeldSeats newer;
    // Seats of ended tasks that the report still counts.
    double given_back { 0 };
    // Not durable: it is asked again after a restart.
    std::optional<SeatReport> report;
    // The server refused a seat that we took for free: how many times running, and until when none
    // is tried.
    std::uint32_t refusals { 0 };
    Wall refused_until {};
    // What we held when it last did: there are no more for us. Doubles with every growth_time, to
    // find out when there are.
    std::optional<double> seen_seats;
    Wall seen_at {};

    static constexpr Duration first_wait { std::chrono::seconds(30) };
    static constexpr Duration longest_wait { std::chrono::minutes(15) };
    static constexpr Duration growth_time { std::chrono::minutes(15) };

    void begin(AttemptRecord const& attempt, double seats, std::string const& user);
    void end(AttemptRecord const& attempt, double seats, std::string const& user);
    // The wait doubles with every refusal that comes after it; those that come meanwhile are of
    // tasks that had begun before. The one that was refused must have ended.
    void refuse(Wall at);

    // Seats in use by anybody, as far as known: what the server said and what began since then, or
    // what is held here.
    double seats(LimitRule const& rule, Wall now) const;
    double total(LimitRule const& rule, Wall now) const;
    // The server that is polled has said something, and not lately.
    bool is_stale(LimitRule const& rule, Wall now) const;

private:
    bool is_newer(AttemptRecord const& attempt) const;
    bool has_fresh_report(LimitRule const& rule, Wall now) const;
};

}
