#include <io/file_limit.h>

#include <gtest/gtest.h>

#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

namespace sidereal::io {

// In a child, whose limits are its own.
TEST(FileLimit, goes_as_far_as_the_hard_limit_lets_it)
{
    auto const child = ::fork();
    if (child == 0) {
        rlimit const tight { 64, 128 };
        auto const set = ::setrlimit(RLIMIT_NOFILE, &tight) == 0;
        rlimit now {};
        auto const raised = raise_file_limit();
        ::getrlimit(RLIMIT_NOFILE, &now);
        ::_exit(set && raised == 128 && now.rlim_cur == 128 ? 0 : 1);
    }
    int status = -1;
    ::waitpid(child, &status, 0);
    EXPECT_EQ(status, 0);
}

}
