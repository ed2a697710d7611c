#include <openjd/job.h>
#include <openjd/job_request.h>
#include <openjd/template.h>

#include <gtest/gtest.h>

namespace sidereal::openjd {

namespace {

using expr::Value;

std::string const head = "specificationVersion: jobtemplate-2023-09\nextensions: [EXPR]\n";
std::string const steps = "steps:\n- name: S\n  script: {actions: {onRun: {command: x}}}\n";

std::string faults_of(std::string const& body)
{
    auto const decoded = decode_job_template(head + body, "t");
    return decoded ? "no fault" : to_string(decoded.error());
}

Checked<Job> made(std::string const& body, ParameterTexts given = {})
{
    return create_job({ head + body, "t", std::move(given) });
}

std::string value_of_p(std::string const& definition, std::string given)
{
    auto const job = made(
        "name: J\nparameterDefinitions: [{name: P, " + definition + "}]\n" + steps,
        { { "P", std::move(given) } });
    return job
        ? to_string(job->parameters.at("P").value.type()) + " " + job->parameters.at("P").text()
        : to_string(job.error());
}

}

TEST(Expressions, a_fault_has_its_place_in_the_document_and_in_the_text)
{
    EXPECT_EQ(faults_of("name: 'a {{ 1 + }}'\n" + steps),
        "t:3:7: name: the expression ends where a value is expected\n"
        "  a {{ 1 + }}\n"
        "           ^");
    EXPECT_EQ(
        faults_of("name: J\nparameterDefinitions: [{name: N, type: INT}]\nsteps:\n- name: S\n"
                  "  script: {actions: {onRun: {command: x, args: ['{{ Param.N.stem }}']}}}\n"),
        "t:7:49: steps[0].script.actions.onRun.args[0]: int has no property 'stem'\n"
        "  {{ Param.N.stem }}\n"
        "     ~~~~~~~~^~~~");
}

TEST(Expressions, names_that_a_stage_does_not_have_are_refused_with_a_way_out)
{
    EXPECT_EQ(faults_of("name: '{{ Param.D.name }}'\n"
                        "parameterDefinitions: [{name: D, type: PATH}]\n"
                  + steps),
        "t:3:7: name: 'Param.D.name' has no value when the job is made; the path is known on the "
        "node only, use RawParam.D here\n"
        "  {{ Param.D.name }}\n"
        "     ^~~~~~~~~~~~");
}

TEST(Expressions, values_have_the_types_of_their_parameters)
{
    EXPECT_EQ(value_of_p("type: bool", "Yes"), "bool true");
    EXPECT_EQ(value_of_p("type: RANGE_EXPR", "1-3, 7"), "range_expr 1-3,7");
    EXPECT_EQ(value_of_p("type: 'LIST[INT]'", "[1, \"2\"]"), "list[int] [1, 2]");
    EXPECT_EQ(value_of_p("type: 'LIST[FLOAT]'", "[1.50, 2]"), "list[float] [1.50, 2]");
    EXPECT_EQ(value_of_p("type: 'LIST[PATH]'", "[\"/a\"]"), "list[path] [\"/a\"]");
    EXPECT_EQ(
        value_of_p("type: 'LIST[BOOL]'", "[true, 0, \"on\"]"), "list[bool] [true, false, true]");
    EXPECT_EQ(value_of_p("type: 'LIST[LIST[INT]]'", "[[1], []]"), "list[list[int]] [[1], []]");
    EXPECT_EQ(value_of_p("type: 'LIST[STRING]'", "[]"), "list[string] []");
}

TEST(Expressions, values_of_lists_are_checked_item_by_item)
{
    auto const fault = [](std::string const& definition, std::string given) {
        return value_of_p(definition, std::move(given))
            .substr(std::string("t: parameter 'P': ").size());
    };
    EXPECT_EQ(fault("type: 'LIST[INT]', item: {minValue: 2}", "[2, 1]"),
        "item [1]: 1 is less than the least value 2");
    EXPECT_EQ(fault("type: 'LIST[STRING]', item: {allowedValues: [a, b]}", "[\"a\", \"c\"]"),
        "item [1]: 'c' is not among the allowed values: a, b");
    EXPECT_EQ(fault("type: 'LIST[LIST[INT]]', item: {item: {maxValue: 5}}", "[[1], [2, 6]]"),
        "item [1]: item [1]: 6 is more than the greatest value 5");
    EXPECT_EQ(fault("type: 'LIST[STRING]', maxLength: 1", "[\"a\", \"c\"]"),
        "the list has 2 items; at most 1 are allowed");
    EXPECT_EQ(fault("type: 'LIST[STRING]'", "[1]"),
        "item [0]: expected a string (in quotes, if it looks like something else), found a whole "
        "number");
    EXPECT_TRUE(fault("type: 'LIST[INT]'", "1, 2").starts_with("a LIST[INT] is given as JSON"));
}

TEST(Expressions, what_the_job_stage_knows_is_worked_out_when_the_job_is_made)
{
    auto const job = made(
        "name: 'J {{ Param.N * 2 }}'\n"
        "parameterDefinitions: [{name: N, type: INT}]\n"
        "steps:\n"
        "- name: S\n"
        "  let: ['half = Param.N // 2', 'both = [half, Param.N]']\n"
        "  hostRequirements: {attributes: [{name: attr.x, anyOf: ['{{ null }}', "
        "'{{ [\"a\", \"b\"] }}']}]}\n"
        "  parameterSpace: {taskParameterDefinitions: [{name: F, type: INT, range: "
        "'{{ both }}'}]}\n"
        "  script: {actions: {onRun: {command: x}}}\n",
        { { "N", "7" } });
    ASSERT_TRUE(job) << to_string(job.error());
    EXPECT_EQ(job->name, "J 14");
    auto const& step = job->steps[0];
    EXPECT_EQ(step.requirements.attributes[0].any_of, (std::vector<std::string> { "a", "b" }));
    EXPECT_EQ(step.space.size(), 2U);
    EXPECT_EQ(step.space.at(0)[0].value, "3");
    EXPECT_EQ(step.values,
        (expr::NameValues { { "Step.Name", Value::of("S") },
            { "half", Value::of(std::int64_t { 3 }) }, { "both", Value::integers({ 3, 7 }) } }));
}

TEST(Expressions, what_only_the_values_bring_to_light_has_its_place)
{
    auto const job = made(
        "name: J\nparameterDefinitions: [{name: N, type: INT}]\nsteps:\n- name: S\n"
        "  let: ['a = 1 // Param.N']\n"
        "  script: {actions: {onRun: {command: x}}}\n",
        { { "N", "0" } });
    ASSERT_FALSE(job);
    EXPECT_EQ(to_string(job.error()),
        "t:7:9: steps[0].let[0]: division by zero\n"
        "   1 // Param.N\n"
        "   ~~^~~~~~~~~~");
}

TEST(Expressions, a_binding_may_hide_no_other)
{
    EXPECT_EQ(faults_of("name: J\nsteps:\n- name: S\n  let: [a = 1]\n"
                        "  script: {let: [a = 2], actions: {onRun: {command: x}}}\n"),
        "t:7:18: steps[0].script.let[0]: 'a' has a value here already; a binding may hide no "
        "other");
}

TEST(Expressions, a_fault_in_a_binding_is_told_once)
{
    auto const faults = faults_of(
        "name: J\nsteps:\n- name: S\n  let: [a = 1 + null, b = a, (c = 1]\n"
        "  script: {actions: {onRun: {command: '{{ a }}{{ b }}'}}}\n");
    EXPECT_EQ(faults.substr(0, faults.find('\n')),
        "t:6:9: steps[0].let[0]: '+' cannot be used with int and nulltype");
    EXPECT_EQ(faults.find("has no value"), std::string::npos) << faults;
}

TEST(Expressions, relative_paths_are_joined_and_uris_kept)
{
    JobRequest request;
    request.source = { head
            + "name: J\nparameterDefinitions:\n"
              "- {name: L, type: 'LIST[PATH]', default: [a, 's3://b//k']}\n"
              "- {name: U, type: PATH}\n"
            + steps,
        "t", { { "U", "s3://b/./k" } } };
    request.path_bases = PathBases { "/bundle", "/here" };
    auto const job = make_job(request);
    ASSERT_TRUE(job) << to_string(job.error());
    EXPECT_EQ(job->parameters.at("L").text(), R"(["/bundle/a", "s3://b//k"])");
    EXPECT_EQ(job->parameters.at("U").text(), "s3://b/./k");
}

TEST(Expressions, one_budget_serves_all_of_a_document)
{
    std::string args;
    for (int i = 0; i < 200; ++i)
        args += "'{{ len([n for n in range(100000)]) }}', ";
    auto const faults = faults_of(
        "name: J\nsteps:\n- name: S\n  script: {actions: {onRun: {command: x, "
        "args: ["
        + args + "]}}}\n");
    EXPECT_NE(faults.find("the expression takes more than"), std::string::npos) << faults;
}

TEST(WrapActions, at_most_one_environment_of_a_session_wraps)
{
    auto const environment = [](std::string const& name) {
        return "{name: " + name
            + ", script: {actions: {onWrapEnvEnter: {command: a}, onWrapTaskRun: {command: b}, "
              "onWrapEnvExit: {command: c}}}}";
    };
    TemplateText const outer { "specificationVersion: environment-2023-09\n"
                               "extensions: [EXPR, WRAP_ACTIONS]\nenvironment: "
            + environment("Outer") + "\n",
        "e" };
    JobRequest request;
    request.source = { head + "name: J\n" + steps, "t", {} };
    request.source.environments = { outer };
    EXPECT_TRUE(make_job(request));
    request.source.environments = { outer, outer };
    EXPECT_EQ(to_string(make_job(request).error()),
        "t:3:7: jobEnvironments: with the environments around the job 2 environments wrap the "
        "actions of one session; at most one may");
    auto const text
        = "specificationVersion: jobtemplate-2023-09\nextensions: [EXPR, WRAP_ACTIONS]\n"
          "name: J\nsteps:\n- name: S\n  stepEnvironments: ["
        + environment("A") + "]\n  script: {actions: {onRun: {command: x}}}\n";
    request.source.template_text = text;
    request.source.environments = { outer };
    EXPECT_EQ(to_string(make_job(request).error()),
        "t:5:3: steps[0].stepEnvironments: with the environments around the job 2 environments "
        "wrap "
        "the actions of one session; at most one may");
    request.source.environments = {};
    EXPECT_TRUE(make_job(request));
}

}
