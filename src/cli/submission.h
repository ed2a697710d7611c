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
    std::optional<std::string> scheduling_file;
    std::optional<std::string> tier;
    std::optional<std::string> order;
    std::optional<std::string> not_before;
    std::optional<std::string> deadline;
    std::vector<std::string> after;
    bool no_check_inputs { false };
};

// Who is at the keyboard.
std::string user_name();

// Reads and checks a template or bundle, with the environments that the brain at `url` puts around
// it, and hands it in. Faults of the documents are printed to stderr; for OutputFormat::json they
// are all in the error.
Result<JobId> submit_job(
    std::string const& url, SubmitFlags const& flags, OutputFormat errors = OutputFormat::table);

}
