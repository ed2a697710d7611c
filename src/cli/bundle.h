#pragma once

#include <base/result.h>
#include <cli/command.h>
#include <openjd/bundle.h>
#include <openjd/diagnostic.h>
#include <openjd/job.h>

#include <optional>
#include <string>
#include <vector>

namespace sidereal::cli {

// What a person points at: a template file, or a folder with template.(yaml|json) and perhaps
// parameter_values and asset_references beside it.
struct Bundle {
    openjd::JobSource source;
    openjd::SchedulerKnobs knobs;
    // The text of scheduling.(yaml|json), if the folder has one.
    std::string scheduling;
    // Files and folders that must be there before the job runs, as absolute paths.
    std::vector<std::string> inputs;
};

// Why there is no job, and every fault of the documents if it is for them.
struct BundleFault {
    openjd::Diagnostics diagnostics;
    Error error;
};

// `parameters`: each NAME=VALUE, file://FILE or {"NAME": "VALUE"}; later ones win, and all win over
// the bundle's own values. Relative PATH values of the bundle belong to its folder, given ones to
// `working_dir`. `around`: the environment templates that the job will find around it. The job is
// made once, so that all faults come to light here.
tl::expected<Bundle, BundleFault> load_bundle(std::string const& target,
    std::vector<std::string> const& parameters, std::string const& working_dir,
    std::vector<openjd::TemplateText> around = {});

// The template of a bundle's folder: template.yaml, .yml or .json.
std::optional<std::string> template_in(std::string const& folder);

// Prints the faults, a line each, and gives the error that sums them up; for scripts it holds all.
Error shown(BundleFault const& fault, OutputFormat format);

// One argument of -p into the values.
Status add_parameters(openjd::ParameterTexts& values, std::string const& argument);

// Names every input that is not there.
Status check_inputs(Bundle const& bundle);

}
