#include <io/file.h>

#include <io/test_folder.h>

#include <gtest/gtest.h>

#include <fcntl.h>
#include <sys/stat.h>
#include <sys/wait.h>

#include <filesystem>

namespace sidereal::io {
namespace {

using testing::TemporaryFolder;
namespace fs = std::filesystem;

class FileTest : public ::testing::Test {
protected:
    TemporaryFolder folder_;
};

unsigned mode_of(std::string const& path)
{
    struct stat about { };
    EXPECT_EQ(::stat(path.c_str(), &about), 0);
    return about.st_mode & 07777U;
}

TEST_F(FileTest, content_reads_back_the_same)
{
    std::string const content("a\0b\n\xff", 5);
    ASSERT_TRUE(write_file(folder_.path("f"), content, 0640));
    EXPECT_EQ(read_file(folder_.path("f")), content);
    EXPECT_EQ(mode_of(folder_.path("f")), 0640U);
    EXPECT_EQ(file_size(folder_.path("f")), 5U);
}

TEST_F(FileTest, file_above_the_limit_is_refused)
{
    ASSERT_TRUE(write_file(folder_.path("f"), "12345"));
    EXPECT_TRUE(read_file(folder_.path("f"), 5));
    auto const refused = read_file(folder_.path("f"), 4);
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error(),
        (Error { ErrorCode::invalid_input,
            folder_.path("f") + " has more than 4 bytes, the limit for it" }));
}

TEST_F(FileTest, missing_file_is_not_found)
{
    auto const path = folder_.path("none");
    EXPECT_EQ(read_file(path).error(),
        (Error { ErrorCode::not_found, "cannot open " + path + ": No such file or directory" }));
    EXPECT_EQ(file_size(path).error().code, ErrorCode::not_found);
    EXPECT_EQ(read_file_range(path, 0, 1).error().code, ErrorCode::not_found);
    EXPECT_FALSE(path_exists(path));
}

TEST_F(FileTest, files_without_a_size_are_read_too)
{
    EXPECT_TRUE(read_file("/proc/self/status")->starts_with("Name:"));
}

TEST_F(FileTest, range_ends_with_the_file)
{
    ASSERT_TRUE(write_file(folder_.path("f"), "0123456789"));
    EXPECT_EQ(read_file_range(folder_.path("f"), 2, 3), "234");
    EXPECT_EQ(read_file_range(folder_.path("f"), 8, 30), "89");
    EXPECT_EQ(read_file_range(folder_.path("f"), 10, 3), "");
    EXPECT_EQ(read_file_range(folder_.path("f"), 99, 3), "");
}

TEST_F(FileTest, atomic_write_replaces_and_leaves_nothing_else)
{
    ASSERT_TRUE(write_file(folder_.path("f"), "old", 0644));
    ASSERT_TRUE(write_file_atomic(folder_.path("f"), "new"));
    EXPECT_EQ(read_file(folder_.path("f")), "new");
    EXPECT_EQ(mode_of(folder_.path("f")), 0600U);
    EXPECT_FALSE(write_file_atomic(folder_.path("none/f"), "x"));
    // A folder stands where the file should go.
    ASSERT_TRUE(make_directories(folder_.path("d/e")));
    EXPECT_FALSE(write_file_atomic(folder_.path("d"), "x"));
    EXPECT_EQ(std::distance(fs::directory_iterator(folder_.path()), {}), 2);
}

TEST_F(FileTest, full_disk_is_exhausted)
{
    EXPECT_EQ(write_file("/dev/full", "x").error(),
        (Error { ErrorCode::exhausted, "cannot write /dev/full: No space left on device" }));
}

TEST_F(FileTest, folders_are_made_with_their_parents)
{
    EXPECT_TRUE(make_directories(folder_.path("a/b/c/")));
    EXPECT_TRUE(make_directories(folder_.path("a/b/c")));
    EXPECT_EQ(mode_of(folder_.path("a/b")), 0700U);
    ASSERT_TRUE(write_file(folder_.path("f"), ""));
    EXPECT_FALSE(make_directories(folder_.path("f")));
    EXPECT_FALSE(make_directories(folder_.path("f/g")));
    EXPECT_FALSE(make_directories(""));
}

TEST_F(FileTest, tree_is_removed_without_following_links)
{
    ASSERT_TRUE(make_directories(folder_.path("keep")));
    ASSERT_TRUE(write_file(folder_.path("keep/f"), "x"));
    ASSERT_TRUE(make_directories(folder_.path("tree/a/b")));
    ASSERT_TRUE(write_file(folder_.path("tree/a/f"), "x"));
    fs::create_directory_symlink(folder_.path("keep"), folder_.path("tree/a/link"));
    fs::create_directory_symlink(folder_.path("keep"), folder_.path("link"));
    fs::permissions(folder_.path("tree/a"), fs::perms::owner_read);
    EXPECT_TRUE(remove_tree(folder_.path("tree")));
    EXPECT_TRUE(remove_tree(folder_.path("link/")));
    EXPECT_TRUE(remove_tree(folder_.path("never")));
    EXPECT_FALSE(path_exists(folder_.path("tree")));
    EXPECT_FALSE(path_exists(folder_.path("link")));
    EXPECT_EQ(read_file(folder_.path("keep/f")), "x");
    EXPECT_FALSE(remove_tree("/"));
    EXPECT_FALSE(remove_tree(""));
}

TEST_F(FileTest, free_space_is_something)
{
    EXPECT_GT(free_bytes(folder_.path()).value(), 0U);
    EXPECT_EQ(free_bytes(folder_.path("none")).error().code, ErrorCode::not_found);
}

TEST_F(FileTest, lock_has_one_holder_who_is_named)
{
    auto const path = folder_.path("lock");
    {
        auto const lock = FileLock::acquire(path);
        ASSERT_TRUE(lock) << lock.error().message;
        EXPECT_EQ(FileLock::acquire(path).error(),
            (Error { ErrorCode::conflict,
                fmt::format(
                    "{} is in use by process {}; stop that one first", path, ::getpid()) }));
    }
    EXPECT_TRUE(FileLock::acquire(path));
}

TEST_F(FileTest, lock_ends_with_its_killed_holder)
{
    auto const path = folder_.path("lock");
    int ready[2];
    ASSERT_EQ(::pipe2(ready, O_CLOEXEC), 0);
    auto const child = ::fork();
    if (child == 0) {
        auto const lock = FileLock::acquire(path);
        if (lock && ::write(ready[1], "x", 1) == 1)
            ::pause();
        ::_exit(1);
    }
    char byte = 0;
    ASSERT_EQ(::read(ready[0], &byte, 1), 1);
    auto const refused = FileLock::acquire(path);
    ASSERT_FALSE(refused);
    EXPECT_NE(refused.error().message.find(std::to_string(child)), std::string::npos);
    ::kill(child, SIGKILL);
    ::waitpid(child, nullptr, 0);
    EXPECT_TRUE(FileLock::acquire(path));
    ::close(ready[0]);
    ::close(ready[1]);
}

}
}
