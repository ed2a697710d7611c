#pragma once

#include <base/result.h>
#include <farm/job.h>
#include <farm/node.h>
#include <farm/record.h>

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
    double percent { 0 };
    std::string status;
};

// Everything one brain rules, as values. Changes only by applying records; what is not durable
// (progress, contact) is set by the brain directly.
struct Farm {
    std::map<JobId, Job> jobs;
    std::map<NodeId, Node> nodes;
    std::map<AttemptId, Attempt> attempts; // live ones only
    // Jobs whose tasks may be given out, first come first: by falling priority, then by age.
    std::set<std::pair<int, JobId>> open_jobs;
    std::map<std::string, NodeId, std::less<>> node_ids; // by key
    std::uint64_t last_job { 0 };
    std::uint64_t last_node { 0 };
    std::uint64_t last_attempt { 0 };
    // Counts changes; a job keeps the number of its last one.
    std::uint64_t revision { 0 };

    // Fails only on a JobRecord whose source no longer makes a job.
    Status apply(Record const& record);

    Status apply(JobRecord const& record);
    // The caller has made the job already and saves making it twice.
    void apply(JobRecord const& record, std::shared_ptr<openjd::Job const> spec);
    void apply(NodeRecord const& record);
    void apply(AttemptRecord const& record);
    void apply(ResetRecord const& record);

    Job* job(JobId id);
    Node* node(NodeId id);
    Attempt* attempt(AttemptId id);
    Job const* job(JobId id) const;
    Node const* node(NodeId id) const;

    void touch(Job& job) { job.revision = ++revision; }

private:
    void lease(AttemptRecord const& record);
    void end(AttemptRecord const& record);
    void release_room(Attempt const& ended);
};

// The first broken rule in words; empty if the state is sound. For tests and the World.
std::string broken_invariant(Farm const& farm);

}
