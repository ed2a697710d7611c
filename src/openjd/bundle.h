#pragma once

#include <openjd/job.h>

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace sidereal::openjd {

// The scheduler knobs that a bundle's parameter_values may carry beside the template's own values.
struct SchedulerKnobs {
    std::optional<int> priority;
    std::optional<bool> start_paused;
    std::optional<std::uint64_t> max_failed_tasks;
    std::optional<std::uint32_t> max_retries_per_task;
};

struct BundleValues {
    ParameterTexts parameters;
    SchedulerKnobs knobs;
};

// The file parameter_values.(yaml|json) of a bundle: a list of {name, value}.
Checked<BundleValues> parse_parameter_values(std::string_view text, std::string_view file_name);

struct AssetReferences {
    std::vector<std::string> input_filenames;
    std::vector<std::string> input_directories;
    std::vector<std::string> output_directories;
    std::vector<std::string> referenced_paths;
};

// The file asset_references.(yaml|json) of a bundle.
Checked<AssetReferences> parse_asset_references(std::string_view text, std::string_view file_name);

// Makes the source's PATH values absolute, as the specification says: a relative default joins
// `template_dir` and may not leave it; a relative given value joins `working_dir`; every PATH
// parameter gets its value here. All other values stay as they are.
Checked<JobSource> with_absolute_paths(
    JobSource source, std::string_view template_dir, std::string_view working_dir);

}
