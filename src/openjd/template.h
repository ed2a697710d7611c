#pragma once

#include <openjd/combination.h>
#include <openjd/diagnostic.h>
#include <openjd/extension.h>
#include <openjd/job.h>
#include <openjd/limits.h>

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

// Templates as their authors write them, checked against the specification: everything that can be
// known without the values of the job's parameters holds.
namespace sidereal::openjd {

enum class PathObject : std::uint8_t {
    file,
    directory,
};

enum class DataFlow : std::uint8_t {
    none,
    in,
    out,
    in_out,
};

struct FileFilter {
    std::string label;
    std::vector<std::string> patterns;

    bool operator==(FileFilter const&) const = default;
};

// Hints for whoever asks a person for the value.
struct UserInterface {
    std::string control; // as spelt in the template; empty if not given
    std::string label;
    std::string group_label;
    std::optional<std::int64_t> decimals;
    std::optional<double> single_step_delta;
    std::vector<FileFilter> file_filters;
    std::optional<FileFilter> file_filter_default;

    bool operator==(UserInterface const&) const = default;
};

struct ParameterDefinition {
    std::string name;
    ParameterType type { ParameterType::string };
    std::string description;
    std::optional<std::string> default_text;
    // Texts as given; numbers compare as numbers.
    std::vector<std::string> allowed_values;
    // Texts of numbers, for INT and FLOAT.
    std::optional<std::string> min_value;
    std::optional<std::string> max_value;
    // In code points, for STRING and PATH.
    std::optional<std::int64_t> min_length;
    std::optional<std::int64_t> max_length;
    PathObject object_type { PathObject::directory };
    DataFlow data_flow { DataFlow::none };
    std::optional<UserInterface> user_interface;
    // Of the definition, for faults that only a value brings to light.
    int line { 0 };
    int column { 0 };
};

// Checks a text against a definition's type and constraints.
Result<ParameterValue> check_value(
    ParameterDefinition const& definition, std::string_view text, Limits const& limits = {});

struct TaskParameterDefinition {
    std::string name;
    ParameterType type { ParameterType::string };
    // Either a list or, for INT only, a range expression.
    std::vector<FormatString> list;
    std::optional<FormatString> expression;
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

struct StepTemplate {
    std::string name;
    std::string description;
    std::vector<std::size_t> depends_on; // indices into JobTemplate::steps
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

// Checks given texts and fills in defaults; unknown and missing parameters are faults.
Checked<ParameterValues> check_parameters(std::vector<ParameterDefinition> const& definitions,
    ParameterTexts const& given, std::string_view file_name, Limits const& limits = {});

}
