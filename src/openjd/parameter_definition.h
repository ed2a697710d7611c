#pragma once

#include <openjd/diagnostic.h>
#include <openjd/limits.h>
#include <openjd/parameter.h>

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

// The parameters of a job or environment template, as their authors write them.
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

// What a value must obey, or each item of a list.
struct ValueRules {
    // Texts as given; numbers compare as numbers.
    std::vector<std::string> allowed_values;
    // Texts of numbers, for INT and FLOAT.
    std::optional<std::string> min_value;
    std::optional<std::string> max_value;
    // In code points for STRING, PATH and RANGE_EXPR, in items for lists.
    std::optional<std::int64_t> min_length;
    std::optional<std::int64_t> max_length;

    bool operator==(ValueRules const&) const = default;
};

struct ParameterDefinition {
    std::string name;
    ParameterType type { ParameterType::string };
    std::string description;
    // Of a list: JSON.
    std::optional<std::string> default_text;
    // Of the value, of its items, of their items.
    std::array<ValueRules, 3> rules;
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

// The definitions of several templates as one list, in the order of processing: environment
// templates first, the job template last. Of those with one name the constraints all hold, and the
// last default counts.
Checked<std::vector<ParameterDefinition>> merge_parameters(
    std::vector<std::vector<ParameterDefinition>> lists, std::string_view file_name);

// Checks given texts and fills in defaults; unknown and missing parameters are faults.
Checked<ParameterValues> check_parameters(std::vector<ParameterDefinition> const& definitions,
    ParameterTexts const& given, std::string_view file_name, Limits const& limits = {});

}
