#pragma once

#include <base/id.h>
#include <base/money.h>
#include <base/time.h>
#include <farm/farm.h>
#include <sched/policy.h>

#include <cstdint>
#include <optional>
#include <vector>

// When work will be done: the scheduler itself, run forward on copies of the farm, with run times
// drawn from those that were measured.
namespace sidereal::sched {

struct ForecastLimits {
    // What comes out are the median and the 90th percentile of so many runs.
    std::uint32_t runs { 20 };
    std::uint32_t least_runs { 3 };
    // A run places about so many pieces of work, or more if the farm has many places; where there
    // are more tasks, several that follow each other are one piece.
    std::uint64_t pieces { 4000 };
    // Of all runs together; past it there are fewer of them.
    std::uint64_t all_pieces { 200'000 };
    // A farm that runs more tasks at a time is thinned out to at most so many places: sample.h.
    std::uint64_t places { 1000 };
};

// From now on; nothing: never, as things stand.
struct Finish {
    std::optional<Duration> p50;
    std::optional<Duration> p90;

    bool operator==(Finish const&) const = default;
};

struct StepForecast {
    Finish finish;
    // Tasks of it have ended; otherwise it is taken to be like its job's other steps, or else like
    // the farm's, within a wide margin.
    bool measured { false };

    bool operator==(StepForecast const&) const = default;
};

struct JobForecast {
    JobId job;
    Finish finish;
    // As many as the job has; of those that were done before there is nothing to say.
    std::vector<StepForecast> steps;
    // The part of the runs in which it is done by its deadline.
    std::optional<double> on_time;

    bool operator==(JobForecast const&) const = default;
};

struct Forecast {
    // Of all jobs that are open, in the order of their ids.
    std::vector<JobForecast> jobs;
    Finish farm;
    // Still to come, in the middle of the runs.
    double energy_wh { 0 };
    Money cost;
    std::uint32_t runs { 0 };
    // What was run is a sample, so large a part of the farm; 1: all of it.
    double part { 1 };
    // False: no task of this farm has ended yet, so there is nothing to go by.
    bool measured { false };

    JobForecast const* job(JobId id) const;
    bool operator==(Forecast const&) const = default;
};

// Takes it that no task fails, that nobody submits more, and that the nodes stay as they are. The
// same for the same farm.
Forecast forecast(
    farm::Farm const& farm, Now now, Policy const& policy, ForecastLimits const& limits = {});

// Some change that somebody thinks about.
struct WhatIf {
    std::uint32_t add_nodes { 0 };
    // What the added ones are like; none: the node with the most vcpus that takes work.
    std::optional<NodeId> like;
    // These are drained.
    std::vector<NodeId> without;
    // Of this job alone.
    std::optional<JobId> job;
    std::optional<int> priority;
    std::optional<farm::Tier> tier;
    std::optional<Wall> deadline;
};

// Errors: not_found for jobs and nodes that are not there, invalid_input if there is no node that
// the added ones could be like.
Status check(farm::Farm const& farm, WhatIf const& change);
// The farm after the change; fails as check() does.
Result<farm::Farm> changed(farm::Farm farm, WhatIf const& change);

// The fewest nodes to add (as `change` would) with which the job is done by its deadline in nine
// cases of ten; nothing if `most` are not enough.
std::optional<std::uint32_t> nodes_for_deadline(farm::Farm const& farm, Now now,
    Policy const& policy, WhatIf change, std::uint32_t most, ForecastLimits const& limits = {});

}
