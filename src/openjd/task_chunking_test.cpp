#include <openjd/job.h>

#include <gtest/gtest.h>

namespace sidereal::openjd {

namespace {

Checked<Job> make(std::string_view parameters, std::string_view extensions = "[TASK_CHUNKING]")
{
    JobSource source;
    source.file_name = "t";
    source.template_text = "specificationVersion: jobtemplate-2023-09\nname: Job\n"
                           "parameterDefinitions: [{name: N, type: INT, default: 3}]\n"
                           "extensions: "
        + std::string(extensions)
        + "\n"
          "steps: [{name: S, script: {actions: {onRun: {command: x}}},\n"
          " parameterSpace: {taskParameterDefinitions: [\n"
        + std::string(parameters) + "}}]\n";
    return create_job(source);
}

std::string faults_of(std::string_view parameters)
{
    auto const made = make(parameters);
    return made ? "no fault" : to_string(made.error());
}

std::string const frames = "{name: F, type: 'CHUNK[INT]', range: '1-8', ";

}

TEST(TaskChunking, a_task_is_a_chunk)
{
    auto const job = make(frames
        + "chunks: {defaultTaskCount: '{{Param.N}}', rangeConstraint: CONTIGUOUS}},\n"
          "{name: Eye, type: STRING, range: [l, r]}]");
    ASSERT_TRUE(job) << to_string(job.error());
    auto const& space = job->steps[0].space;
    EXPECT_EQ(space.size(), 6U);
    EXPECT_EQ(space.at(3),
        (TaskParameters {
            { "F", ParameterType::integer_chunk, "4-6" }, { "Eye", ParameterType::string, "r" } }));
    EXPECT_EQ(space.index_of(space.at(5)), 5U);
}

TEST(TaskChunking, lists_are_chunked_in_ascending_order)
{
    auto const job = make("{name: F, type: 'CHUNK[INT]', range: [7, 3, 2, '1'], "
                          "chunks: {defaultTaskCount: 3, rangeConstraint: NONCONTIGUOUS}}]");
    ASSERT_TRUE(job) << to_string(job.error());
    EXPECT_EQ(job->steps[0].space.at(0)[0].value, "1,2");
    EXPECT_EQ(job->steps[0].space.at(1)[0].value, "3,7");
}

TEST(TaskChunking, needs_its_declaration)
{
    auto const made = make(frames + "chunks: {defaultTaskCount: 3, rangeConstraint: CONTIGUOUS}}]",
        "[REDACTED_ENV_VARS]");
    ASSERT_FALSE(made);
    EXPECT_EQ(to_string(made.error()),
        "t:7:17: steps[0].parameterSpace.taskParameterDefinitions[0].type: the type CHUNK[INT] "
        "belongs to the extension TASK_CHUNKING: list it under 'extensions' to use it\n"
        "t:7:45: steps[0].parameterSpace.taskParameterDefinitions[0]: the field 'chunks' belongs "
        "to the extension TASK_CHUNKING: list it under 'extensions' to use it");
}

TEST(TaskChunking, faulty_chunks_are_refused)
{
    auto const path = std::string("steps[0].parameterSpace.taskParameterDefinitions[0]");
    EXPECT_EQ(faults_of(frames + "}]"), "t:7:1: " + path + ": the field 'chunks' is missing");
    EXPECT_EQ(faults_of(frames + "chunks: {defaultTaskCount: 0, rangeConstraint: GAPS}}]"),
        "t:7:72: " + path
            + ".chunks.defaultTaskCount: 0 is less than 1\n"
              "t:7:92: "
            + path
            + ".chunks.rangeConstraint: 'GAPS' is not known here; allowed: CONTIGUOUS, "
              "NONCONTIGUOUS");
    EXPECT_EQ(faults_of("{name: F, type: INT, range: '1', chunks: {}}]"),
        "t:7:42: " + path + ".chunks: chunks belong to the type CHUNK[INT], not to INT");
    EXPECT_EQ(faults_of(frames
                  + "chunks: {defaultTaskCount: '-{{Param.N}}', rangeConstraint: CONTIGUOUS}}]"),
        "t:7:72: " + path + ".chunks.defaultTaskCount: '-3' is no whole number from 1 upwards");
}

TEST(TaskChunking, one_parameter_is_chunked_and_stands_alone)
{
    std::string const chunks = "chunks: {defaultTaskCount: 3, rangeConstraint: CONTIGUOUS}}";
    EXPECT_EQ(faults_of(frames + chunks + ",\n{name: G, type: 'CHUNK[INT]', range: '1-8', " + chunks
                  + "]"),
        "t:8:1: steps[0].parameterSpace.taskParameterDefinitions: 'F' is of type CHUNK[INT] "
        "already; a step has at most one");
    EXPECT_EQ(faults_of(frames + chunks
                  + ",\n{name: A, type: INT, range: '1-8'}], combination: '(F, A)'"),
        "t:8:51: steps[0].parameterSpace.combination: 'F' is of type CHUNK[INT] and must not "
        "stand in (…, …)");
}

TEST(TaskChunking, chunks_with_a_target_are_cut_as_they_are_given_out)
{
    auto const job = make(
        "{name: F, type: 'CHUNK[INT]', range: '1-4,9,11-13', chunks: "
        "{defaultTaskCount: 5, targetRuntimeSeconds: 60, "
        "rangeConstraint: CONTIGUOUS}}, {name: Eye, type: STRING, range: [l, r]}]");
    ASSERT_TRUE(job) << to_string(job.error());
    auto const& step = job->steps[0];
    EXPECT_EQ(step.chunks, (ChunkTarget { 5, std::chrono::seconds(60) }));
    // A value each, and those that can go together stand side by side.
    EXPECT_EQ(step.space.size(), 16U);
    EXPECT_EQ(step.space.at(8),
        (TaskParameters {
            { "F", ParameterType::integer_chunk, "1-1" }, { "Eye", ParameterType::string, "r" } }));
    EXPECT_EQ(step.space.together(8), 4U);
    EXPECT_EQ(step.space.at(8, 3)[0].value, "1-3");
    EXPECT_EQ(step.space.together(11), 1U);
    EXPECT_EQ(step.space.together(12), 1U);
    EXPECT_EQ(step.space.together(13), 3U);
    EXPECT_EQ(step.space.at(13, 3)[0].value, "11-13");
}

TEST(TaskChunking, chunks_with_gaps_end_where_the_list_ends)
{
    auto const job = make("{name: Eye, type: STRING, range: [l, r]}, "
                          "{name: F, type: 'CHUNK[INT]', range: [7, 3, 2, '1'], "
                          "chunks: {defaultTaskCount: 3, targetRuntimeSeconds: 1, "
                          "rangeConstraint: NONCONTIGUOUS}}]");
    ASSERT_TRUE(job) << to_string(job.error());
    auto const& space = job->steps[0].space;
    EXPECT_EQ(space.together(0), 4U);
    EXPECT_EQ(space.together(6), 2U);
    EXPECT_EQ(space.at(5, 3)[1].value, "2,3,7");
}

TEST(TaskChunking, without_a_target_chunks_are_tasks)
{
    auto const job = make(frames
        + "chunks: {defaultTaskCount: 3, targetRuntimeSeconds: 0, "
          "rangeConstraint: CONTIGUOUS}}]");
    ASSERT_TRUE(job) << to_string(job.error());
    EXPECT_FALSE(job->steps[0].chunks);
    EXPECT_EQ(job->steps[0].space.size(), 3U);
}

}
