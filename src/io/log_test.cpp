#include <io/log.h>

#include <base/json.h>
#include <io/file.h>
#include <io/test_folder.h>

#include <gtest/gtest.h>

#include <sys/stat.h>

namespace sidereal::io {
namespace {

using testing::TemporaryFolder;

constexpr std::size_t time_bytes = sizeof "2026-11-22T18:52:24.123Z" - 1;

TEST(Log, human_line_quotes_what_would_break_it)
{
    TemporaryFolder const folder;
    auto log = Log::init({ LogLevel::info, LogFormat::human, folder.path("log") });
    ASSERT_TRUE(log) << log.error().message;
    log->info("task_ended",
        { { "task", 7 }, { "wall_s", 1.5 }, { "ok", true }, { "node", "rhea" },
            { "text", "a\nb \"c\"" }, { "empty", "" } });
    auto const text = read_file(folder.path("log")).value();
    EXPECT_EQ(text.substr(time_bytes),
        " info    task_ended task=7 wall_s=1.5 ok=true node=rhea text=\"a\\nb \\\"c\\\"\" "
        "empty=\"\"\n");
}

TEST(Log, json_line_is_one_object)
{
    TemporaryFolder const folder;
    auto log = Log::init({ LogLevel::info, LogFormat::json, folder.path("log") });
    ASSERT_TRUE(log);
    log->warning("disk_full", { { "path", std::string("/a\n") }, { "free_bytes", 12U } });
    auto const text = read_file(folder.path("log")).value();
    EXPECT_TRUE(text.ends_with("}\n"));
    EXPECT_EQ(std::count(text.begin(), text.end(), '\n'), 1);
    auto const json = parse_json(text).value();
    auto const& object = json.as_object();
    EXPECT_EQ(get_string(object, "level"), "warning");
    EXPECT_EQ(get_string(object, "event"), "disk_full");
    EXPECT_EQ(get_string(object, "path"), "/a\n");
    EXPECT_EQ(get_int(object, "free_bytes"), 12);
    EXPECT_EQ(get_string(object, "time")->size(), time_bytes);
}

TEST(Log, lower_levels_are_left_out)
{
    TemporaryFolder const folder;
    auto log = Log::init({ LogLevel::warning, LogFormat::human, folder.path("log") });
    ASSERT_TRUE(log);
    log->debug("a");
    log->info("b");
    EXPECT_EQ(read_file(folder.path("log")), "");
    log->error("c");
    EXPECT_EQ(read_file(folder.path("log"))->substr(time_bytes), " error   c\n");
}

TEST(Log, file_is_for_its_owner_and_appended_to)
{
    TemporaryFolder const folder;
    for (int round = 0; round < 2; ++round)
        Log::init({ LogLevel::info, LogFormat::human, folder.path("log") })->info("x");
    auto const text = read_file(folder.path("log")).value();
    EXPECT_EQ(std::count(text.begin(), text.end(), '\n'), 2);
    struct stat about { };
    ASSERT_EQ(::stat(folder.path("log").c_str(), &about), 0);
    EXPECT_EQ(about.st_mode & 0777U, 0600U);
}

TEST(Log, path_that_cannot_be_opened_is_an_error)
{
    auto const log = Log::init({ LogLevel::info, LogFormat::human, "/no/such/folder/log" });
    ASSERT_FALSE(log);
    EXPECT_EQ(log.error().code, ErrorCode::not_found);
}

TEST(Log, level_names)
{
    EXPECT_EQ(parse_log_level("warning"), LogLevel::warning);
    EXPECT_EQ(parse_log_level("loud").error().message,
        "'loud' is not a log level; use debug, info, warning or error");
}

}
}
