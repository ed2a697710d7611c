#include <openjd/template.h>

#include <gtest/gtest.h>

namespace sidereal::openjd {

namespace {

// Of a job template that begins with the given lines.
std::string faults_of(std::string_view lines, Extensions allowed = supported_extensions)
{
    auto const text = "specificationVersion: jobtemplate-2023-09\nname: Job\n" + std::string(lines)
        + (lines.find("steps:") == std::string_view::npos
                ? "steps: [{name: S, script: {actions: {onRun: {command: 'true'}}}}]\n"
                : "");
    auto const decoded = decode_job_template(text, "t", allowed);
    return decoded ? "no fault" : to_string(decoded.error());
}

constexpr Extensions redaction { Extension::redacted_env_vars };

}

TEST(Extension, declared_ones_are_kept)
{
    auto const decoded = decode_job_template(
        R"({"specificationVersion": "jobtemplate-2023-09", "name": "Job",
            "extensions": ["REDACTED_ENV_VARS"],
            "steps": [{"name": "S", "script": {"actions": {"onRun": {"command": "true"}}}}]})",
        "t");
    ASSERT_TRUE(decoded) << to_string(decoded.error());
    EXPECT_EQ(decoded->extensions, redaction);
}

TEST(Extension, an_unknown_one_is_refused_as_a_whole)
{
    EXPECT_EQ(faults_of("extensions: [REDACTED_ENV_VARZ]\nsteps: []\n", redaction),
        "t:3:14: extensions[0]: there is no extension 'REDACTED_ENV_VARZ'; did you mean "
        "'REDACTED_ENV_VARS'?; allowed here: REDACTED_ENV_VARS");
    EXPECT_EQ(faults_of("extensions: []\n"),
        "t:3:13: extensions: the list has 0 items; at least 1 must be there");
}

TEST(Extension, one_that_is_not_allowed_here_is_refused)
{
    EXPECT_EQ(faults_of("extensions: [REDACTED_ENV_VARS]\n", Extensions()),
        "t:3:14: extensions[0]: the extension REDACTED_ENV_VARS is not allowed; none is allowed "
        "here");
    EXPECT_EQ(faults_of("extensions: [REDACTED_ENV_VARS]\n", redaction), "no fault");
}

TEST(Extension, fields_of_one_need_its_declaration)
{
    EXPECT_EQ(faults_of("steps:\n"
                        "- name: S\n"
                        "  let: [a = 1]\n"
                        "  script:\n"
                        "    actions: {onRun: {command: 'true', timeout: '{{Param.T}}'}}\n"
                        "    embeddedFiles: [{name: F, type: TEXT, data: d, endOfLine: LF}]\n"),
        "t:5:3: steps[0]: the field 'let' belongs to the extension EXPR: list it under "
        "'extensions' to use it\n"
        "t:7:49: steps[0].script.actions.onRun.timeout: a number given as a string belongs to the "
        "extension FEATURE_BUNDLE_1: list it under 'extensions' to use it\n"
        "t:8:52: steps[0].script.embeddedFiles[0]: the field 'endOfLine' belongs to the extension "
        "FEATURE_BUNDLE_1: list it under 'extensions' to use it");
}

TEST(Extension, a_check_knows_both_kinds_of_template)
{
    std::string const environment = "specificationVersion: environment-2023-09\n"
                                    "environment: {name: E, variables: {A: b}}\n";
    EXPECT_EQ(to_string(check_template(environment, "t")), "");
    EXPECT_EQ(to_string(check_template(environment + "x: 1\n", "t")),
        "t:3:1: unknown field 'x'; known here: specificationVersion, $schema, extensions, "
        "parameterDefinitions, environment");
    EXPECT_EQ(to_string(check_template("a: 1\n", "t")),
        "t:1:1: the field 'specificationVersion' is missing; expected 'jobtemplate-2023-09'");
}

TEST(Extension, names_are_spelt_as_the_specification_does)
{
    EXPECT_EQ(parse_extension("TASK_CHUNKING"), Extension::task_chunking);
    EXPECT_EQ(parse_extension("task_chunking"), std::nullopt);
    EXPECT_EQ((Extensions { Extension::wrap_actions, Extension::expr }.names()),
        (std::vector<std::string_view> { "EXPR", "WRAP_ACTIONS" }));
}

}
