#pragma once

#include <base/json.h>

#include <cstddef>
#include <string>

// What watch_job shows, as text; pure.
namespace sidereal::cli {

struct Canvas {
    std::size_t width { 80 };
    // Lines that the whole block may take.
    std::size_t height { 24 };
    bool color { false };
    bool unicode { false };
};

// The block of a running job: its bar, its steps, what each node runs, why it waits. Every line
// ends with a line feed and fits the width.
std::string draw_job(Json const& job, Canvas const& canvas);

// "frame 12 done on node-b in 1.9 s", of an attempt that has ended (GET /v1/jobs/{id}/attempts).
std::string attempt_line(Json const& attempt);

// "job 12 succeeded: 25 tasks in 1 m 02 s"
std::string end_line(Json const& job);

// From submission to the end; 0 if the job does not tell.
double wall_seconds(Json const& job);

}
