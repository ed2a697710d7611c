#pragma once

#include <farm/scheduling.h>
#include <openjd/job.h>
#include <sim/options.h>

#include <memory>
#include <vector>

namespace sidereal::sim {

// A job that a client will hand in.
struct JobDraft {
    openjd::JobSource source;
    std::shared_ptr<openjd::Job const> spec;
    // A task of it may hang for ever: somebody must cancel the job.
    bool endless { false };
};

// Makes an OpenJD template. The commands in it say what they are, for the simulated nodes to see:
// "sim task STEP VALUES..." and "sim enter|exit PLACE NAME", where PLACE is the environment's place
// in its session's order; a last word "may-hang" allows the process to hang.
JobDraft draw_job(Prng& prng, Options const& options);

// What the client asks of the scheduler for it; `before` are jobs that it may wait for. Nothing
// that could keep a job waiting for ever; not_before counts from the moment of the submission.
farm::Scheduling draw_scheduling(
    Prng& prng, openjd::Job const& spec, std::vector<JobId> const& before);

}
