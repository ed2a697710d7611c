#include <openjd/parameter.h>

namespace sidereal::openjd {

std::string_view to_string(ParameterType type)
{
    switch (type) {
    case ParameterType::string: return "STRING";
    case ParameterType::path: return "PATH";
    case ParameterType::integer: return "INT";
    case ParameterType::floating: return "FLOAT";
    case ParameterType::boolean: return "BOOL";
    case ParameterType::range: return "RANGE_EXPR";
    case ParameterType::string_list: return "LIST[STRING]";
    case ParameterType::path_list: return "LIST[PATH]";
    case ParameterType::integer_list: return "LIST[INT]";
    case ParameterType::floating_list: return "LIST[FLOAT]";
    case ParameterType::boolean_list: return "LIST[BOOL]";
    case ParameterType::integer_list_list: return "LIST[LIST[INT]]";
    case ParameterType::integer_chunk: return "CHUNK[INT]";
    }
    return "STRING";
}

std::optional<ParameterType> parse_parameter_type(std::string_view text)
{
    for (int i = 0; i < static_cast<int>(ParameterType::integer_chunk); ++i) {
        auto const type = static_cast<ParameterType>(i);
        if (text == to_string(type))
            return type;
    }
    return std::nullopt;
}

bool needs_expressions(ParameterType type)
{
    return type >= ParameterType::boolean && type < ParameterType::integer_chunk;
}

std::optional<ParameterType> item_type(ParameterType type)
{
    switch (type) {
    case ParameterType::string_list: return ParameterType::string;
    case ParameterType::path_list: return ParameterType::path;
    case ParameterType::integer_list: return ParameterType::integer;
    case ParameterType::floating_list: return ParameterType::floating;
    case ParameterType::boolean_list: return ParameterType::boolean;
    case ParameterType::integer_list_list: return ParameterType::integer_list;
    default: return std::nullopt;
    }
}

bool is_number(ParameterType type)
{
    return type == ParameterType::integer || type == ParameterType::floating;
}

bool holds_paths(ParameterType type)
{
    return type == ParameterType::path || type == ParameterType::path_list;
}

expr::Type value_type(ParameterType type)
{
    switch (type) {
    case ParameterType::string: return expr::string_type;
    case ParameterType::path: return expr::path_type;
    case ParameterType::integer: return expr::int_type;
    case ParameterType::floating: return expr::float_type;
    case ParameterType::boolean: return expr::bool_type;
    case ParameterType::range:
    case ParameterType::integer_chunk: return expr::range_type;
    default: return value_type(*item_type(type)).list();
    }
}

std::vector<std::string> paths_in(ParameterValue const& parameter)
{
    std::vector<std::string> out;
    if (parameter.type == ParameterType::path)
        out.push_back(parameter.value.text());
    for (std::size_t i = 0;
         parameter.type == ParameterType::path_list && i < parameter.value.size(); ++i)
        out.push_back(parameter.value.at(i).text());
    std::erase(out, std::string());
    return out;
}

expr::Type raw_type(ParameterType type)
{
    if (type == ParameterType::path)
        return expr::string_type;
    return type == ParameterType::path_list ? expr::string_type.list() : value_type(type);
}

}
