#include <openjd/template.h>

#include <openjd/text_rules.h>

#include <algorithm>

namespace sidereal::openjd {

namespace {

template<typename Number>
bool is_allowed(std::vector<std::string> const& allowed, Number value,
    std::optional<Number> (*read)(std::string_view))
{
    return allowed.empty()
        || std::any_of(allowed.begin(), allowed.end(),
            [&](std::string const& text) { return read(text) == value; });
}

tl::unexpected<Error> not_allowed(ParameterDefinition const& definition, std::string_view text)
{
    std::vector<std::string_view> const words(
        definition.allowed_values.begin(), definition.allowed_values.end());
    return fail(ErrorCode::invalid_input, "'{}' is not among the allowed values: {}", excerpt(text),
        comma_list(words));
}

template<typename Number>
Status check_number(ParameterDefinition const& definition, std::string_view text, Number value,
    std::optional<Number> (*read)(std::string_view))
{
    if (definition.min_value && value < read(*definition.min_value).value_or(value))
        return fail(ErrorCode::invalid_input, "{} is less than the least value {}", excerpt(text),
            *definition.min_value);
    if (definition.max_value && value > read(*definition.max_value).value_or(value))
        return fail(ErrorCode::invalid_input, "{} is more than the greatest value {}",
            excerpt(text), *definition.max_value);
    if (!is_allowed(definition.allowed_values, value, read))
        return not_allowed(definition, text);
    return {};
}

Status check_text(
    ParameterDefinition const& definition, std::string_view text, Limits const& limits)
{
    if (find_bad_utf8(text))
        return fail(ErrorCode::invalid_input, "the value is not UTF-8 text, or holds a NUL");
    auto const length = static_cast<std::int64_t>(count_code_points(text));
    auto const longest = static_cast<std::int64_t>(limits.parameter_value);
    if (length > longest)
        return fail(ErrorCode::invalid_input, "the value has {} characters; at most {} are allowed",
            length, longest);
    if (definition.min_length && length < *definition.min_length)
        return fail(ErrorCode::invalid_input, "'{}' has {} characters; at least {} are needed",
            excerpt(text), length, *definition.min_length);
    if (definition.max_length && length > *definition.max_length)
        return fail(ErrorCode::invalid_input, "'{}' has {} characters; at most {} are allowed",
            excerpt(text), length, *definition.max_length);
    auto const& allowed = definition.allowed_values;
    if (!allowed.empty() && std::find(allowed.begin(), allowed.end(), text) == allowed.end())
        return not_allowed(definition, text);
    return {};
}

Diagnostic fault_of(std::string_view file_name, std::string_view parameter, std::string message)
{
    return { std::string(file_name), 0, 0, "parameter '" + std::string(parameter) + "'",
        std::move(message) };
}

}

Result<ParameterValue> check_value(
    ParameterDefinition const& definition, std::string_view text, Limits const& limits)
{
    switch (definition.type) {
    case ParameterType::integer: {
        auto const value = parse_int(trim(text));
        if (!value)
            return fail(ErrorCode::invalid_input,
                "'{}' is no whole number of base 10 in the 64-bit range", excerpt(text));
        TRY(check_number<std::int64_t>(definition, text, *value, parse_int));
        return ParameterValue { definition.type, std::to_string(*value) };
    }
    case ParameterType::floating: {
        auto const kept = trim(text);
        auto const value = parse_float(kept);
        if (!value)
            return fail(
                ErrorCode::invalid_input, "'{}' is no finite decimal number", excerpt(text));
        TRY(check_number<double>(definition, kept, *value, parse_float));
        return ParameterValue { definition.type, std::string(kept) };
    }
    case ParameterType::integer_chunk: break;
    case ParameterType::string:
    case ParameterType::path:
        TRY(check_text(definition, text, limits));
        return ParameterValue { definition.type, std::string(text) };
    }
    return fail(ErrorCode::internal, "parameter '{}' has no type", definition.name);
}

Checked<ParameterValues> check_parameters(std::vector<ParameterDefinition> const& definitions,
    ParameterTexts const& given, std::string_view file_name, Limits const& limits)
{
    Diagnostics faults;
    ParameterValues values;
    std::vector<std::string_view> known;
    for (auto const& definition : definitions) {
        known.push_back(definition.name);
        auto const found = given.find(definition.name);
        if (found == given.end() && !definition.default_text) {
            faults.push_back(fault_of(file_name, definition.name,
                "needs a value: it has no default (" + std::string(to_string(definition.type))
                    + ")"));
            continue;
        }
        auto const& text = found == given.end() ? *definition.default_text : found->second;
        auto value = check_value(definition, text, limits);
        if (value)
            values.emplace(definition.name, std::move(*value));
        else
            faults.push_back(fault_of(file_name, definition.name, value.error().message));
    }
    for (auto const& [name, text] : given) {
        if (std::find(known.begin(), known.end(), name) != known.end())
            continue;
        auto message = "the template has no such parameter" + did_you_mean(name, known);
        message += known.empty() ? "; it has none" : "; it has: " + comma_list(known);
        faults.push_back(fault_of(file_name, excerpt(name), std::move(message)));
    }
    if (!faults.empty())
        return tl::unexpected(std::move(faults));
    return values;
}

}
