#include <openjd/job.h>
#include <openjd/job_symbols.h>

#include <gtest/gtest.h>

#include <chrono>

namespace sidereal::openjd {

namespace {

std::string const render = R"(specificationVersion: jobtemplate-2023-09
name: "Render {{Param.Scene}} {{RawParam.Out}}"
parameterDefinitions:
- {name: Scene, type: STRING, maxLength: 200}
- {name: Out, type: PATH, default: /out}
- {name: Frames, type: STRING, default: 1-4}
- {name: Scale, type: FLOAT, default: 1.50, maxValue: 10}
- {name: Cpus, type: INT, default: 4, minValue: 1}
steps:
- name: Render
  hostRequirements:
    amounts: [{name: amount.worker.VCPU, min: 4}]
    attributes:
    - {name: attr.worker.os.family, anyOf: [Linux]}
    - {name: "attr.{{Param.Scene}}", allOf: ["v{{Param.Cpus}}"]}
  parameterSpace:
    taskParameterDefinitions:
    - {name: Frame, type: INT, range: "{{Param.Frames}}"}
    - {name: Layer, type: STRING, range: ["{{Param.Scene}}-bg", fg]}
  script:
    actions:
      onRun: {command: blender, args: ["{{Param.Out}}", "{{Task.Param.Frame}}"], timeout: 60}
- name: Film
  dependencies: [{dependsOn: Render}]
  script: {actions: {onRun: {command: ffmpeg}}}
)";

std::string faults_of(ParameterTexts parameters, std::string const& text = render)
{
    auto const job = create_job({ text, "t", std::move(parameters) });
    return job ? "no fault" : to_string(job.error());
}

std::string frames(std::string_view range)
{
    return "specificationVersion: jobtemplate-2023-09\nname: J\nsteps:\n- name: S\n"
           "  parameterSpace: {taskParameterDefinitions: [{name: F, type: INT, range: "
        + std::string(range) + "}]}\n  script: {actions: {onRun: {command: x}}}\n";
}

}

TEST(CreateJob, strings_of_the_job_stage_are_resolved)
{
    auto const job = create_job(
        { render, "t", { { "Scene", "cube" }, { "Frames", "1-3" }, { "Cpus", "+08" } } });
    ASSERT_TRUE(job) << to_string(job.error());
    EXPECT_EQ(job->name, "Render cube /out");
    using expr::Value;
    ParameterValues const parameters {
        { "Cpus", { ParameterType::integer, Value::of(std::int64_t { 8 }) } },
        { "Frames", { ParameterType::string, Value::of("1-3") } },
        { "Out", { ParameterType::path, Value::path("/out") } },
        { "Scale", { ParameterType::floating, Value::of(1.5, "1.50") } },
        { "Scene", { ParameterType::string, Value::of("cube") } }
    };
    EXPECT_EQ(job->parameters, parameters);
    ASSERT_EQ(job->steps.size(), 2u);
    auto const& step = job->steps[0];
    EXPECT_EQ(step.space.size(), 6u);
    TaskParameters const third { { "Frame", ParameterType::integer, "2" },
        { "Layer", ParameterType::string, "cube-bg" } };
    EXPECT_EQ(step.space.at(2), third);
    EXPECT_EQ(step.requirements.amounts[0].name, "amount.worker.vcpu");
    EXPECT_EQ(step.requirements.attributes[0].any_of, std::vector<std::string> { "linux" });
    EXPECT_EQ(step.requirements.attributes[1].name, "attr.cube");
    EXPECT_EQ(step.requirements.attributes[1].all_of, std::vector<std::string> { "v8" });
    EXPECT_EQ(job->steps[1].depends_on, std::vector<std::size_t> { 0 });
}

TEST(CreateJob, strings_of_the_host_stage_keep_their_references)
{
    auto const job = create_job({ render, "t", { { "Scene", "cube" } } });
    ASSERT_TRUE(job) << to_string(job.error());
    auto const& run = job->steps[0].on_run;
    EXPECT_EQ(run.args[0].text(), "{{Param.Out}}");
    EXPECT_EQ(run.timeout, std::chrono::seconds(60));
    expr::Names names { job_symbols(*job) };
    add_task_symbols(names.values, job->steps[0].space.at(7));
    expr::Context context { .names = &names };
    EXPECT_EQ(run.args[0].resolve(context), expr::Value::of("/out"));
    EXPECT_EQ(run.args[1].resolve(context), expr::Value::of("4"));
}

