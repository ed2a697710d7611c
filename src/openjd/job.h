#pragma once

#include <openjd/chunk_sizer.h>
#include <openjd/diagnostic.h>
#include <openjd/parameter.h>
#include <openjd/parameter_space.h>
#include <openjd/path_mapping.h>
#include <openjd/script.h>

#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

// A job made from a template and values: what the farm schedules and what a session runs. Format
// strings of the job stage are resolved; those of the host stage (commands, arguments, variables,
// embedded files) still hold their references.
namespace sidereal::openjd {

// A range of a counted capability: amount.worker.vcpu, amount.worker.memory (MiB), …; names are
// lower case.
struct AmountRequirement {
    std::string name;
    std::optional<double> min;
    std::optional<double> max;
};

struct AttributeRequirement {
    std::string name;
    std::vector<std::string> any_of;
    std::vector<std::string> all_of;
};

struct HostRequirements {
    std::vector<AmountRequirement> amounts;
    std::vector<AttributeRequirement> attributes;
};

struct Step {
    std::string name;
    std::vector<std::size_t> depends_on; // indices into Job::steps
    std::vector<Environment> environments;
    HostRequirements requirements;
    ParameterSpace space;
    // Chunks are cut as they are given out: each of the space's tasks is one value, those that
    // belong together stand side by side.
    std::optional<ChunkTarget> chunks;
    expr::NameValues values; // Step.Name and the step's let bindings
    LetBindings lets; // of its script
    Action on_run;
    std::vector<EmbeddedFile> files;
};

struct Job {
    std::string name;
    std::string description;
    ParameterValues parameters;
    std::vector<Environment> environments;
    std::vector<Step> steps;
    // Its template declares REDACTED_ENV_VARS.
    bool sets_redacted { false };
};

struct TemplateText {
    std::string text;
    std::string file_name;

    bool operator==(TemplateText const&) const = default;
};

// What a user hands in, with what surrounds it. Relative PATH values must be absolute by now (the
// CLI joins them with the bundle's or the working folder), so that the same source gives the same
// job on every machine.
struct JobSource {
    std::string template_text;
    std::string file_name;
    ParameterTexts parameters;
    // Environment templates: entered in this order, before the job's own environments.
    std::vector<TemplateText> environments {};

    bool operator==(JobSource const&) const = default;
};

// Reads, checks and instantiates, with the parameters of all templates merged; all faults of the
// documents are collected.
Checked<Job> create_job(JobSource const& source);

}
