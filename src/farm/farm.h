#pragma once

#include <base/result.h>
#include <farm/job.h>
#include <farm/kept.h>
#include <farm/limit_use.h>
#include <farm/node.h>
#include <farm/record.h>
#include <farm/rules.h>

#include <cstdint>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <utility>
#include <vector>

namespace sidereal::farm {

// A lease that has not ended: the task runs on its node or waits there for room.
struct Attempt {
    AttemptRecord record;
    // Set when the agent says that the process runs.
    bool started { false };
    // It takes up room on its node; the others stand in the node's queue.
    bool occupies { false };
    std::optional<std::string> cancel_reason;
    // It is being stopped to make room.
    bool preempted { false };
    double percent { 0 };
    std::string status;
    // It is being stopped because it took too long.
    bool overdue { false };
    // As far as this life of the brain knows: when it was leased, when it last got further, since
    // when it has neither printed anything nor used a CPU.
    Mono since {};
    std::optional<Mono> progress_at {};
    std::optional<Mono> silent_since {};
};

// What a project's attempts take at the moment, with those of the projects inside it, and took
// lately.
struct ProjectUse {
    double vcpus { 0 };
    // Of ended attempts; what lies usage_half_life back counts half.
    double past_vcpu_s { 0 };
    Wall past_at {};
    std::vector<double> pool_vcpus {}; // as Farm::pools; those at the end may be missing

    double in_pool(std::size_t pool) const
    {
        return pool < pool_vcpus.size() ? pool_vcpus[pool] : 0;
    }
    void add(std::size_t pool, double more);
    void take_off(std::size_t pool, double less);
    void add_past(Wall at, double vcpu_s);
    // The past as an average over the recent time.
    double recent_vcpus(Wall now) const;
};

constexpr Duration usage_half_life = std::chrono::hours(2);

// Everything one brain rules, as values. Changes only by applying records; what is not durable
// (progress, contact) is set by the brain directly.
struct Farm {
    std::map<JobId, Job> jobs;
    std::map<NodeId, Node> nodes;
    std::map<AttemptId, Attempt> attempts; // live ones only
    std::set<JobId> open_jobs; // whose tasks may be given out
    std::set<NodeId> suspects; // on which tasks failed that ran elsewhere
    std::map<std::string, ProjectUse, std::less<>> projects;
    std::map<std::string, LimitUse, std::less<>> limits;
    RulesRecord rules_record;
    Rules rules;
    std::vector<std::string> pools; // as nodes named them
    // What agents look for in logs: the rules' own and those that are shipped.
    std::shared_ptr<wire::LogRuleSet const> log_rules { log_rules_of({}) };
    std::map<std::string, NodeId, std::less<>> node_ids; // by key
    // Where a task could begin at once as far as CPUs go; whether they take work is another matter.
    std::set<NodeId> roomy;
    // Asleep, or on the way there or back.
    std::set<NodeId> resting;
    // Not durable.
    Kept kept;
    // Of CPUs and memory no node has less.
    Amounts least_capacity;
    std::uint64_t last_job { 0 };
    std::uint64_t last_node { 0 };
    std::uint64_t last_attempt { 0 };
    // Counts changes; a job keeps the number of its last one.
    std::uint64_t revision { 0 };

    // Fails only on a JobRecord whose source no longer makes a job, or rules that cannot be read.
    Status apply(Record const& record);

    Status apply(JobRecord const& record);
    // The caller has made the job already and saves making it twice.
    Status apply(JobRecord const& record, std::shared_ptr<openjd::Job const> spec);
    Status apply(RulesRecord const& record);
    void apply(NodeRecord const& record);
    void apply(AttemptRecord const& record);
    void apply(ResetRecord const& record);
    // In the place of what was kept before.
    void keep(Kept const& what);
    // What the licence server says of a limit from now on.
    void settle(std::string const& limit, SeatReport const& report);

    Job* job(JobId id);
    Node* node(NodeId id);
    Attempt* attempt(AttemptId id);
    Job const* job(JobId id) const;
    Node const* node(NodeId id) const;

    void touch(Job& job) { job.revision = ++revision; }

private:
    void lease(AttemptRecord const& record);
    void end(AttemptRecord const& record);
    void hang_on_power(Node& node) const;
    void note_space(Node const& node);
    std::size_t pool_of(std::string const& name);
    void note_session(AttemptRecord const& ended);
    void release_room(Attempt const& ended);
    // Counts what runs, for the node, step, job, projects and limits.
    void occupy(AttemptRecord const& record);
    void vacate(AttemptRecord const& record);
    // A task found no seat, or had one.
    void learn_of_seats(AttemptRecord const& ended);
    void judge_success(AttemptRecord const& ended);
    void judge_failure(AttemptRecord const& ended);
    void forgive(NodeId id);
    void bind(JobId job_id, std::uint32_t index, std::string const& limit);
};

// What the attempt takes of its node.
Amounts taken_by(Step const& step, AttemptRecord const& record);
// "film/seq010" and "film"; work without a project counts for "".
std::vector<std::string_view> project_and_parents(std::string_view project);

// The first broken rule in words; empty if the state is sound. For tests and the World.
std::string broken_invariant(Farm const& farm);

}
