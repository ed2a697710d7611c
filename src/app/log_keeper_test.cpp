#include <app/log_keeper.h>

#include <io/file.h>
#include <io/test_folder.h>

#include <gtest/gtest.h>

#include <fcntl.h>
#include <sys/stat.h>

namespace sidereal::app {

namespace {

using std::chrono::days;

class LogKeeperTest : public ::testing::Test {
protected:
    void put(std::string const& name, std::size_t bytes, int age_days)
    {
        auto const path = folder_.path(name);
        ASSERT_TRUE(io::make_directories(path.substr(0, path.rfind('/'))));
        ASSERT_TRUE(io::write_file(path, std::string(bytes, 'x')));
        auto const changed = now_ - days(age_days);
        timespec const times[2] { { 0, UTIME_OMIT },
            { std::chrono::duration_cast<std::chrono::seconds>(changed.time_since_epoch()).count(),
                0 } };
        ASSERT_EQ(::utimensat(AT_FDCWD, path.c_str(), times, 0), 0);
    }
    bool has(std::string const& name) const { return io::path_exists(folder_.path(name)); }
    LogKeeper keeper(LogLimits limits) const { return { folder_.path(), limits }; }

    io::testing::TemporaryFolder folder_;
    Wall now_ { days(20000) };
};

TEST_F(LogKeeperTest, old_logs_go_and_their_folders_with_the_last)
{
    put("1/10.log", 5, 31);
    put("1/session-3-exit.log", 5, 31);
    put("2/11.log", 5, 31);
    put("2/12.log", 5, 29);
    auto const pruned = keeper({ days(30), 1000 }).prune({}, now_);
    EXPECT_EQ(pruned.files, 3U);
    EXPECT_EQ(pruned.bytes, 15U);
    EXPECT_EQ(pruned.failure, "");
    EXPECT_FALSE(has("1"));
    EXPECT_FALSE(has("2/11.log"));
    EXPECT_TRUE(has("2/12.log"));
}

TEST_F(LogKeeperTest, of_too_much_the_oldest_goes_first)
{
    put("1/10.log", 400, 3);
    put("1/11.log", 400, 5);
    put("1/12.log", 400, 4);
    auto kept = keeper({ days(30), 800 });
    EXPECT_EQ(kept.prune({}, now_).bytes, 400U);
    EXPECT_FALSE(has("1/11.log"));
    EXPECT_EQ(kept.prune({}, now_).files, 0U);
    EXPECT_EQ(keeper({ days(30), 799 }).prune({}, now_).files, 1U);
    EXPECT_FALSE(has("1/12.log"));
    EXPECT_TRUE(has("1/10.log"));
}

TEST_F(LogKeeperTest, live_attempts_keep_theirs_whatever_the_limits_say)
{
    put("1/10.log", 400, 50);
    put("1/11.log", 400, 40);
    EXPECT_EQ(keeper({ days(30), 1 }).prune({ AttemptId { 10 } }, now_).files, 1U);
    EXPECT_TRUE(has("1/10.log"));
    EXPECT_FALSE(has("1/11.log"));
}

TEST_F(LogKeeperTest, other_files_are_let_alone)
{
    put("1/10.txt", 400, 50);
    put("1/keep.log", 1, 1);
    EXPECT_EQ(keeper({ days(30), 300 }).prune({}, now_).files, 0U);
}

TEST_F(LogKeeperTest, what_is_gone_is_told_from_what_never_was_also_in_a_later_life)
{
    put("1/10.log", 5, 31);
    put("1/20.log", 5, 1);
    {
        auto first = keeper({ days(30), 5 << 20 });
        EXPECT_EQ(first.why_gone({ 10 }), std::nullopt);
        first.prune({}, now_);
        ASSERT_TRUE(first.why_gone({ 10 }));
    }
    auto const second = keeper({ days(30), 5 << 20 });
    ASSERT_TRUE(second.why_gone({ 10 }));
    EXPECT_NE(second.why_gone({ 10 })->find("30 days and up to 5 MiB"), std::string::npos);
    EXPECT_EQ(second.why_gone({ 11 }), std::nullopt);
}

}

}
