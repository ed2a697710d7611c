#include <openjd/template.h>

#include <gtest/gtest.h>

#include <algorithm>

namespace sidereal::openjd {

namespace {

// A template whose lines are the given ones after the version, name and, unless given, a step.
std::string faults_of(std::string_view lines)
{
    std::string text = "specificationVersion: jobtemplate-2023-09\n";
    if (lines.find("name:") != 0)
        text += "name: Job\n";
    text += lines;
    if (lines.find("steps:") == std::string_view::npos)
        text += "steps: [{name: S, script: {actions: {onRun: {command: 'true'}}}}]\n";
    auto const decoded = decode_job_template(text, "t");
    return decoded ? "no fault" : to_string(decoded.error());
}

// A template with one step that has the given fields beside its name and script.
std::string step_faults(std::string_view lines)
{
    std::string text = "steps:\n- name: S\n  script: {actions: {onRun: {command: 'true'}}}\n";
    return faults_of(text + std::string(lines));
}

std::string parameter_faults(std::string_view fields)
{
    return faults_of("parameterDefinitions: [{name: P, " + std::string(fields) + "}]\n");
}

std::string run_faults(std::string_view fields)
{
    return faults_of("parameterDefinitions: [{name: Out, type: PATH}, {name: Frame, type: INT}]\n"
                     "steps: [{name: S, script: {actions: {onRun: {command: x, "
        + std::string(fields) + "}}}}]\n");
}

}

TEST(Template, the_smallest_template_is_read) { EXPECT_EQ(faults_of(""), "no fault"); }

TEST(Template, all_faults_are_reported_at_their_places)
{
    EXPECT_EQ(faults_of("name: 12\n"
                        "descriptoin: x\n"
                        "steps:\n"
                        "- name: Render\n"
                        "  script:\n"
                        "    actions:\n"
                        "      onRun:\n"
                        "        command: blender\n"
                        "        args: [-b, '{{Param.Scen}}', 7]\n"),
        "t:2:7: name: expected a string (in quotes, if it looks like something else), found a "
        "whole "
        "number\n"
        "t:3:1: unknown field 'descriptoin'; did you mean 'description'?\n"
        "t:10:20: steps[0].script.actions.onRun.args[1]: 'Param.Scen' has no value in a session; "
        "known "
        "here: Session.HasPathMappingRules, Session.PathMappingRulesFile, "
        "Session.WorkingDirectory\n"
        "t:10:38: steps[0].script.actions.onRun.args[2]: expected a string (in quotes, if it looks "
        "like "
        "something else), found a whole number");
}

TEST(Template, other_versions_are_refused)
{
    auto const fault = [](std::string_view text) {
        return to_string(decode_job_template(text, "t").error());
    };
    EXPECT_EQ(fault("name: x\n"),
        "t:1:1: the field 'specificationVersion' is missing; expected 'jobtemplate-2023-09'");
    EXPECT_EQ(fault("specificationVersion: environment-2023-09\n"),
        "t:1:23: specificationVersion: 'environment-2023-09' is not read here; expected "
        "'jobtemplate-2023-09'; this is an environment template");
    EXPECT_EQ(fault("- 1\n"),
        "t:1:1: expected an object with the field specificationVersion, found a list");
}

TEST(Template, lengths_count_characters_and_not_bytes)
{
    std::string name;
    for (int i = 0; i < 128; ++i)
        name += "é";
    EXPECT_EQ(faults_of("name: " + name + "\n"), "no fault");
    EXPECT_EQ(faults_of("name: " + name + "e\n"),
        "t:2:7: name: has 129 characters; at most 128 are allowed");
}

TEST(Template, control_characters_in_names_are_refused)
{
    EXPECT_EQ(faults_of("name: \"a\\tb\"\n"),
        "t:2:7: name: control characters (line breaks and tabs too) are not allowed");
    EXPECT_EQ(faults_of("description: \"a\\tb\\n\"\n"), "no fault");
    EXPECT_EQ(faults_of("description: \"a\\eb\"\n"),
        "t:3:14: description: control characters other than line breaks and tabs are not allowed");
    EXPECT_EQ(faults_of("name: \"a\\x85b\"\n"),
        "t:2:7: name: control characters (line breaks and tabs too) are not allowed");
}

TEST(Template, a_job_name_sees_parameters_but_no_mapped_paths)
{
    std::string const parameters = "parameterDefinitions: [{name: Out, type: PATH}]\n";
    EXPECT_EQ(faults_of("name: 'x {{RawParam.Out}}'\n" + parameters), "no fault");
    EXPECT_EQ(faults_of("name: 'x {{Param.Out}}'\n" + parameters),
        "t:2:7: name: 'Param.Out' has no value when the job is made; the path is known on the node "
        "only, use RawParam.Out here\n"
        "  x {{Param.Out}}\n"
        "    ^~~~~~~~~~~~~");
    EXPECT_EQ(faults_of("name: 'x {{Session.WorkingDirectory}}'\n"),
        "t:2:7: name: 'Session.WorkingDirectory' has no value when the job is made; no name has "
        "one\n"
        "  x {{Session.WorkingDirectory}}\n"
        "    ^~~~~~~~~~~~~~~~~~~~~~~~~~~~");
}

TEST(Template, names_near_the_wanted_one_are_suggested)
{
    EXPECT_EQ(run_faults("args: ['{{Param.Frams}}']"),
        "t:4:65: steps[0].script.actions.onRun.args[0]: 'Param.Frams' has no value in a session; "
        "did "
        "you mean 'Param.Frame'?");
}

TEST(Template, task_values_are_seen_by_the_tasks_only)
{
    std::string const head
        = "steps:\n- name: S\n  parameterSpace: {taskParameterDefinitions: [{name: F, "
          "type: INT, range: '1-3'}]}\n";
    EXPECT_EQ(
        faults_of(head
            + "  script: {actions: {onRun: {command: 'x{{Task.Param.F}}{{Task.RawParam.F}}'}}}\n"),
        "no fault");
    EXPECT_EQ(faults_of(head
                  + "  stepEnvironments: [{name: E, variables: {A: '{{Task.Param.F}}'}}]\n"
                    "  script: {actions: {onRun: {command: x}}}\n"),
        "t:6:47: steps[0].stepEnvironments[0].variables.A: 'Task.Param.F' has no value in a "
        "session; "
        "known here: Session.HasPathMappingRules, Session.PathMappingRulesFile, "
        "Session.WorkingDirectory");
}

TEST(Template, embedded_files_see_each_other)
{
    EXPECT_EQ(faults_of("steps:\n- name: S\n  script:\n"
                        "    embeddedFiles:\n"
                        "    - {name: A, type: TEXT, data: '{{Task.File.B}}'}\n"
                        "    - {name: B, type: TEXT, data: 'x', filename: b.txt, runnable: true}\n"
                        "    actions: {onRun: {command: '{{Task.File.A}}'}}\n"),
        "no fault");
    EXPECT_EQ(faults_of("jobEnvironments:\n"
                        "- name: E\n"
                        "  variables: {A: '{{Env.File.F}}'}\n"
                        "  script:\n"
                        "    embeddedFiles: [{name: F, type: TEXT, data: x}]\n"
                        "    actions: {onEnter: {command: '{{Env.File.F}}'}}\n"),
        "t:5:18: jobEnvironments[0].variables.A: 'Env.File.F' has no value in a session; known "
        "here: "
        "Session.HasPathMappingRules, Session.PathMappingRulesFile, Session.WorkingDirectory");
}

TEST(Template, embedded_files_have_bare_names_and_contents)
{
    auto const fault = [](std::string_view fields) {
        return faults_of(
            "steps: [{name: S, script: {actions: {onRun: {command: x}}, embeddedFiles: "
            "[{name: F, type: TEXT, "
            + std::string(fields) + "}]}}]\n");
    };
    auto const at = [](int column) { return "t:3:" + std::to_string(column) + ": "; };
    EXPECT_EQ(fault("data: x, filename: a/b"),
        at(117)
            + "steps[0].script.embeddedFiles[0].filename: 'a/b' must be the bare name of a file, "
              "without a folder");
    EXPECT_EQ(fault("data: x, filename: .."),
        at(117)
            + "steps[0].script.embeddedFiles[0].filename: '..' must be the bare name of a file, "
              "without a folder");
    EXPECT_EQ(fault("filename: x"),
        at(76) + "steps[0].script.embeddedFiles[0]: the field 'data' is missing");
    EXPECT_EQ(fault("data: ''"),
        at(104) + "steps[0].script.embeddedFiles[0].data: must have at least 1 character");
}

TEST(Template, step_names_differ)
{
    EXPECT_EQ(faults_of("steps:\n- {name: S, script: {actions: {onRun: {command: x}}}}\n"
                        "- {name: S, script: {actions: {onRun: {command: x}}}}\n"),
        "t:5:3: steps[1]: a step 'S' is there already; names must differ");
}

TEST(Template, environment_names_differ_in_what_a_step_sees)
{
    std::string const environment = "{name: E, variables: {A: b}}";
    std::string const script = "script: {actions: {onRun: {command: x}}}";
    EXPECT_EQ(
        faults_of("steps:\n- {name: S, stepEnvironments: [" + environment + "], " + script + "}\n"
            + "- {name: T, stepEnvironments: [" + environment + "], " + script + "}\n"),
        "no fault");
    EXPECT_EQ(
        faults_of("jobEnvironments: [" + environment + "]\nsteps:\n- {name: S, stepEnvironments: ["
            + environment + "], " + script + "}\n"),
        "t:5:39: steps[0].stepEnvironments[0]: an environment 'E' is there already; names must "
        "differ");
}

TEST(Template, an_environment_does_something)
{
    auto const fault = [](std::string_view fields) {
        return faults_of("jobEnvironments: [{name: E" + std::string(fields) + "}]\n");
    };
    EXPECT_EQ(fault(""), "t:3:19: jobEnvironments[0]: needs a script, variables or both");
    EXPECT_EQ(fault(", variables: {}"),
        "t:3:40: jobEnvironments[0].variables: needs at least one variable; leave it out "
        "otherwise");
    EXPECT_EQ(fault(", script: {actions: {}}"),
        "t:3:47: jobEnvironments[0].script.actions: needs onEnter, onExit or both");
    EXPECT_EQ(fault(", variables: {1A: x}"),
        "t:3:41: jobEnvironments[0].variables.1A: '1A' is no name of a variable: letters, digits "
        "and "
        "_ are allowed, no digit first, at most 256 of them");
}

TEST(Template, dependencies_exist_and_make_no_circle)
{
    auto const steps = [](std::string_view a, std::string_view b, std::string_view c) {
        std::string text = "steps:\n";
        for (auto const& [name, targets] :
            { std::pair("A", a), std::pair("B", b), std::pair("C", c) }) {
            text += std::string("- {name: ") + name + ", script: {actions: {onRun: {command: x}}}";
            if (!targets.empty())
                text += ", dependencies: [" + std::string(targets) + "]";
            text += "}\n";
        }
        return faults_of(text);
    };
    EXPECT_EQ(steps("", "{dependsOn: A}", "{dependsOn: A}, {dependsOn: B}"), "no fault");
    EXPECT_EQ(steps("{dependsOn: C}", "{dependsOn: A}", "{dependsOn: B}"),
        "t:4:3: steps[0].dependencies: steps depend on each other in a circle: A -> C -> B -> A");
    EXPECT_EQ(steps("{dependsOn: B}", "{dependsOn: C}", "{dependsOn: B}"),
        "t:5:3: steps[1].dependencies: steps depend on each other in a circle: B -> C -> B");
    EXPECT_EQ(steps("{dependsOn: A}", "", ""),
        "t:4:82: steps[0].dependencies[0].dependsOn: the step 'A' depends on itself");
    EXPECT_EQ(steps("", "{dependsOn: A}, {dependsOn: A}", ""),
        "t:5:98: steps[1].dependencies[1].dependsOn: the step 'A' stands in this list already");
    EXPECT_EQ(steps("{dependsOn: Rendre}", "", ""),
        "t:4:82: steps[0].dependencies[0].dependsOn: there is no step 'Rendre'");
}

TEST(Template, timeouts_and_notice_periods_are_positive_seconds)
{
    EXPECT_EQ(
        run_faults(
            "timeout: 5, cancelation: {mode: NOTIFY_THEN_TERMINATE, notifyPeriodInSeconds: 600}"),
        "no fault");
    auto const path = std::string("steps[0].script.actions.onRun.");
    EXPECT_EQ(
        run_faults("timeout: 0"), "t:4:67: " + path + "timeout: 0 s is outside 1 to 1000000000 s");
    EXPECT_EQ(run_faults("timeout: 1.5"),
        "t:4:67: " + path + "timeout: expected a whole number of seconds, found a number");
    EXPECT_EQ(run_faults("cancelation: {mode: NOTIFY_THEN_TERMINATE, notifyPeriodInSeconds: 601}"),
        "t:4:124: " + path + "cancelation.notifyPeriodInSeconds: 601 s is outside 1 to 600 s");
    EXPECT_EQ(run_faults("cancelation: {mode: TERMINATE, notifyPeriodInSeconds: 5}"),
        "t:4:89: " + path + "cancelation: unknown field 'notifyPeriodInSeconds'; known here: mode");
}

TEST(Template, actions_have_the_defaults_of_the_specification)
{
    auto const decoded = decode_environment_template(
        "specificationVersion: environment-2023-09\n"
        "environment: {name: E, script: {actions: {onEnter: {command: a}, onExit: {command: "
        "b}}}}\n",
        "t");
    ASSERT_TRUE(decoded) << to_string(decoded.error());
    auto const& environment = decoded->environment;
    EXPECT_EQ(environment.on_enter->timeout, std::nullopt);
    EXPECT_EQ(environment.on_exit->timeout, std::nullopt);
    EXPECT_FALSE(environment.on_exit->cancelation);
}

TEST(Template, many_faults_are_cut_short)
{
    std::string text = "steps:\n";
    for (int i = 0; i < 300; ++i)
        text += "- {name: S" + std::to_string(i) + "}\n";
    auto const faults = faults_of(text);
    EXPECT_EQ(std::count(faults.begin(), faults.end(), '\n'), 200);
    EXPECT_TRUE(faults.ends_with("and more faults"));
}

TEST(Template, a_megabyte_of_faults_is_answered_as_shortly)
{
    std::string references;
    for (int i = 0; i < 400; ++i)
        references += "{{Param.UnknownName" + std::to_string(i) + "}}";
    std::string text = "parameterDefinitions:\n";
    for (int i = 0; i < 50; ++i)
        text += "- {name: KnownName" + std::to_string(i) + ", type: INT}\n";
    text += "steps:\n";
    for (int i = 0; i < 90; ++i)
        text += "- {name: S" + std::to_string(i) + ", script: {actions: {onRun: {command: '"
            + references + "'}}}}\n";
    auto const faults = faults_of(text);
    // Each has the place in the text on two lines more.
    EXPECT_EQ(std::count(faults.begin(), faults.end(), '\n'), 600);
    EXPECT_TRUE(faults.ends_with("and more faults"));
}

TEST(ParameterDefinition, types_are_spelt_as_specified)
{
    EXPECT_EQ(parameter_faults("type: int"),
        "t:3:40: parameterDefinitions[0]: 'int' is no type; allowed: STRING, PATH, INT, FLOAT; "
        "it belongs to the extension EXPR: list it under 'extensions' to use it");
    EXPECT_EQ(parameter_faults("type: BOOL"),
        "t:3:40: parameterDefinitions[0]: 'BOOL' is no type; allowed: STRING, PATH, INT, FLOAT; "
        "it belongs to the extension EXPR: list it under 'extensions' to use it");
    EXPECT_EQ(parameter_faults("default: 5"),
        "t:3:24: parameterDefinitions[0]: the field 'type' is missing; allowed: STRING, PATH, INT, "
        "FLOAT");
}

TEST(ParameterDefinition, valid_definitions_pass)
{
    for (auto const fields :
        { "type: STRING, default: ''", "type: STRING, minLength: 0, maxLength: 2000",
            "type: INT, default: '1'", "type: INT, default: 0x10",
            "type: INT, minValue: '1', maxValue: 2, allowedValues: [1, 2], default: 2",
            "type: FLOAT, default: '1e5', minValue: 1",
            "type: FLOAT, allowedValues: ['1.50', 2.5], default: 1.5",
            "type: PATH, default: a/b, objectType: FILE, dataFlow: INOUT",
            "type: STRING, default: null",
            "type: STRING, userInterface: {control: CHECK_BOX, label: Yes, groupLabel: G}, "
            "allowedValues: ['Yes', 'no']",
            "type: INT, userInterface: {control: SPIN_BOX, singleStepDelta: 2}",
            "type: FLOAT, userInterface: {decimals: 2, singleStepDelta: 0.5}",
            "type: PATH, userInterface: {control: CHOOSE_INPUT_FILE, fileFilters: [{label: a, "
            "patterns: "
            "['*.exr', '*', '*.*', '*.a~', '*.(b);^']}], fileFilterDefault: {label: b, patterns: "
            "['*.png']}}",
            "type: PATH, objectType: FILE, userInterface: {fileFilters: [{label: a, patterns: "
            "['*']}]}" })
        EXPECT_EQ(parameter_faults(fields), "no fault") << fields;
}

TEST(ParameterDefinition, invalid_definitions_are_refused)
{
    for (auto const fields :
        { "type: STRING, default: 3", "type: INT, default: 1.5", "type: INT, default: true",
            "type: INT, default: 9223372036854775808", "type: INT, default: '0x10'",
            "type: FLOAT, default: .nan", "type: FLOAT, default: '1e309'",
            "type: FLOAT, default: 'inf'", "type: STRING, allowedValues: []",
            "type: STRING, allowedValues: null", "type: STRING, default: a, allowedValues: [b]",
            "type: INT, allowedValues: [1, 2], minValue: 2", "type: INT, minValue: 3, maxValue: 1",
            "type: INT, minValue: 3, default: 1", "type: STRING, minLength: 3, maxLength: 2",
            "type: STRING, maxLength: 0", "type: STRING, minLength: -1",
            "type: STRING, minLength: '1'", "type: STRING, minLength: 2, default: x",
            "type: STRING, objectType: FILE", "type: INT, minLength: 1",
            "type: PATH, dataFlow: SIDEWAYS", "type: STRING, userInterface: {control: SPIN_BOX}",
            "type: STRING, userInterface: {control: DROPDOWN_LIST}",
            "type: STRING, allowedValues: [a], userInterface: {control: LINE_EDIT}",
            "type: STRING, allowedValues: ['yes', 'off'], userInterface: {control: CHECK_BOX}",
            "type: STRING, allowedValues: ['true'], userInterface: {control: CHECK_BOX}",
            "type: INT, userInterface: {control: SPIN_BOX, singleStepDelta: 0}",
            "type: INT, userInterface: {control: HIDDEN, singleStepDelta: 1}",
            "type: INT, userInterface: {decimals: 1}", "type: STRING, userInterface: {label: ''}",
            "type: PATH, objectType: FILE, userInterface: {control: CHOOSE_DIRECTORY}",
            "type: PATH, objectType: DIRECTORY, userInterface: {control: CHOOSE_INPUT_FILE}",
            "type: PATH, userInterface: {control: CHOOSE_DIRECTORY, fileFilters: [{label: a, "
            "patterns: ['*']}]}",
            "type: PATH, objectType: FILE, userInterface: {fileFilters: [{label: a, patterns: "
            "['a.txt']}]}",
            "type: PATH, objectType: FILE, userInterface: {fileFilters: [{label: a, patterns: "
            "['*.']}]}",
            "type: PATH, objectType: FILE, userInterface: {fileFilters: [{label: a, patterns: "
            "['*.t?t']}]}",
            "type: PATH, objectType: FILE, userInterface: {fileFilters: [{label: a, patterns: "
            "[]}]}",
            "type: PATH, objectType: FILE, userInterface: {fileFilters: []}",
            "type: PATH, userInterface: {fileFilters: [{label: a, patterns: ['*']}]}",
            "type: PATH, objectType: FILE, allowedValues: [a], userInterface: {fileFilters: "
            "[{label: a, patterns: ['*']}]}",
            "type: FLOAT, allowedValues: [1], userInterface: {decimals: 1}",
            "type: INT, allowedValues: [1], userInterface: {singleStepDelta: 1}",
            "type: STRING, description: ''" })
        EXPECT_NE(parameter_faults(fields), "no fault") << fields;
    EXPECT_NE(parameter_faults("type: STRING, default: " + std::string(1025, 'a')), "no fault");
}

TEST(ParameterDefinition, names_are_identifiers_and_differ)
{
    EXPECT_EQ(faults_of("parameterDefinitions: [{name: a-b, type: INT}]\n"),
        "t:3:31: parameterDefinitions[0].name: 'a-b' is no name: letters, digits and _ are "
        "allowed, "
        "and no digit first");
    EXPECT_EQ(faults_of("parameterDefinitions: [{name: A, type: INT}, {name: A, type: PATH}]\n"),
        "t:3:53: parameterDefinitions[1]: a parameter 'A' is defined above already");
}

TEST(ParameterDefinition, at_most_50_in_a_job)
{
    std::string text = "parameterDefinitions:\n";
    for (int i = 0; i < 51; ++i)
        text += "- {name: P" + std::to_string(i) + ", type: INT}\n";
    EXPECT_EQ(faults_of(text),
        "t:4:1: parameterDefinitions: the list has 51 items; at most 50 are allowed");
}

TEST(TaskParameter, ranges_are_checked_where_they_stand)
{
    auto const fault = [](std::string_view fields) {
        return step_faults("  parameterSpace: {taskParameterDefinitions: [{name: F, "
            + std::string(fields) + "}]}\n");
    };
    for (auto const fields : { "type: INT, range: '1-10'", "type: INT, range: [1, '2', 3.0]",
             "type: FLOAT, range: [1, '2.5', 3.5]", "type: STRING, range: [a, '{{RawParam.P}}x']",
             "type: PATH, range: [/a]" })
        EXPECT_EQ(faults_of("parameterDefinitions: [{name: P, type: STRING}]\nsteps:\n- name: S\n"
                            "  script: {actions: {onRun: {command: x}}}\n"
                            "  parameterSpace: {taskParameterDefinitions: [{name: F, "
                      + std::string(fields) + "}]}\n"),
            "no fault")
            << fields;
    for (auto const fields : { "type: INT, range: '10-1'", "type: INT, range: [x]",
             "type: INT, range: []", "type: INT, range: [true]", "type: INT, range: [1.5]",
             "type: INT, range: 5", "type: FLOAT, range: '1-2'", "type: FLOAT, range: [.nan]",
             "type: STRING, range: [1]", "type: STRING, range: ['']", "type: STRING, range: a",
             "type: INT, range: '{{Param.P}}'",
             "type: STRING, range: ['{{Session.WorkingDirectory}}']", "type: INT", "range: '1-2'",
             "type: BOOL, range: [true]", "type: 'CHUNK[INT]', range: '1-10'" })
        EXPECT_NE(fault(fields), "no fault") << fields;
}

TEST(TaskParameter, lists_are_limited_and_expressions_are_not)
{
    std::string list = "[0";
    for (int i = 1; i < 1025; ++i)
        list += "," + std::to_string(i);
    auto const fault = [](std::string_view range) {
        return step_faults(
            "  parameterSpace: {taskParameterDefinitions: [{name: F, type: INT, range: "
            + std::string(range) + "}]}\n");
    };
    EXPECT_EQ(fault(list + "]"),
        "t:6:75: steps[0].parameterSpace.taskParameterDefinitions[0].range: the list has 1025 "
        "items; at "
        "most 1024 are allowed");
    EXPECT_EQ(fault("1-1000000000000"), "no fault");
}

TEST(TaskParameter, combinations_are_checked_where_they_stand)
{
    EXPECT_EQ(
        step_faults(
            "  parameterSpace: {taskParameterDefinitions: [{name: A, type: INT, range: '1'}], "
            "combination: A*B}\n"),
        "t:6:95: steps[0].parameterSpace.combination: 'B' is no task parameter of this step");
}

TEST(HostRequirements, standard_and_own_capabilities_are_read)
{
    for (auto const fields : { "amounts: [{name: amount.worker.vcpu, min: 4, max: 8}, {name: "
                               "Amount.Worker.Memory, min: 1024}]",
             "amounts: [{name: amount.licence.nuke, min: 1.5}, {name: 'acme:amount.seat', max: 1}]",
             "attributes: [{name: attr.worker.os.family, anyOf: [Linux, windows]}]",
             "attributes: [{name: attr.colour, anyOf: [red-1, _b], allOf: [x, y]}]" })
        EXPECT_EQ(step_faults("  hostRequirements: {" + std::string(fields) + "}\n"), "no fault")
            << fields;
}

TEST(HostRequirements, faulty_ones_are_refused)
{
    for (auto const fields : { "", "amounts: []", "amounts: [{name: amount.worker.vcpu}]",
             "amounts: [{name: amount.worker.foo, min: 1}]",
             "amounts: [{name: amount.job.x, min: 1}]", "amounts: [{name: worker.vcpu, min: 1}]",
             "amounts: [{name: amount., min: 1}]", "amounts: [{name: amount.1x, min: 1}]",
             "amounts: [{name: attr.worker.vcpu, min: 1}]",
             "amounts: [{name: amount.worker.vcpu, min: -1}]",
             "amounts: [{name: amount.worker.vcpu, max: 0}]",
             "amounts: [{name: amount.worker.vcpu, min: 3, max: 2}]",
             "amounts: [{name: amount.worker.vcpu, min: .inf}]",
             "amounts: [{name: amount.worker.vcpu, min: 1}, {name: amount.worker.VCPU, min: 1}]",
             "amounts: [{name: 'acme:amount.worker.vcpu', min: 1}]",
             "attributes: [{name: attr.foo}]", "attributes: [{name: attr.foo, anyOf: []}]",
             "attributes: [{name: attr.foo, anyOf: [1x]}]",
             "attributes: [{name: attr.foo, anyOf: [-x]}]",
             "attributes: [{name: attr.foo, anyOf: [a.b]}]",
             "attributes: [{name: attr.worker.os.family, anyOf: [beos]}]",
             "attributes: [{name: attr.worker.os.family, allOf: [linux, windows]}]",
             "attributes: [{name: attr.worker.foo, anyOf: [a]}]" })
        EXPECT_NE(step_faults("  hostRequirements: {" + std::string(fields) + "}\n"), "no fault")
            << fields;
    EXPECT_EQ(step_faults("  hostRequirements: {amounts: [{name: amount.worker.vcpus, min: 1}]}\n"),
        "t:6:39: steps[0].hostRequirements.amounts[0].name: 'amount.worker.vcpus' is no standard "
        "capability; did you mean 'amount.worker.vcpu'?; those of amount.worker are: "
        "amount.worker.vcpu, amount.worker.memory, amount.worker.gpu, amount.worker.gpu.memory, "
        "amount.worker.disk.scratch");
}

TEST(EnvironmentTemplate, is_read_and_checked)
{
    auto const decoded = decode_environment_template(
        "{\"specificationVersion\": \"environment-2023-09\",\n"
        " \"parameterDefinitions\": [{\"name\": \"P\", \"type\": \"STRING\", \"default\": "
        "\"x\"}],\n"
        " \"environment\": {\"name\": \"E\", \"variables\": {\"A\": \"{{Param.P}}\", \"B\": "
        "\"{{Param.Q}}\"}}}",
        "e.json");
    EXPECT_EQ(to_string(decoded.error()),
        "e.json:3:70: environment.variables.B: 'Param.Q' has no value in a session; did you mean "
        "'Param.P'?");
}

}
