#include <openjd/job.h>
#include <openjd/template.h>

#include <gtest/gtest.h>

namespace sidereal::openjd {

namespace {

using namespace std::chrono_literals;

// Of a job template that declares FEATURE_BUNDLE_1 and has the given lines, with T=7, Big=1000.
Checked<Job> make(std::string_view lines)
{
    JobSource source;
    source.file_name = "t";
    source.template_text = "specificationVersion: jobtemplate-2023-09\n"
                           "extensions: [FEATURE_BUNDLE_1]\n"
                           "name: Job\n"
                           "parameterDefinitions: [{name: T, type: INT, default: 7}, {name: Big, "
                           "type: INT, default: 1000}, {name: Dir, type: PATH, default: d}]\n"
        + std::string(lines);
    return create_job(source);
}

std::string faults_of(std::string_view lines)
{
    auto const made = make(lines);
    return made ? "no fault" : to_string(made.error());
}

std::string run_faults(std::string_view fields)
{
    return faults_of("steps: [{name: S, script: {actions: {onRun: {command: x, "
        + std::string(fields) + "}}}}]\n");
}

}

TEST(FeatureBundle, simple_actions_are_scripts_with_their_program)
{
    auto const job = make("steps:\n"
                          "- {name: A, bash: {script: 'echo {{Param.T}}', args: [x]}}\n"
                          "- {name: B, cmd: {script: dir, timeout: '{{Param.T}}'}}\n"
                          "- {name: C, powershell: {script: ls}}\n");
    ASSERT_TRUE(job) << to_string(job.error());
    auto const& bash = job->steps[0];
    EXPECT_EQ(bash.on_run.command.text(), "bash");
    ASSERT_EQ(bash.on_run.args.size(), 2U);
    EXPECT_EQ(bash.on_run.args[0].text(), "{{Task.File.bash}}");
    EXPECT_EQ(bash.on_run.args[1].text(), "x");
    ASSERT_EQ(bash.files.size(), 1U);
    EXPECT_EQ(bash.files[0].filename, "bash-script.sh");
    EXPECT_EQ(bash.files[0].data.text(), "echo {{Param.T}}");
    EXPECT_EQ(job->steps[1].on_run.args[0].text(), "/C");
    EXPECT_EQ(job->steps[1].on_run.timeout, Duration(7s));
    EXPECT_EQ(job->steps[2].on_run.args[0].text(), "-File");
}

TEST(FeatureBundle, a_step_has_exactly_one_script)
{
    EXPECT_EQ(faults_of("steps: [{name: S, bash: {script: a}, python: {script: b}}]\n"),
        "t:5:46: steps[0].python: a step has one script; 'bash' is given already");
    EXPECT_EQ(faults_of("steps: [{name: S}]\n"), "t:5:9: steps[0]: the field 'script' is missing");
    EXPECT_EQ(faults_of("steps: [{name: S, bash: {args: [x]}}]\n"),
        "t:5:25: steps[0].bash: the field 'script' is missing");
}

TEST(FeatureBundle, times_may_be_given_by_reference)
{
    auto const job = make(
        "steps:\n"
        "- name: S\n"
        "  stepEnvironments:\n"
        "  - {name: E, script: {actions: {onEnter: {command: x, timeout: '{{Param.T}}'}}}}\n"
        "  script:\n"
        "    actions:\n"
        "      onRun:\n"
        "        command: x\n"
        "        timeout: '1{{Param.T}}'\n"
        "        cancelation:\n"
        "          {mode: NOTIFY_THEN_TERMINATE, notifyPeriodInSeconds: '{{RawParam.T}}'}\n");
    ASSERT_TRUE(job) << to_string(job.error());
    auto const& step = job->steps[0];
    EXPECT_EQ(step.environments[0].on_enter->timeout, Duration(7s));
    EXPECT_EQ(step.on_run.timeout, Duration(17s));
    EXPECT_EQ(step.on_run.cancelation->notify_period, Duration(7s));
    EXPECT_FALSE(step.on_run.timeout_text);
}

TEST(FeatureBundle, times_given_by_reference_are_checked_with_their_values)
{
    EXPECT_EQ(run_faults("timeout: 'x{{Param.T}}'"),
        "t:5:67: steps[0].script.actions.onRun.timeout: 'x7' is no whole number of seconds");
    EXPECT_EQ(run_faults("cancelation: {mode: NOTIFY_THEN_TERMINATE, notifyPeriodInSeconds: "
                         "'{{Param.Big}}'}"),
        "t:5:124: steps[0].script.actions.onRun.cancelation.notifyPeriodInSeconds: 1000 s is "
        "outside 1 to 600 s");
    EXPECT_EQ(run_faults("timeout: '{{Session.WorkingDirectory}}'"),
        "t:5:67: steps[0].script.actions.onRun.timeout: 'Session.WorkingDirectory' has no value "
        "when the job is made; known here: Param.Big, Param.T, RawParam.Big, RawParam.Dir, "
        "RawParam.T");
}

TEST(FeatureBundle, amounts_may_be_given_by_reference)
{
    auto const amounts = [](std::string_view fields) {
        return "steps: [{name: S, hostRequirements: {amounts: [{name: amount.a, "
            + std::string(fields) + "}]}, bash: {script: x}}]\n";
    };
    auto const job = make(amounts("min: '{{Param.T}}.5', max: '8'"));
    ASSERT_TRUE(job) << to_string(job.error());
    EXPECT_EQ(job->steps[0].requirements.amounts[0].min, 7.5);
    EXPECT_EQ(job->steps[0].requirements.amounts[0].max, 8.0);
    auto const path = std::string(": steps[0].hostRequirements.amounts[0].");
    EXPECT_EQ(faults_of(amounts("min: 'x{{Param.T}}'")),
        "t:5:70" + path + "min: 'x7' is no finite number");
    EXPECT_EQ(
        faults_of(amounts("min: '-{{Param.T}}'")), "t:5:70" + path + "min: min must be 0 or more");
    EXPECT_EQ(faults_of(amounts("min: '{{Param.Big}}', max: 3")),
        "t:5:70" + path + "min: max, 3, is less than min, 1000");
}

TEST(FeatureBundle, sizes_are_wider)
{
    std::string const longest(512, 'n');
    EXPECT_EQ(faults_of("steps: [{name: " + longest + ", bash: {script: x}}]\n"), "no fault");
    EXPECT_EQ(faults_of("steps: [{name: n" + longest + ", bash: {script: x}}]\n"),
        "t:5:16: steps[0].name: has 513 characters; at most 512 are allowed");
}

TEST(FeatureBundle, line_ends_are_as_asked_for)
{
    EXPECT_EQ(with_line_ends("a\r\nb\nc\r", LineEnds::lf), "a\nb\nc\r");
    EXPECT_EQ(with_line_ends("a\r\nb\nc\r", LineEnds::crlf), "a\r\nb\r\nc\r");
    EXPECT_EQ(with_line_ends("a\r\nb\n", LineEnds::as_given), "a\r\nb\n");
}

}
