#pragma once

#include <api/find.h>
#include <base/json.h>
#include <brain/brain.h>

#include <cstddef>
#include <string>

// What the API tells of jobs. Sizes are bounded whatever the job's number of tasks: only live
// attempts, failures and sums are listed.
namespace sidereal::api {

constexpr std::size_t max_listed_attempts = 500;
constexpr std::size_t max_listed_failures = 100;
// Of the failures listed, so many with the end of their log.
constexpr std::size_t max_log_tails = 20;

std::string job_document(brain::Brain const& brain, farm::Job const& job);

// A row of the list of jobs, into an open array.
void write_job_row(JsonWriter& json, farm::Job const& job);

// {"Frame":"12"}
void write_task_parameters(JsonWriter& json, farm::Job const& job, TaskPlace const& place);

// An attempt that has not ended, into an open array.
void write_live_attempt(JsonWriter& json, farm::Farm const& farm, farm::Attempt const& attempt);

// One that may have ended, of that job.
void write_attempt(JsonWriter& json, farm::Farm const& farm, farm::Job const& job,
    farm::AttemptRecord const& record);

}
