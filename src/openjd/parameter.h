#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>

namespace sidereal::openjd {

enum class ParameterType : std::uint8_t {
    string,
    path,
    integer,
    floating,
    // Of a task only: a set of whole numbers, as a range expression.
    integer_chunk,
};

// As templates spell it: STRING, PATH, INT, FLOAT, CHUNK[INT].
std::string_view to_string(ParameterType type);
// Of a job parameter.
std::optional<ParameterType> parse_parameter_type(std::string_view text);

// A job parameter's value, checked against its definition. The text of a FLOAT is kept as given.
struct ParameterValue {
    ParameterType type { ParameterType::string };
    std::string text;

    bool operator==(ParameterValue const&) const = default;
};
using ParameterValues = std::map<std::string, ParameterValue, std::less<>>;

// Values as a user or a file gives them, before they are checked.
using ParameterTexts = std::map<std::string, std::string, std::less<>>;

}
