#pragma once

#include <farm/farm.h>
#include <sim/verdict.h>

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <span>
#include <vector>

namespace sidereal::sim {

// An auditor's own books, kept from the durable records alone and by rules of its own: a task
// completes at most once, under its live lease, after all that it depends on, and the sums agree.
class Ledger {
public:
    explicit Ledger(Verdict& verdict)
        : verdict_(verdict)
    {
    }

    struct Attempt {
        farm::AttemptRecord record;
        std::uint64_t position { 0 }; // of its lease among all records
    };

    // What a batch made durable, once and in order.
    void take(farm::Records const& batch);

    // What was seen outside of the books.
    void submit_acknowledged(JobId job) { acknowledged_jobs_.insert(job); }
    void process_succeeded(AttemptId attempt) { processes_succeeded_.insert(attempt); }
    // Something of the attempt went wrong that excuses a failure.
    void process_failed(AttemptId attempt) { processes_failed_.insert(attempt); }
    // The brain told an agent that it took the report that this attempt succeeded.
    void success_acknowledged(AttemptId id);
    void process_starts(AttemptId id, NodeId node);

    std::vector<JobId> jobs_acknowledged() const
    {
        return { acknowledged_jobs_.begin(), acknowledged_jobs_.end() };
    }
    Attempt const* attempt(AttemptId id) const;
    std::map<AttemptId, Attempt> const& attempts() const { return attempts_; }
    std::map<JobId, std::shared_ptr<openjd::Job const>> const& specs() const { return specs_; }
    // Processes that did a task well, and successes that count.
    std::uint64_t renders() const { return processes_succeeded_.size(); }
    std::uint64_t counted() const;
    NodeId node_of_key(std::string const& key) const;

    // The brain's state, at a moment at which all of it is durable or none of the rest counts.
    void compare(farm::Farm const& farm) const;

private:
    struct Task {
        std::optional<AttemptId> live;
        std::optional<AttemptId> done_by;
        std::uint64_t reset_at { 0 };
        bool acknowledged { false };
        bool skipped { false };

        bool is_past() const { return done_by || skipped; }
    };
    struct Step {
        std::vector<Task> tasks;
        std::uint64_t done { 0 };
        std::uint64_t skipped { 0 };
    };
    struct Job {
        farm::JobRecord record;
        std::vector<Step> steps;
        std::uint64_t live { 0 };
        std::map<NodeId, farm::NodeUse> use;
    };

    void take_one(farm::JobRecord const& record);
    void take_one(farm::NodeRecord const& record);
    void take_one(farm::AttemptRecord const& record);
    void take_one(farm::ResetRecord const& record);
    void take_one(farm::RulesRecord const& record);
    void lease(farm::AttemptRecord const& record);
    void end(farm::AttemptRecord const& record);
    void account(Job& job, farm::AttemptRecord const& record);
    bool inputs_done(farm::AttemptRecord const& record) const;
    // Whether the attempt's step waits for single tasks of that one, or goes on in other cases.
    bool is_loose(farm::AttemptRecord const& record, std::size_t upstream) const;
    bool tasks_before_are_done(
        Job const& job, farm::AttemptRecord const& record, farm::TaskEdge const& edge) const;
    // What the job's scheduling asks for, at the moment of a lease.
    void check_wishes(Job const& job, farm::AttemptRecord const& record);
    std::span<Task> tasks_of(farm::AttemptRecord const& record);

    Verdict& verdict_;
    std::uint64_t position_ { 0 };
    std::map<JobId, Job> jobs_;
    std::map<JobId, std::shared_ptr<openjd::Job const>> specs_;
    std::map<NodeId, farm::NodeRecord> nodes_;
    std::map<AttemptId, Attempt> attempts_;
    std::set<JobId> acknowledged_jobs_;
    std::set<AttemptId> processes_succeeded_;
    std::set<AttemptId> processes_failed_;
    std::set<AttemptId> processes_started_;
    // Some rules said so at some time.
    bool may_preempt_ { false };
};

}
