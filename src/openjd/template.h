#pragma once

#include <openjd/combination.h>
#include <openjd/diagnostic.h>
#include <openjd/extension.h>
#include <openjd/job.h>
#include <openjd/limits.h>
#include <openjd/parameter_definition.h>

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

// Templates as their authors write them, checked against the specification: everything that can be
// known without the values of the job's parameters holds.
namespace sidereal::openjd {

// How CHUNK[INT] is cut into tasks. Numbers are given outright or by reference.
struct ChunksTemplate {
    std::uint64_t default_task_count { 1 };
    std::optional<Reference> default_task_count_text;
    std::uint64_t target_runtime_s { 0 };
    std::optional<Reference> target_runtime_text;
    ChunkConstraint constraint { ChunkConstraint::contiguous };
};

struct TaskParameterDefinition {
    std::string name;
    ParameterType type { ParameterType::string };
    // Either a list or, for INT and CHUNK[INT], a range expression.
    std::vector<FormatString> list;
    // Or, with EXPR and of any type, what gives a whole list.
    std::optional<FormatString> expression;
    // Of CHUNK[INT].
    std::optional<ChunksTemplate> chunks;
    int line { 0 };
    int column { 0 };
};

struct LetTemplate {
    expr::LetBinding binding;
    int line { 0 };
    int column { 0 };
};

struct AmountTemplate {
    FormatString name;
    std::optional<double> min;
    std::optional<double> max;
    // Given by reference.
    std::optional<Reference> min_text;
    std::optional<Reference> max_text;
    int line { 0 };
    int column { 0 };
};

struct AttributeTemplate {
    FormatString name;
    std::vector<FormatString> any_of;
    std::vector<FormatString> all_of;
    int line { 0 };
    int column { 0 };
};

// What a range takes that is one text: a whole list, or a range expression.
expr::Type range_target(ParameterType type);

struct StepTemplate {
    std::string name;
    std::string description;
    std::vector<std::size_t> depends_on; // indices into JobTemplate::steps
    // Known when the job is made; those of the script, when a task runs.
    std::vector<LetTemplate> lets;
    LetBindings script_lets;
    std::vector<Environment> environments;
    std::vector<AmountTemplate> amounts;
    std::vector<AttributeTemplate> attributes;
    // Empty: the step is one task.
    std::vector<TaskParameterDefinition> parameters;
    Combination combination;
    Action on_run;
    std::vector<EmbeddedFile> files;
    int line { 0 };
    int column { 0 };
};

struct JobTemplate {
    FormatString name;
    std::string description;
    std::vector<ParameterDefinition> parameters;
    std::vector<Environment> environments;
    std::vector<StepTemplate> steps;
    Extensions extensions;
    Limits limits;
    int name_line { 0 };
    int name_column { 0 };
};

struct EnvironmentTemplate {
    std::vector<ParameterDefinition> parameters;
    Environment environment;
    Extensions extensions;
};

// specificationVersion jobtemplate-2023-09. All faults are collected, in the order of the document.
// A template that declares an extension which is not `allowed` is refused as a whole.
Checked<JobTemplate> decode_job_template(
    std::string_view text, std::string_view file_name, Extensions allowed = supported_extensions);
// specificationVersion environment-2023-09.
Checked<EnvironmentTemplate> decode_environment_template(
    std::string_view text, std::string_view file_name, Extensions allowed = supported_extensions);
// What is wrong with either of the two; its specificationVersion says which it is.
Diagnostics check_template(
    std::string_view text, std::string_view file_name, Extensions allowed = supported_extensions);

}
