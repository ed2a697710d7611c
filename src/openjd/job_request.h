#pragma once

#include <openjd/extension.h>
#include <openjd/job.h>
#include <openjd/path_values.h>

#include <optional>
#include <string>
#include <vector>

namespace sidereal::openjd {

// A job whose source may still need completing.
struct JobRequest {
    JobSource source;
    Extensions allowed { supported_extensions };
    // What relative PATH values join; nothing if they are absolute already.
    std::optional<PathBases> path_bases;
};

Checked<Job> make_job(JobRequest const& request);

}
