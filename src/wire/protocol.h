#pragma once

#include <base/id.h>
#include <base/time.h>
#include <wire/log_rule.h>
#include <wire/node_facts.h>
#include <wire/order.h>
#include <wire/report.h>

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

// What a brain and an agent say to each other. The agent calls `sync`: reports up, orders down; the
// brain holds the call open until it has news. Both directions are numbered and repeated until the
// other side says that it applied them, so each report and each order takes effect exactly once.
namespace sidereal::wire {

constexpr int protocol_version = 1;

// All that a session needs to know of a job: its source, from which every machine makes the same.
struct JobText {
    struct Environment {
        std::string template_text;
        std::string file_name;

        bool operator==(Environment const&) const = default;
    };

    JobId job;
    std::string template_text;
    std::string file_name;
    std::map<std::string, std::string, std::less<>> parameters;
    // Around the job, outermost first.
    std::vector<Environment> environments {};
    // The job's own; they go before the farm's.
    std::vector<LogRule> log_rules {};

    bool operator==(JobText const&) const = default;
};

struct SyncRequest {
    // Who: `node_key` is the node's lasting identity (kept in its data folder), `agent_instance`
    // one life of its agent, `epoch` what the brain gave that life; 0 asks to be let in.
    std::string node_key;
    std::uint64_t agent_instance { 0 };
    std::uint64_t epoch { 0 };
    std::optional<NodeFacts> facts; // with epoch 0

    // The brain's life that `orders_applied` speaks of; 0 before the first answer.
    std::uint64_t brain_instance { 0 };
    // Counts this agent life's calls from 1. All calls up to `settled` have been answered or
    // failed.
    std::uint64_t number { 0 };
    std::uint64_t settled { 0 };
    std::uint64_t orders_applied { 0 };

    std::vector<AttemptId> holding; // queued, running or ended but not yet acknowledged
    std::vector<JobId> jobs_known;
    std::uint64_t first_report { 1 };
    std::vector<Report> reports;
    // LogRuleSet::print of the rules that the agent goes by, 0 before the first; nothing: it does
    // not look for any.
    std::optional<std::uint64_t> log_rules {};
    // The agent stops: what it holds will not be run.
    bool leaving { false };

    bool operator==(SyncRequest const&) const = default;
};

struct SyncReply {
    // A changed epoch tells the agent that all it holds is void; 0 that it must ask to be let in.
    std::uint64_t epoch { 0 };
    std::uint64_t brain_instance { 0 };
    std::uint64_t reports_applied { 0 };
    std::uint64_t first_order { 1 };
    std::vector<Order> orders;
    std::vector<JobText> jobs;
    Duration lease {};
    // Where the agent has others.
    std::optional<LogRuleSet> log_rules {};

    bool operator==(SyncReply const&) const = default;
};

}
