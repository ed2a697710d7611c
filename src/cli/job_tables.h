#pragma once

#include <base/json.h>

#include <string>

// Parts of a job's document (GET /v1/jobs/{id}) as tables.
namespace sidereal::cli {

std::string steps_table(Json const& job, bool color);
std::string running_table(Json const& job, bool color);
// What each node did for the job: tasks, time, memory, energy, cost.
std::string use_table(Json const& job, bool color);

// "12.3 s", "12.3 s, then step Film", or empty if nobody knows.
std::string time_left(Json const& job);

}
