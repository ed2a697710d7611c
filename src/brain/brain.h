#pragma once

#include <base/note.h>
#include <base/result.h>
#include <brain/command.h>
#include <brain/link.h>
#include <brain/power_order.h>
#include <farm/farm.h>
#include <sched/plan.h>
#include <wire/protocol.h>

#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <variant>
#include <vector>

// The server's mind, one thread. An event comes in with the time, records and answers go out; no
// clock, file or socket. The shell makes the records durable, then sends the answers (committer.h).
namespace sidereal::brain {

struct Submitted {
    JobId job;
    bool operator==(Submitted const&) const = default;
};
struct Done {
    bool operator==(Done const&) const = default;
};
using Answer = std::variant<wire::SyncReply, Submitted, Done, wire::LogChunk, Error>;
struct Send {
    Ticket to;
    Answer answer;
};

struct Effects {
    farm::Records records;
    std::vector<Send> sends;
    std::vector<PowerOrder> power;
    std::vector<Note> notes;
};

struct Config {
    // Names this life of the brain; different in every life, never 0.
    std::uint64_t instance { 1 };
    Duration lease { std::chrono::seconds(30) };
    // How long a sync without news is held open; well below the lease, since a sync renews it.
    Duration hold { std::chrono::seconds(12) };
    Duration log_timeout { std::chrono::seconds(10) };
    sched::Policy policy;
};

struct LogRequest {
    Ticket ticket;
    NodeId node;
    Mono until;
};

struct Brain {
    Config config;
    farm::Farm farm;
    std::map<NodeId, Link> links;
    std::map<std::uint64_t, LogRequest> log_requests;
    // Something has changed that a plan must follow; it is made by the next tick, one for all
    // events of a turn.
    bool plan_wanted { false };
    // Nodes whose calls may have to be answered; until this time more may come to them.
    std::set<NodeId> to_answer;
    std::optional<Mono> answer_by;
    // No lease, held call or log request runs out before.
    std::optional<Mono> next_expiry;
    std::optional<Mono> planned_at; // the last plan
    // When the next job may start that is held back until its time.
    std::optional<Mono> next_start;
    // When the next running attempt may be overdue (overdue.cpp).
    std::optional<Mono> next_overdue;
    // When it may be asked again who gives up room, and who sleeps; that takes longer than a plan.
    Mono next_room {};
    Mono next_power {};
    std::uint64_t last_log_request { 0 };
};

// After the store's records: work that nodes held before the restart gets a fresh lease.
void on_restored(Brain& brain, Now now, Effects& effects);

void on_sync(
    Brain& brain, wire::SyncRequest const& request, Ticket ticket, Now now, Effects& effects);
// The caller went away; whatever is sent to the ticket will be lost.
void on_ticket_gone(Brain& brain, Ticket ticket);

// `spec` is the job that the source makes: the shell has made it already to report its faults.
void on_submit(Brain& brain, Submit submit, std::shared_ptr<openjd::Job const> spec, Ticket ticket,
    Now now, Effects& effects);
void on_job_verb(Brain& brain, JobId id, JobVerb verb, TaskChoice const& choice, Ticket ticket,
    Now now, Effects& effects);
void on_node_verb(Brain& brain, NodeId id, NodeVerb verb, Ticket ticket, Now now, Effects& effects);
// From now on the farm goes by these rules (a document as farm/rules.h reads it). An agent that is
// at work goes on with it, even where the new rules would not have given it out.
void on_apply_rules(
    Brain& brain, std::string text, std::string user, Ticket ticket, Now now, Effects& effects);
// What a licence server says of a limit that the rules know; others are passed over.
void on_seat_report(Brain& brain, std::string const& limit, farm::SeatReport const& report, Now now,
    Effects& effects);
// Part of an attempt's log, from the node that has it.
void on_read_log(
    Brain& brain, NodeId id, wire::ReadLog request, Ticket ticket, Now now, Effects& effects);

// What the events since the last tick ask for: a plan, and the answers to calls. And leases, held
// calls and log requests that have run out. Call it at next_wake or later; at once after an event
// is right, and after several that came together is cheaper.
void on_tick(Brain& brain, Now now, Effects& effects);
// `at_once` if an event has left something to do.
std::optional<Mono> next_wake(Brain const& brain);
constexpr Mono at_once {};

}