TEST(CreateJob, parameters_are_checked_together)
{
    EXPECT_EQ(faults_of({ { "Scale", "11" }, { "Cpus", "four" }, { "Scean", "x" } }),
        "t: parameter 'Scene': needs a value: it has no default (STRING)\n"
        "t: parameter 'Scale': 11 is more than the greatest value 10\n"
        "t: parameter 'Cpus': 'four' is no whole number of base 10 in the 64-bit range\n"
        "t: parameter 'Scean': the template has no such parameter; did you mean 'Scene'?; it has: "
        "Scene, Out, Frames, Scale, Cpus");
}

TEST(CreateJob, what_only_the_values_bring_to_light_is_refused_at_its_place)
{
    EXPECT_EQ(faults_of({ { "Scene", "cube" }, { "Frames", "4-1" } }),
        "t:18:7: steps[0].parameterSpace.taskParameterDefinitions[0].range: the range 4-1 goes "
        "down and "
        "needs a negative step, such as 4-1:-1");
    EXPECT_EQ(faults_of({ { "Scene", std::string(120, 'x') } }),
        "t:2:7: name: the job's name has 132 characters with these values; allowed are 1 to 128\n"
        "t:15:7: steps[0].hostRequirements.attributes[1]: a capability's name has at most 100 "
        "characters");
    EXPECT_EQ(faults_of({ { "Scene", "a b" } }).substr(0, 49),
        "t:15:7: steps[0].hostRequirements.attributes[1]: ");
}

TEST(CreateJob, values_are_never_read_as_references)
{
    auto const job = create_job(
        { render, "t", { { "Scene", "x" }, { "Out", "{{Param.Scene}}" } } });
    ASSERT_TRUE(job) << to_string(job.error());
    EXPECT_EQ(job->name, "Render x {{Param.Scene}}");
}

TEST(CreateJob, side_by_side_parameters_need_equal_counts)
{
    std::string const text
        = "specificationVersion: jobtemplate-2023-09\nname: J\nsteps:\n- name: S\n"
          "  parameterSpace:\n    taskParameterDefinitions:\n"
          "    - {name: A, type: INT, range: 1-3}\n"
          "    - {name: B, type: INT, range: 1-4}\n    combination: (A, B)\n"
          "  script: {actions: {onRun: {command: x}}}\n";
    EXPECT_EQ(faults_of({}, text),
        "t:7:7: steps[0].parameterSpace: side by side in (A, B) need equally many values: A has 3, "
        "B "
        "has 4");
}

// Were the tasks listed anywhere, this would end neither in time nor in memory.
TEST(CreateJob, a_quintillion_tasks_cost_no_more_than_one)
{
    auto const job = create_job({ frames("1-1000000000000000000"), "t", {} });
    ASSERT_TRUE(job) << to_string(job.error());
    auto const& space = job->steps[0].space;
    EXPECT_EQ(space.size(), 1'000'000'000'000'000'000u);
    EXPECT_EQ(space.at(999'999'999'999'999'999)[0].value, "1000000000000000000");
}

TEST(CreateJob, hostile_values_are_refused)
{
    EXPECT_EQ(faults_of({ { "Scene", "\xff" } }),
        "t: parameter 'Scene': the value is not UTF-8 text, or holds a NUL");
    EXPECT_EQ(faults_of({ { "Scene", std::string("a\0b", 3) } }),
        "t: parameter 'Scene': the value is not UTF-8 text, or holds a NUL");
    EXPECT_EQ(faults_of({ { "Scene", std::string(10'000'000, 'x') } }),
        "t: parameter 'Scene': the value has 10000000 characters; at most 1024 are allowed");
    EXPECT_EQ(faults_of({ { "Scene", "a\nb" } }).substr(0, 79),
        "t:2:7: name: the job's name has control characters with these values\nt:15:7: st");
}

}
