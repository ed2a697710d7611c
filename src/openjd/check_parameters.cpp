#include <openjd/parameter_definition.h>

#include <openjd/parameter_value.h>
#include <openjd/text_rules.h>

#include <fmt/format.h>

#include <algorithm>
#include <optional>
#include <span>
#include <utility>

namespace sidereal::openjd {

namespace {

using expr::Value;

bool is_less(Value const& a, Value const& b) { return expr::compare(a, b).value_or(0) < 0; }

// The rules of one level, read once for all the items of a list.
class Judge {
public:
    Judge(ValueRules const& rules, ParameterType type)
        : rules_(rules)
        , least_(read(rules.min_value, type))
        , most_(read(rules.max_value, type))
    {
        for (auto const& text : rules.allowed_values) {
            if (auto value = value_of(text, type))
                allowed_.push_back(std::move(*value));
        }
        std::sort(allowed_.begin(), allowed_.end(), is_less);
    }

    ValueRules const& rules() const { return rules_; }

    Status check(Value const& value) const
    {
        if (least_ && is_less(value, *least_))
            return fail(ErrorCode::invalid_input, "{} is less than the least value {}",
                excerpt(value.to_text()), *rules_.min_value);
        if (most_ && is_less(*most_, value))
            return fail(ErrorCode::invalid_input, "{} is more than the greatest value {}",
                excerpt(value.to_text()), *rules_.max_value);
        if (allowed_.empty()
            || std::binary_search(allowed_.begin(), allowed_.end(), value, is_less))
            return {};
        std::vector<std::string_view> const words(
            rules_.allowed_values.begin(), rules_.allowed_values.end());
        return fail(ErrorCode::invalid_input, "'{}' is not among the allowed values: {}",
            excerpt(value.to_text()), comma_list(words));
    }

private:
    static std::optional<Value> read(std::optional<std::string> const& text, ParameterType type)
    {
        auto value = text ? value_of(*text, type) : Result<Value>();
        return text && value ? std::optional(std::move(*value)) : std::nullopt;
    }

    ValueRules const& rules_;
    std::optional<Value> least_;
    std::optional<Value> most_;
    std::vector<Value> allowed_;
};

// `what` has a length of `count` such as "3 characters".
Status check_length(
    ValueRules const& rules, std::string_view what, std::size_t count, std::string_view unit)
{
    auto const length = static_cast<std::int64_t>(count);
    if (rules.min_length && length < *rules.min_length)
        return fail(ErrorCode::invalid_input, "{} has {} {}; at least {} are needed", what, length,
            unit, *rules.min_length);
    if (rules.max_length && length > *rules.max_length)
        return fail(ErrorCode::invalid_input, "{} has {} {}; at most {} are allowed", what, length,
            unit, *rules.max_length);
    return {};
}

Status check_length(ValueRules const& rules, std::string_view text)
{
    return check_length(
        rules, fmt::format("'{}'", excerpt(text)), count_code_points(text), "characters");
}

Status check_rules(Value const& value, ParameterType type, std::span<Judge const> judges)
{
    auto const& judge = judges.front();
    auto const item = item_type(type);
    if (!item) {
        if (type == ParameterType::string || type == ParameterType::path)
            TRY(check_length(judge.rules(), value.text()));
        return judge.check(value);
    }
    TRY(check_length(judge.rules(), "the list", value.size(), "items"));
    for (std::size_t i = 0; i < value.size(); ++i) {
        auto const checked = check_rules(value.at(i), *item, judges.subspan(1));
        if (!checked)
            return fail(ErrorCode::invalid_input, "item [{}]: {}", i, checked.error().message);
    }
    return {};
}

// Of a value that is one text; those of lists have the bounds of documents.
Status check_size(
    ParameterDefinition const& definition, std::string_view text, Limits const& limits)
{
    if (find_bad_utf8(text))
        return fail(ErrorCode::invalid_input, "the value is not UTF-8 text, or holds a NUL");
    bool const is_range = definition.type == ParameterType::range;
    if (!is_range && definition.type != ParameterType::string
        && definition.type != ParameterType::path)
        return {};
    auto const length = count_code_points(text);
    if (is_range && definition.rules[0].max_length)
        return check_length(definition.rules[0], text);
    if (length > limits.parameter_value)
        return fail(ErrorCode::invalid_input, "the value has {} characters; at most {} are allowed",
            length, limits.parameter_value);
    return is_range ? check_length(definition.rules[0], text) : Status();
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
    TRY(check_size(definition, text, limits));
    auto value = TRY(value_of(text, definition.type));
    std::vector<Judge> judges;
    auto type = std::optional(definition.type);
    for (std::size_t level = 0; type; ++level, type = item_type(*type))
        judges.emplace_back(definition.rules.at(level), *type);
    TRY(check_rules(value, definition.type, judges));
    return ParameterValue { definition.type, std::move(value) };
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
