#include <cli/plan_job_template.h>

#include <io/file.h>
#include <io/test_folder.h>

#include <gtest/gtest.h>

namespace sidereal::cli {

namespace {

constexpr char const* two_steps = R"(specificationVersion: jobtemplate-2023-09
name: film
parameterDefinitions:
  - { name: Frames, type: STRING, default: "1-4" }
steps:
  - name: Render
    hostRequirements:
      amounts:
        - { name: amount.worker.vcpu, min: 8 }
        - { name: amount.worker.memory, min: 1536 }
        - { name: amount.worker.gpu, min: 2, max: 4 }
        - { name: amount.worker.gpu.memory, min: 24576 }
    parameterSpace:
      taskParameterDefinitions:
        - { name: Frame, type: INT, range: "{{Param.Frames}}" }
    script: { actions: { onRun: { command: "true" } } }
  - name: Film
    hostRequirements:
      amounts:
        - { name: amount.worker.vcpu, min: 2 }
        - { name: amount.worker.memory, min: 4096 }
        - { name: amount.worker.disk.scratch, max: 7 }
    script: { actions: { onRun: { command: "true" } } }
)";

class PlanJobTemplateTest : public testing::Test {
protected:
    void write(std::string const& name, std::string_view content)
    {
        ASSERT_TRUE(io::write_file(folder_ + "/" + name, content));
    }

    io::testing::TemporaryFolder temporary_;
    std::string folder_ { temporary_.path() };
};

}

TEST_F(PlanJobTemplateTest, tasks_are_of_all_steps_and_needs_the_largest_of_each)
{
    write("template.yaml", two_steps);
    auto const work = read_template_work(folder_ + "/template.yaml", {}, OutputFormat::json);
    ASSERT_TRUE(work) << work.error().message;
    EXPECT_EQ(work->name, "film");
    EXPECT_EQ(work->tasks, 5);
    EXPECT_EQ(work->needs.vcpus, 8);
    EXPECT_EQ(work->needs.memory_gib, 4);
    EXPECT_EQ(work->needs.gpus, 2);
    EXPECT_EQ(work->needs.gpu_memory_gib, 24);
}

TEST_F(PlanJobTemplateTest, values_of_the_bundle_count_and_given_ones_win)
{
    write("template.yaml", two_steps);
    write("parameter_values.yaml", "parameterValues:\n  - { name: Frames, value: 1-9 }\n");
    auto const own = read_template_work(folder_, {}, OutputFormat::json);
    ASSERT_TRUE(own) << own.error().message;
    EXPECT_EQ(own->tasks, 10);
    auto const given = read_template_work(folder_, { "Frames=1-100" }, OutputFormat::json);
    ASSERT_TRUE(given) << given.error().message;
    EXPECT_EQ(given->tasks, 101);
}

TEST_F(PlanJobTemplateTest, what_no_step_asks_for_stays_unsaid)
{
    write("template.yaml", R"(specificationVersion: jobtemplate-2023-09
name: film
steps:
  - name: Render
    script: { actions: { onRun: { command: "true" } } }
)");
    auto const work = read_template_work(folder_, {}, OutputFormat::json);
    ASSERT_TRUE(work) << work.error().message;
    EXPECT_EQ(work->tasks, 1);
    EXPECT_FALSE(work->needs.vcpus || work->needs.memory_gib);
    EXPECT_FALSE(work->needs.gpus || work->needs.gpu_memory_gib);
}

TEST_F(PlanJobTemplateTest, a_fault_of_the_template_is_in_the_error)
{
    write("template.yaml", two_steps);
    auto const work = read_template_work(folder_, { "Frames=9-" }, OutputFormat::json);
    ASSERT_FALSE(work);
    EXPECT_NE(work.error().message.find("template.yaml"), std::string::npos)
        << work.error().message;
}

}
