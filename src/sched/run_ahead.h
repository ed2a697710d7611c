#pragma once

#include <base/prng.h>
#include <farm/farm.h>
#include <sched/policy.h>

#include <cstdint>
#include <deque>
#include <map>
#include <optional>
#include <set>
#include <utility>
#include <vector>

// One run of a farm into its future.
namespace sidereal::sched {

using StepKey = std::pair<JobId, std::uint32_t>;

// How long the tasks of a step take, in seconds.
struct Lengths {
    // Of tasks that ended, sorted.
    std::vector<double> seen;
    double mean { 0 };
    double deviation { 0 };
    // How far the true mean may lie off, as a part of it (one standard deviation).
    double doubt { 0 };
    bool measured { false };
};

// What is the same in all runs.
struct Course {
    // Its ready tasks are pieces of work.
    farm::Farm farm;
    Now now;
    Policy policy;
    std::map<StepKey, Lengths> lengths;
    // Tasks that a piece lasts for; 1 for steps that are not listed.
    std::map<StepKey, double> tasks_a_piece {};
    // What energy and money stand for of which a sample charges 1; 1 for steps that are not listed.
    struct Worth {
        double live { 1 };
        double piece { 1 };
    };
    std::map<StepKey, Worth> worth {};
    // Of the real farm: below 1, this is a sample of it.
    double part { 1 };
    // Of attempts that run more than one task and count as one here.
    std::map<AttemptId, std::uint64_t> chunks {};
};

// Since Course::now.
struct Arrivals {
    std::map<JobId, Duration> jobs;
    std::map<StepKey, Duration> steps;
    double energy_wh { 0 };
    Money cost;
};

class RunAhead {
public:
    RunAhead(Course const& course, std::uint64_t seed);

    Arrivals run();

private:
    void begin_what_runs();
    void plan();
    void begin(farm::AttemptRecord const& lease);
    void make_room();
    bool wait_for_next();
    void end(AttemptId id);
    // Begins to count the time of what has found room on the node.
    void begin_on(NodeId id);
    void note_arrivals(JobId id, std::uint32_t index);
    double worth_of(farm::AttemptRecord const& record) const;
    double tasks_of(farm::AttemptRecord const& record) const;
    double draw(StepKey key, double tasks);
    Duration draw_rest(farm::Attempt const& attempt);
    double gauss();

    Course const& course_;
    farm::Farm farm_;
    Now now_;
    Prng prng_;
    // By step, what this run takes the mean to be.
    std::map<StepKey, double> scales_;
    std::set<std::pair<Wall, AttemptId>> endings_;
    std::map<AttemptId, Wall> began_;
    // Since the last plan; what takes the place begins then.
    std::map<NodeId, std::deque<Wall>> freed_;
    // When jobs may start that have to wait for their time.
    std::set<Wall> starts_;
    Arrivals arrivals_;
};

}
