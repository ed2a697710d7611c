#include <openjd/parameter.h>

namespace sidereal::openjd {

std::string_view to_string(ParameterType type)
{
    switch (type) {
    case ParameterType::string: return "STRING";
    case ParameterType::path: return "PATH";
    case ParameterType::integer: return "INT";
    case ParameterType::floating: return "FLOAT";
    case ParameterType::integer_chunk: return "CHUNK[INT]";
    }
    return "STRING";
}

std::optional<ParameterType> parse_parameter_type(std::string_view text)
{
    for (auto const type : { ParameterType::string, ParameterType::path, ParameterType::integer,
             ParameterType::floating }) {
        if (text == to_string(type))
            return type;
    }
    return std::nullopt;
}

}
