#include <openjd/parameter_definition.h>

#include <openjd/parameter_value.h>

#include <fmt/format.h>

#include <algorithm>
#include <utility>

namespace sidereal::openjd {

namespace {

// Below zero, zero, above zero.
int compare_numbers(ParameterType type, std::string const& a, std::string const& b)
{
    auto const left = value_of(a, type);
    auto const right = value_of(b, type);
    return left && right ? expr::compare(*left, *right).value_or(0) : 0;
}

// Merges one definition into those before it; complains with whatever does not go together.
class Merge {
public:
    Merge(ParameterDefinition& into, ParameterDefinition&& next, Diagnostics& faults,
        std::string_view file_name)
        : into_(into)
        , next_(next)
        , faults_(faults)
        , file_name_(file_name)
    {
    }

    void run()
    {
        if (into_.type != next_.type)
            return fault("is {} in one template and {} in another", to_string(into_.type),
                to_string(next_.type));
        if (into_.object_type != next_.object_type)
            return fault("has another objectType in another template");
        if (into_.data_flow != next_.data_flow)
            return fault("has another dataFlow in another template");
        auto type = std::optional(into_.type);
        for (std::size_t level = 0; type; ++level, type = item_type(*type)) {
            merge_bounds(*type, into_.rules.at(level), next_.rules.at(level));
            merge_allowed(*type, into_.rules.at(level), next_.rules.at(level));
        }
        if (next_.default_text)
            into_.default_text = std::move(next_.default_text);
        if (next_.user_interface)
            into_.user_interface = std::move(next_.user_interface);
        if (!next_.description.empty())
            into_.description = std::move(next_.description);
        into_.line = next_.line;
        into_.column = next_.column;
    }

private:
    template<typename... Args>
    void fault(fmt::format_string<Args...> format, Args&&... args)
    {
        faults_.push_back({ std::string(file_name_), next_.line, next_.column,
            "parameter '" + next_.name + "'", fmt::format(format, std::forward<Args>(args)...) });
    }

    void merge_bounds(ParameterType type, ValueRules& into, ValueRules& next)
    {
        auto const tighter = [&](auto& bound, auto& other, bool upper) {
            if (!other)
                return;
            if (!bound || (compare_numbers(type, *other, *bound) > 0) != upper)
                bound = std::move(other);
        };
        tighter(into.min_value, next.min_value, false);
        tighter(into.max_value, next.max_value, true);
        if (next.min_length)
            into.min_length = std::max(into.min_length.value_or(0), *next.min_length);
        if (next.max_length)
            into.max_length = std::min(
                into.max_length.value_or(*next.max_length), *next.max_length);
        bool const crossed = into.min_value && into.max_value
            && compare_numbers(type, *into.min_value, *into.max_value) > 0;
        if (crossed || (into.min_length && into.max_length && *into.min_length > *into.max_length))
            fault("the bounds of all templates together leave no value");
    }

    void merge_allowed(ParameterType type, ValueRules& into, ValueRules& next)
    {
        auto& allowed = into.allowed_values;
        if (next.allowed_values.empty())
            return;
        if (allowed.empty()) {
            allowed = std::move(next.allowed_values);
            return;
        }
        auto const same = [&](std::string const& a, std::string const& b) {
            return is_number(type) ? compare_numbers(type, a, b) == 0 : a == b;
        };
        std::erase_if(allowed, [&](std::string const& value) {
            return std::none_of(next.allowed_values.begin(), next.allowed_values.end(),
                [&](std::string const& other) { return same(value, other); });
        });
        if (allowed.empty())
            fault("no value is among the allowedValues of all templates");
    }

    ParameterDefinition& into_;
    ParameterDefinition& next_;
    Diagnostics& faults_;
    std::string_view file_name_;
};

}

Checked<std::vector<ParameterDefinition>> merge_parameters(
    std::vector<std::vector<ParameterDefinition>> lists, std::string_view file_name)
{
    std::vector<ParameterDefinition> out;
    std::vector<bool> merged;
    Diagnostics faults;
    for (auto& list : lists) {
        for (auto& definition : list) {
            auto const known = std::find_if(out.begin(), out.end(),
                [&](auto const& other) { return other.name == definition.name; });
            if (known == out.end()) {
                out.push_back(std::move(definition));
                merged.push_back(false);
                continue;
            }
            merged[static_cast<std::size_t>(known - out.begin())] = true;
            Merge(*known, std::move(definition), faults, file_name).run();
        }
    }
    for (std::size_t i = 0; i < out.size() && faults.empty(); ++i) {
        if (!merged[i] || !out[i].default_text)
            continue;
        auto const checked = check_value(out[i], *out[i].default_text);
        if (!checked)
            faults.push_back({ std::string(file_name), out[i].line, out[i].column,
                "parameter '" + out[i].name + "'",
                "the default of all templates together: " + checked.error().message });
    }
    if (!faults.empty())
        return tl::unexpected(std::move(faults));
    return out;
}

}
