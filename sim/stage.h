#pragma once

#include <base/prng.h>
#include <farm/farm.h>
#include <sched/plan.h>
#include <sched/slumber.h>
#include <sim/stage_shapes.h>

#include <cstdint>
#include <functional>
#include <map>
#include <set>
#include <string>
#include <utility>
#include <vector>

namespace sidereal::sim {

// A farm under the scheduler alone: time is virtual, tasks run as long as drawn from one seed, and
// everybody always hears everybody. For scenarios that ask how well work is placed; whether it
// survives faults is the World's business.
class Stage {
public:
    Now now;
    sched::Policy policy;
    farm::Farm farm;
    // A task that needs more memory than it was given is killed.
    bool enforce_memory { false };
    std::uint64_t killed_for_memory { 0 };
    // To make room, and what they had used up to then.
    std::uint64_t stopped { 0 };
    double lost_vcpu_s { 0 };
    std::uint64_t placed { 0 };
    // Of those, in a session that was open.
    std::uint64_t placed_warm { 0 };
    double energy_wh { 0 };
    Slumber slumber;
    std::uint64_t slept { 0 };
    std::uint64_t woken { 0 };
    // Woken within ten minutes of falling asleep.
    std::uint64_t short_sleeps { 0 };
    // From submission to start, of all tasks that began.
    std::vector<double> waits_s;
    // Asked of every attempt that begins; without it all end well.
    std::function<Fate(Stage const&, farm::AttemptRecord const&)> fate_of;
    std::uint64_t failed_attempts { 0 };
    std::uint64_t lost_nodes { 0 };
    // After every plan; to look at what must always hold.
    std::function<void(Stage const&)> watch;

    explicit Stage(std::uint64_t seed);

    NodeId add_node(NodeShape const& shape);
    void remove_node(NodeId id);
    JobId submit(JobShape const& shape);
    void rule(std::string text);
    // The licence server says how many seats are in use.
    void settle(std::string const& limit, double used);

    void run_for(Duration duration);
    // Until all jobs have ended or the time is up; true if they have.
    bool run_until_done(Duration limit);

    double vcpus_of(JobId id) const { return farm.jobs.at(id).vcpus; }
    // What the job has used up to now.
    double vcpu_hours(JobId id) const;
    double vcpus_in_use() const;
    double watts() const;
    std::uint64_t done(JobId id) const;
    // Since the beginning; nothing for a job that has not ended.
    std::optional<Duration> finished_after(JobId id) const;

private:
    void plan();
    void make_room();
    void manage_power();
    void told(sched::PowerChange const& change);
    void power_event(NodeId id);
    void move_to(Wall time);
    void end_stopped(farm::AttemptRecord record);
    void lease(sched::Placement const& placement);
    void end(AttemptId id);
    void end_badly(farm::AttemptRecord record, Fate const& fate);
    void bring_back(NodeId id);
    void close_settled(JobId id);
    // The next thing that happens, no later than `limit`; false if nothing does.
    bool step(Wall limit);

    Prng prng_;
    Wall start_;
    std::map<JobId, TaskShape> shapes_;
    std::map<JobId, double> used_vcpu_s_;
    std::set<std::pair<Wall, AttemptId>> endings_;
    std::map<AttemptId, Duration> entering_;
    std::map<AttemptId, Fate> fates_; // of those that will not end well
    std::set<std::pair<Wall, NodeId>> returns_;
    std::set<std::pair<Wall, NodeId>> power_events_;
    std::optional<Wall> next_power_;
    std::uint64_t wakings_ { 0 };
};

}
