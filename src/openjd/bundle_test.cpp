#include <openjd/bundle.h>

#include <gtest/gtest.h>

namespace sidereal::openjd {

namespace {

std::string const paths = R"(specificationVersion: jobtemplate-2023-09
name: J
parameterDefinitions:
- {name: Scene, type: PATH, default: scenes/../scene.blend}
- {name: Out, type: PATH}
- {name: Note, type: STRING, default: a/b}
- {name: None, type: PATH, default: ''}
steps: [{name: S, script: {actions: {onRun: {command: x}}}}]
)";

}

TEST(Bundle, parameter_values_and_knobs_are_told_apart)
{
    auto const values = parse_parameter_values(R"(parameterValues:
- {name: Frames, value: 1-10}
- {name: Count, value: 0x10}
- {name: Scale, value: 1.50}
- {name: Flag, value: true}
- {name: deadline:priority, value: 70}
- {name: deadline:targetTaskRunStatus, value: SUSPENDED}
- {name: deadline:maxFailedTasksCount, value: 20}
- {name: deadline:maxRetriesPerTask, value: 0}
)",
        "parameter_values.yaml");
    ASSERT_TRUE(values) << to_string(values.error());
    ParameterTexts const expected { { "Count", "16" }, { "Flag", "true" }, { "Frames", "1-10" },
        { "Scale", "1.50" } };
    EXPECT_EQ(values->parameters, expected);
    EXPECT_EQ(values->knobs.priority, 70);
    EXPECT_EQ(values->knobs.start_paused, true);
    EXPECT_EQ(values->knobs.max_failed_tasks, 20u);
    EXPECT_EQ(values->knobs.max_retries_per_task, 0u);
}

TEST(Bundle, faulty_parameter_values_are_refused)
{
    auto const faults = parse_parameter_values(R"({"parameterValues": [
 {"name": "A", "value": [{}]},
 {"name": "B", "value": 1}, {"name": "B", "value": 2},
 {"name": "deadline:priority", "value": 101},
 {"name": "deadline:targetTaskRunStatus", "value": "OFF"},
 {"name": "deadline:colour", "value": 1}, {"value": 1}]})",
        "v.json");
    EXPECT_EQ(to_string(faults.error()),
        "v.json:2:25: parameterValues[0].value: expected a string, a number, a truth "
        "or a list of them\n"
        "v.json:3:38: parameterValues[2].name: 'B' has a value above already\n"
        "v.json:4:41: parameterValues[3].value: 101 is outside 0 to 100\n"
        "v.json:5:52: parameterValues[4].value: 'OFF' is not known here; allowed: READY, "
        "SUSPENDED\n"
        "v.json:6:39: parameterValues[5].value: 'deadline:colour' is no setting of the scheduler; "
        "known: deadline:priority, deadline:targetTaskRunStatus, deadline:maxFailedTasksCount, "
        "deadline:maxRetriesPerTask\n"
        "v.json:6:43: parameterValues[6]: the field 'name' is missing");
}

TEST(Bundle, asset_references_are_read)
{
    auto const assets = parse_asset_references(R"(assetReferences:
  inputs: {filenames: [a.blend, b.exr], directories: [textures]}
  outputs: {directories: [out]}
  referencedPaths: [/mnt/x]
)",
        "asset_references.yaml");
    ASSERT_TRUE(assets) << to_string(assets.error());
    EXPECT_EQ(assets->input_filenames, (std::vector<std::string> { "a.blend", "b.exr" }));
    EXPECT_EQ(assets->input_directories, std::vector<std::string> { "textures" });
    EXPECT_EQ(assets->output_directories, std::vector<std::string> { "out" });
    EXPECT_EQ(assets->referenced_paths, std::vector<std::string> { "/mnt/x" });
}

TEST(Bundle, paths_become_absolute)
{
    auto const source = with_absolute_paths(
        { paths, "t", { { "Out", "../renders" }, { "Note", "../x" } } }, "/jobs/film",
        "/home/ann/work");
    ASSERT_TRUE(source) << to_string(source.error());
    ParameterTexts const expected { { "None", "" }, { "Note", "../x" },
        { "Out", "/home/ann/renders" }, { "Scene", "/jobs/film/scene.blend" } };
    EXPECT_EQ(source->parameters, expected);
}

TEST(Bundle, absolute_values_stay)
{
    auto const source = with_absolute_paths(
        { paths, "t", { { "Out", "/a/../b" }, { "Scene", "C:\\x.blend" } } }, "/jobs", "/home");
    ASSERT_TRUE(source) << to_string(source.error());
    ParameterTexts const expected { { "None", "" }, { "Out", "/a/../b" },
        { "Scene", "C:\\x.blend" } };
    EXPECT_EQ(source->parameters, expected);
}

TEST(Bundle, defaults_must_not_leave_the_templates_folder)
{
    auto text = paths;
    text.replace(text.find("scenes/../scene.blend"), 21, "a/../../secret");
    auto const outside = with_absolute_paths({ text, "t", {} }, "/jobs/film", "/home");
    EXPECT_EQ(to_string(outside.error()),
        "t:4:3: parameter 'Scene': the default 'a/../../secret' leaves the template's folder");
    text.replace(text.find("a/../../secret"), 14, "/etc/passwd");
    auto const absolute = with_absolute_paths({ text, "t", {} }, "/jobs/film", "/home");
    EXPECT_EQ(to_string(absolute.error()),
        "t:4:3: parameter 'Scene': the default '/etc/passwd' is absolute; a default must be "
        "relative to "
        "the template's folder, or a value must be given");
}

}
