#pragma once

#include <openjd/expr/value.h>

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace sidereal::openjd {

enum class ParameterType : std::uint8_t {
    string,
    path,
    integer,
    floating,
    // Of the extension EXPR, and of jobs only.
    boolean,
    range,
    string_list,
    path_list,
    integer_list,
    floating_list,
    boolean_list,
    integer_list_list,
    // Of a task only: a set of whole numbers, as a range expression.
    integer_chunk,
};

// As templates spell it: STRING, LIST[INT], CHUNK[INT], …
std::string_view to_string(ParameterType type);
// Of a job parameter, spelt exactly so.
std::optional<ParameterType> parse_parameter_type(std::string_view text);
// Whether the type belongs to the extension EXPR.
bool needs_expressions(ParameterType type);
// Of a list's items; nothing for other types.
std::optional<ParameterType> item_type(ParameterType type);
// INT, FLOAT.
bool is_number(ParameterType type);
// PATH, LIST[PATH]: known on the node only.
bool holds_paths(ParameterType type);

// What expressions see as Param.X, and as RawParam.X, where paths are text.
expr::Type value_type(ParameterType type);
expr::Type raw_type(ParameterType type);

// A job parameter's value, checked against its definition. The spelling of a FLOAT is kept; paths
// are as they were given.
struct ParameterValue {
    ParameterType type { ParameterType::string };
    expr::Value value;

    // Of a list: JSON.
    std::string text() const { return value.to_text(); }

    bool operator==(ParameterValue const&) const = default;
};
// Of PATH and LIST[PATH], but for empty ones.
std::vector<std::string> paths_in(ParameterValue const& parameter);
using ParameterValues = std::map<std::string, ParameterValue, std::less<>>;

// Values as a user or a file gives them, before they are checked; those of lists as JSON.
using ParameterTexts = std::map<std::string, std::string, std::less<>>;

}
