#pragma once

#include <base/id.h>
#include <base/result.h>
#include <cli/bundle.h>
#include <cli/command.h>

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace sidereal::cli {

// What `job submit` takes; what is not given comes from the bundle or is the brain's default.
struct SubmitFlags {
    std::string target;
    std::vector<std::string> parameters;
    std::optional<std::string> project;
    std::optional<std::int64_t> priority;
    std::optional<std::int64_t> max_retries;
    std::optional<std::int64_t> max_failed_tasks;
    bool paused { false };
    bool no_check_inputs { false };
};

// Reads and checks a template or bundle. Faults of the documents are printed to stderr; for
// OutputFormat::json they are all in the error.
Result<Bundle> read_submission(SubmitFlags const& flags, OutputFormat errors);
// Hands it to the brain at `url`.
Result<JobId> hand_in(std::string const& url, Bundle const& bundle, SubmitFlags const& flags);

// Both.
Result<JobId> submit_job(
    std::string const& url, SubmitFlags const& flags, OutputFormat errors = OutputFormat::table);

}
