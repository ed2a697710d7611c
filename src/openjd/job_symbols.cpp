#include <openjd/job_symbols.h>

#include <openjd/parameter_value.h>

#include <fmt/format.h>

#include <utility>

namespace sidereal::openjd {

expr::Value raw_value(ParameterValue const& parameter)
{
    auto const& value = parameter.value;
    if (parameter.type == ParameterType::path)
        return expr::Value::of(value.text());
    if (parameter.type != ParameterType::path_list)
        return value;
    std::vector<expr::Value> texts;
    for (std::size_t i = 0; i < value.size(); ++i)
        texts.push_back(expr::Value::of(value.at(i).text()));
    return expr::Value::list(expr::string_type, std::move(texts));
}

namespace {

expr::Value mapped(ParameterValue const& parameter, PathRules const& rules)
{
    auto const& value = parameter.value;
    if (!holds_paths(parameter.type) || rules.empty())
        return value;
    if (parameter.type == ParameterType::path)
        return expr::Value::path(map_path(rules, value.text()));
    std::vector<expr::Value> paths;
    for (std::size_t i = 0; i < value.size(); ++i)
        paths.push_back(expr::Value::path(map_path(rules, value.at(i).text())));
    return expr::Value::list(expr::path_type, std::move(paths));
}

void add_symbols(expr::NameValues& symbols, std::string_view scope, std::string_view name,
    ParameterValue const& value, PathRules const& rules)
{
    symbols.insert_or_assign(fmt::format("{}Param.{}", scope, name), mapped(value, rules));
    symbols.insert_or_assign(fmt::format("{}RawParam.{}", scope, name), raw_value(value));
}

}

expr::NameValues job_symbols(Job const& job, PathRules const& rules)
{
    expr::NameValues out { { "Job.Name", expr::Value::of(job.name) } };
    for (auto const& [name, value] : job.parameters)
        add_symbols(out, "", name, value, rules);
    return out;
}

void add_task_symbols(expr::NameValues& symbols, TaskParameters const& task, PathRules const& rules)
{
    for (auto const& parameter : task) {
        // What does not fit its type, such as a task that was given by hand, stays text.
        auto value = value_of(parameter.value, parameter.type);
        add_symbols(symbols, "Task.", parameter.name,
            { parameter.type, value ? std::move(*value) : expr::Value::of(parameter.value) },
            rules);
    }
}

}
