#include <farm/test_farm.h>

#include <gtest/gtest.h>

namespace sidereal::farm {

TEST(FailureGroup, numbers_hexadecimal_and_paths_do_not_tell_failures_apart)
{
    EXPECT_EQ(normalised("Error: cannot open /films/a/shot_010.exr at line 33"),
        "Error: cannot open <path> at line #");
    EXPECT_EQ(normalised("C:\\films\\a.exr: CUDA error 700 at 0x7ffe12ab (0.35 s)"),
        "<path>: CUDA error # at # (# s)");
    EXPECT_EQ(normalised("frame0012 textures/oak.tx 550e8400-e29b-41d4-a716-446655440000"),
        "frame# <path> #");
    EXPECT_EQ(normalised("  2026-11-26 22:10:03,123   ERROR\tdeadbeef  and/or 3/4"),
        "# #:#:#,# ERROR deadbeef and/or #/#");
    EXPECT_EQ(normalised(""), "");
}

TEST(FailureGroup, the_last_line_that_speaks_of_an_error_tells_most)
{
    EXPECT_EQ(telling_line("exit code 1", "loading\nError: no light in scene\nBlender quit\n\n"),
        "Error: no light in scene");
    EXPECT_EQ(telling_line("exit code 1", "a\r\nValueError: x\r\n"), "ValueError: x");
    EXPECT_EQ(telling_line("exit code 1", "one\ntwo  \n \n"), "two");
    EXPECT_EQ(telling_line("ran too long", "\n\n"), "ran too long");
    EXPECT_EQ(telling_line("", std::string(5000, 'x')).size(), 300u);
}

TEST(FailureGroup, tasks_move_between_groups_and_leave_them)
{
    TestFarm test;
    auto const a = test.add_node(8);
    auto const b = test.add_node(8);
    auto const job = test.add_job({ { "A", 10 } }, 9);
    auto const fail = [&](std::uint64_t task, NodeId node, std::string tail) {
        auto record = test.farm.attempts.at(test.lease(job, 0, task, node)).record;
        record.state = AttemptState::ended;
        record.cause = wire::Cause::task_error;
        record.exit_code = 1;
        record.log_tail = std::move(tail);
        test.apply(record);
    };
    auto const& groups = test.farm.jobs.at(job).failure_groups;
    fail(0, a, "Error: no texture 12\n");
    fail(1, b, "Error: no texture 13\n");
    fail(2, a, "Error: no light\n");
    ASSERT_EQ(groups.size(), 2u);
    EXPECT_EQ(groups[0].tasks, 2u);
    EXPECT_EQ(groups[0].nodes, (std::map<NodeId, std::uint64_t> { { a, 1 }, { b, 1 } }));
    EXPECT_EQ(groups[0].example, "Error: no texture 13");
    EXPECT_NE(groups[0].id, groups[1].id);
    fail(0, b, "Error: no light\n");
    EXPECT_EQ(groups[0].tasks, 1u);
    EXPECT_EQ(groups[1].tasks, 2u);
    test.succeed(test.lease(job, 0, 0, a));
    test.reset(job, 0, 1);
    EXPECT_EQ(groups[0].tasks, 0u);
    EXPECT_EQ(groups[0].failures, 2u);
    EXPECT_EQ(groups[1].tasks, 1u);
}

TEST(FailureGroup, there_are_not_more_of_them_than_anybody_reads)
{
    TestFarm test;
    auto const node = test.add_node(8);
    auto const job = test.add_job({ { "A", 500 } }, 0);
    for (std::uint64_t task = 0; task < 500; ++task) {
        auto record = test.farm.attempts.at(test.lease(job, 0, task, node)).record;
        record.state = AttemptState::ended;
        record.cause = wire::Cause::task_error;
        record.exit_code = static_cast<int>(task);
        test.apply(record);
    }
    auto const& groups = test.farm.jobs.at(job).failure_groups;
    ASSERT_EQ(groups.size(), FailureGroup::most + 1);
    EXPECT_EQ(groups.back().id, "other");
    EXPECT_EQ(groups.back().tasks, 300u);
}

}
