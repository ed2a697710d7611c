#include <openjd/job_request.h>
#include <openjd/job_symbols.h>

#include <gtest/gtest.h>

namespace sidereal::openjd {

namespace {

std::string job_text(std::string_view parameters)
{
    auto text = std::string("specificationVersion: jobtemplate-2023-09\nname: Job\n");
    if (!parameters.empty())
        text += "parameterDefinitions: [" + std::string(parameters) + "]\n";
    return text
        + "jobEnvironments: [{name: Own, variables: {A: b}}]\n"
          "steps: [{name: S, script: {actions: {onRun: {command: x}}}}]\n";
}

TemplateText environment(
    std::string_view parameters, std::string_view name = "Outer", std::string_view rest = {})
{
    auto text = std::string("specificationVersion: environment-2023-09\n") + std::string(rest);
    if (!parameters.empty())
        text += "parameterDefinitions: [" + std::string(parameters) + "]\n";
    text += "environment: {name: " + std::string(name) + ", variables: {V: '{{RawParam.P}}'}}\n";
    return { text, "e" };
}

JobRequest request(std::string_view job, std::string_view outer, ParameterTexts given = {})
{
    JobRequest out;
    out.source = { job_text(job), "t", std::move(given) };
    out.source.environments = { environment(outer) };
    return out;
}

std::string value_with(JobRequest const& request)
{
    auto const made = make_job(request);
    return made ? made->parameters.at("P").text() : to_string(made.error());
}

std::string const name = "parameter 'P': ";

}

TEST(JobRequest, environment_templates_come_before_the_jobs_own)
{
    auto asked = request("{name: P, type: STRING, default: x}", "{name: P, type: STRING}");
    asked.source.environments.push_back(environment("{name: P, type: STRING}", "Second"));
    auto const made = make_job(asked);
    ASSERT_TRUE(made) << to_string(made.error());
    ASSERT_EQ(made->environments.size(), 3U);
    EXPECT_EQ(made->environments[0].name, "Outer");
    EXPECT_EQ(made->environments[1].name, "Second");
    EXPECT_EQ(made->environments[2].name, "Own");
}

TEST(JobRequest, the_last_default_counts)
{
    EXPECT_EQ(value_with(request("{name: P, type: STRING, default: job}",
                  "{name: P, type: STRING, default: outer}")),
        "job");
    EXPECT_EQ(
        value_with(request("{name: P, type: STRING}", "{name: P, type: STRING, default: outer}")),
        "outer");
    EXPECT_EQ(value_with(request("", "{name: P, type: STRING, default: outer}")), "outer");
}

TEST(JobRequest, types_and_kinds_of_paths_must_agree)
{
    EXPECT_EQ(value_with(request("{name: P, type: INT}", "{name: P, type: STRING}")),
        "t:3:24: " + name + "is STRING in one template and INT in another");
    EXPECT_EQ(
        value_with(request("{name: P, type: PATH, objectType: FILE}", "{name: P, type: PATH}")),
        "t:3:24: " + name + "has another objectType in another template");
    EXPECT_EQ(value_with(request("{name: P, type: PATH, dataFlow: IN}", "{name: P, type: PATH}")),
        "t:3:24: " + name + "has another dataFlow in another template");
}

TEST(JobRequest, all_constraints_hold)
{
    auto const bounds = [](std::string given) {
        return value_with(request("{name: P, type: INT, minValue: 1, maxValue: 8}",
            "{name: P, type: INT, minValue: 3, maxValue: '10'}", { { "P", std::move(given) } }));
    };
    EXPECT_EQ(bounds("3"), "3");
    EXPECT_EQ(bounds("2"), "t: " + name + "2 is less than the least value 3");
    EXPECT_EQ(bounds("9"), "t: " + name + "9 is more than the greatest value 8");
    auto const lengths = [](std::string given) {
        return value_with(request("{name: P, type: STRING, minLength: 2}",
            "{name: P, type: STRING, minLength: 1, maxLength: 3}", { { "P", std::move(given) } }));
    };
    EXPECT_EQ(lengths("ab"), "ab");
    EXPECT_EQ(lengths("a"), "t: " + name + "'a' has 1 characters; at least 2 are needed");
    EXPECT_EQ(lengths("abcd"), "t: " + name + "'abcd' has 4 characters; at most 3 are allowed");
    auto const allowed = [](std::string given) {
        return value_with(request("{name: P, type: INT, allowedValues: [1, 2, 3]}",
            "{name: P, type: INT, allowedValues: ['2', 3, 4]}", { { "P", std::move(given) } }));
    };
    EXPECT_EQ(allowed("3"), "3");
    EXPECT_EQ(allowed("1"), "t: " + name + "'1' is not among the allowed values: 2, 3");
}

TEST(JobRequest, constraints_that_leave_nothing_are_refused)
{
    EXPECT_EQ(value_with(request("{name: P, type: FLOAT, minValue: 5}",
                  "{name: P, type: FLOAT, maxValue: 4.5}", { { "P", "5" } })),
        "t:3:24: " + name + "the bounds of all templates together leave no value");
    EXPECT_EQ(value_with(request("{name: P, type: STRING, allowedValues: [a]}",
                  "{name: P, type: STRING, allowedValues: [b]}")),
        "t:3:24: " + name + "no value is among the allowedValues of all templates");
    EXPECT_EQ(value_with(request("{name: P, type: INT, default: 5}",
                  "{name: P, type: INT, maxValue: 4}", { { "P", "3" } })),
        "t:3:24: " + name
            + "the default of all templates together: 5 is more than the greatest value 4");
}

TEST(JobRequest, paths_are_checked_after_they_were_joined)
{
    auto asked = request(
        "{name: P, type: PATH, default: a, maxLength: 4}", "{name: P, type: PATH}");
    asked.path_bases = { "/t", "/w" };
    EXPECT_EQ(value_with(asked), "/t/a");
    asked.source.parameters = { { "P", "b" } };
    EXPECT_EQ(value_with(asked), "/w/b");
    asked.path_bases = { "/templates", "/w" };
    asked.source.parameters = {};
    EXPECT_EQ(value_with(asked),
        "t: " + name + "'/templates/a' has 12 characters; at most 4 are allowed");
}

TEST(JobRequest, extensions_that_are_not_allowed_are_refused_in_all_templates)
{
    auto asked = request("{name: P, type: STRING, default: x}", "{name: P, type: STRING}");
    asked.source.environments.push_back(
        environment("{name: P, type: STRING}", "Second", "extensions: [REDACTED_ENV_VARS]\n"));
    EXPECT_EQ(value_with(asked), "x");
    asked.allowed = Extensions();
    EXPECT_EQ(value_with(asked),
        "e:2:14: extensions[0]: the extension REDACTED_ENV_VARS is not allowed; none is allowed "
        "here");
}

TEST(JobRequest, rules_are_applied_to_paths_but_not_to_raw_ones)
{
    using expr::Value;
    PathRules const rules { { PathFormat::posix, "/a", "/x" } };
    Job job;
    job.name = "J";
    job.parameters = { { "P", { ParameterType::path, Value::path("/a/b") } },
        { "L", { ParameterType::path_list, Value::list(expr::path_type, { Value::path("/a") }) } },
        { "S", { ParameterType::string, Value::of("/a/b") } } };
    auto symbols = job_symbols(job, rules);
    add_task_symbols(symbols, { { "Q", ParameterType::path, "/a/c" } }, rules);
    expr::NameValues const expected { { "Job.Name", Value::of("J") },
        { "Param.P", Value::path("/x/b") }, { "RawParam.P", Value::of("/a/b") },
        { "Param.L", Value::list(expr::path_type, { Value::path("/x") }) },
        { "RawParam.L", Value::list(expr::string_type, { Value::of("/a") }) },
        { "Param.S", Value::of("/a/b") }, { "RawParam.S", Value::of("/a/b") },
        { "Task.Param.Q", Value::path("/x/c") }, { "Task.RawParam.Q", Value::of("/a/c") } };
    EXPECT_EQ(symbols, expected);
}

}
