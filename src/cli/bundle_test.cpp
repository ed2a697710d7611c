#include <cli/bundle.h>

#include <io/file.h>
#include <io/test_folder.h>

#include <gtest/gtest.h>

namespace sidereal::cli {

namespace {

constexpr char const* film = R"(specificationVersion: jobtemplate-2023-09
name: film
parameterDefinitions:
  - { name: Scene, type: PATH, objectType: FILE, dataFlow: IN, default: scene.py }
  - { name: Out, type: PATH, objectType: DIRECTORY, dataFlow: OUT, default: out }
  - { name: Frames, type: STRING, default: "1-4" }
steps:
  - name: Frames
    script: { actions: { onRun: { command: "true" } } }
)";

class BundleTest : public testing::Test {
protected:
    void write(std::string const& name, std::string_view content)
    {
        ASSERT_TRUE(io::write_file(folder_ + "/" + name, content));
    }

    io::testing::TemporaryFolder temporary_;
    std::string folder_ { temporary_.path() };
};

TEST_F(BundleTest, values_given_by_hand_win_and_lie_where_the_person_stands)
{
    write("template.yaml", film);
    write("parameter_values.yaml",
        "parameterValues:\n  - { name: Frames, value: 1-9 }\n  - { name: Scene, value: a/b.py }\n");
    auto const bundle = load_bundle(folder_, { "Out=pictures" }, "/shot/here");
    ASSERT_TRUE(bundle) << openjd::to_string(bundle.error().diagnostics);
    EXPECT_EQ(bundle->source.parameters,
        (openjd::ParameterTexts { { "Frames", "1-9" }, { "Out", "/shot/here/pictures" },
            { "Scene", folder_ + "/a/b.py" } }));
}

TEST_F(BundleTest, missing_input_is_named)
{
    write("template.yaml", film);
    auto const bundle = load_bundle(folder_, {}, "/");
    ASSERT_TRUE(bundle) << openjd::to_string(bundle.error().diagnostics);
    auto const status = check_inputs(*bundle);
    ASSERT_FALSE(status);
    EXPECT_EQ(status.error(),
        (Error { ErrorCode::not_found,
            fmt::format("the job needs {}/scene.py, which is not there: put it there, or submit "
                        "with --no-check-inputs if the nodes have it",
                folder_) }));
    write("scene.py", "");
    EXPECT_TRUE(check_inputs(*bundle));
}

TEST_F(BundleTest, an_image_sequence_is_there_if_one_of_its_pictures_is)
{
    write("template.yaml", film);
    for (auto const* const name : { "shot.%04d.exr", "shot.####.exr", "shot.%d.exr" }) {
        auto const bundle = load_bundle(
            folder_, { fmt::format("Scene={}/{}", folder_, name) }, "/");
        ASSERT_TRUE(bundle) << openjd::to_string(bundle.error().diagnostics);
        EXPECT_FALSE(check_inputs(*bundle)) << name;
    }
    write("shot.final.exr", "");
    write("shot.0007.exr.tmp", "");
    auto const bundle = load_bundle(
        folder_, { fmt::format("Scene={}/shot.%04d.exr", folder_) }, "/");
    EXPECT_FALSE(check_inputs(*bundle));
    write("shot.0007.exr", "");
    EXPECT_TRUE(check_inputs(*bundle));
}

TEST_F(BundleTest, faults_come_with_their_place)
{
    write("template.yaml", "specificationVersion: jobtemplate-2023-09\nname: film\nsetps: []\n");
    auto const bundle = load_bundle(folder_, {}, "/");
    ASSERT_FALSE(bundle);
    ASSERT_FALSE(bundle.error().diagnostics.empty());
    EXPECT_EQ(bundle.error().diagnostics[0].file, folder_ + "/template.yaml");
    EXPECT_EQ(bundle.error().error.code, ErrorCode::invalid_input);
}

TEST_F(BundleTest, folder_without_a_template)
{
    auto const bundle = load_bundle(folder_, {}, "/");
    ASSERT_FALSE(bundle);
    EXPECT_EQ(bundle.error().error,
        (Error { ErrorCode::not_found,
            folder_ + ": no template.yaml or template.json in this folder" }));
}

TEST_F(BundleTest, parameters_come_in_three_forms)
{
    write("values.json", R"({"A": "from file", "N": 3})");
    openjd::ParameterTexts values;
    EXPECT_TRUE(add_parameters(values, "file://" + folder_ + "/values.json"));
    EXPECT_TRUE(add_parameters(values, R"({"B": "inline", "F": 0.5})"));
    EXPECT_TRUE(add_parameters(values, "A=x=y"));
    EXPECT_EQ(values,
        (openjd::ParameterTexts {
            { "A", "x=y" }, { "B", "inline" }, { "F", "0.5" }, { "N", "3" } }));
    EXPECT_EQ(add_parameters(values, "Frames").error(),
        (Error { ErrorCode::invalid_input,
            "-p Frames: expected NAME=VALUE, file://FILE or {\"NAME\": \"VALUE\"}" }));
}

}

}
