#pragma once

#include <base/result.h>
#include <cli/command.h>
#include <openjd/job.h>
#include <plan/render_job.h>

#include <cstdint>
#include <string>
#include <vector>

// What `plan job` takes from a template or a bundle.
namespace sidereal::cli {

struct TemplateWork {
    std::string name;
    // Of all steps.
    std::int64_t tasks { 0 };
    // Of each amount the largest of the steps.
    plan::NodeAmounts needs;
};

TemplateWork work_of(openjd::Job const& job);

// Reads as `job submit` does. Faults of the documents are printed to stderr; for OutputFormat::json
// they are all in the error.
Result<TemplateWork> read_template_work(
    std::string const& target, std::vector<std::string> const& parameters, OutputFormat errors);

}
