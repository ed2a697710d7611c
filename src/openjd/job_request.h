#pragma once

#include <openjd/extension.h>
#include <openjd/job.h>
#include <openjd/path_values.h>

#include <optional>
#include <string>
#include <vector>

namespace sidereal::openjd {

struct TemplateText {
    std::string text;
    std::string file_name;
};

// A job with what surrounds it.
struct JobRequest {
    JobSource source;
    // Environment templates: entered in this order, before the job's own environments.
    std::vector<TemplateText> environments;
    Extensions allowed { supported_extensions };
    // What relative PATH values join; nothing if they are absolute already.
    std::optional<PathBases> path_bases;
};

// Like create_job, with the parameters of all templates merged.
Checked<Job> make_job(JobRequest const& request);

}
