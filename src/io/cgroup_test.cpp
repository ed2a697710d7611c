#include <io/cgroup.h>

#include <io/file.h>
#include <io/process.h>
#include <io/test_folder.h>

#include <gtest/gtest.h>

#include <algorithm>
#include <csignal>
#include <filesystem>
#include <functional>
#include <optional>

namespace sidereal::io {
namespace {

using testing::TemporaryFolder;

std::vector<std::string> const plain_environment { "PATH=/usr/local/bin:/usr/bin:/bin" };

// A zombie whose parent is in no hurry has ended.
bool is_running(pid_t pid)
{
    auto const stat = read_file(fmt::format("/proc/{}/stat", pid));
    return stat && stat->find(") Z ") == std::string::npos;
}

// A cgroup tree made of files: what the kernel says in it is what a test put there.
class FakeCgroup : public ::testing::Test {
protected:
    FakeCgroup()
    {
        paths_ = { folder_.path("mountinfo"), folder_.path("cgroup") };
        put("mountinfo",
            fmt::format("30 23 0:28 / /sys/fs/cgroup rw - tmpfs tmpfs rw\n"
                        "31 30 0:29 / /sys/fs/cgroup/cpu rw - cgroup cgroup rw,cpu\n"
                        "41 30 0:38 /top {} rw,relatime shared:9 - cgroup2 cgroup2 rw\n",
                folder_.path("tree")));
    }

    void put(std::string const& name, std::string_view content)
    {
        auto const path = folder_.path(name);
        ASSERT_TRUE(make_directories(path.substr(0, path.rfind('/'))));
        ASSERT_TRUE(write_file(path, content));
    }
    std::string get(std::string const& name) { return read_file(folder_.path(name)).value_or("-"); }

    std::string claim_failure()
    {
        auto const claimed = CgroupBranch::claim(folder_.path(), paths_);
        return claimed ? "" : claimed.error().message;
    }

    TemporaryFolder folder_;
    CgroupPaths paths_;
};

TEST_F(FakeCgroup, peak_memory_and_cpu_are_read)
{
    put("g/cgroup.kill", "");
    put("g/cpu.stat", "usage_usec 5000\nuser_usec 3000\nsystem_usec 2000\nnr_periods 0\n");
    put("g/memory.peak", "9000000\n");
    put("g/memory.stat", "anon 1000\nfile 700000\nkernel 5\nshmem 200000\nfile_mapped 1\n");
    put("g/1/cgroup.procs", "12\n");
    put("g/7/cgroup.procs", "345\n");
    auto const group = Cgroup::make(folder_.path("g"));
    ASSERT_TRUE(group) << group.error().message;
    auto const usage = group->usage();
    EXPECT_EQ(usage.user_cpu, std::chrono::milliseconds(3));
    EXPECT_EQ(usage.system_cpu, std::chrono::milliseconds(2));
    EXPECT_EQ(usage.peak_bytes, 9'000'000U);
    EXPECT_EQ(usage.cache_bytes, 500'000U);
    auto processes = group->processes();
    std::sort(processes.begin(), processes.end());
    EXPECT_EQ(processes, (std::vector<pid_t> { 12, 345 }));
    group->kill();
    EXPECT_EQ(get("g/cgroup.kill"), "1");
}

TEST_F(FakeCgroup, without_the_memory_controller_there_is_no_peak)
{
    put("g/cgroup.kill", "");
    put("g/cpu.stat", "usage_usec 1\nuser_usec 1\nsystem_usec 0\n");
    EXPECT_EQ(Cgroup::make(folder_.path("g")).value().usage().peak_bytes, std::nullopt);
}

TEST_F(FakeCgroup, a_kernel_without_the_kill_file_is_refused)
{
    auto const made = Cgroup::make(folder_.path("g"));
    ASSERT_FALSE(made);
    EXPECT_NE(made.error().message.find("cgroup.kill"), std::string::npos);
}

TEST_F(FakeCgroup, alone_in_its_group_the_agent_moves_below_and_passes_memory_on)
{
    put("own/cgroup.type", "domain\n");
    put("own/cgroup.controllers", "cpu memory pids\n");
    put("own/cgroup.subtree_control", "cpu pids\n");
    put("own/cgroup.procs", fmt::format("{}\n", ::getpid()));
    put("own/branch/cgroup.kill", "");
    put("own/branch/cgroup.controllers", "cpu memory pids\n");
    put("own/branch/cgroup.subtree_control", "");
    auto const branch = CgroupBranch::make(folder_.path("own"), "branch");
    ASSERT_TRUE(branch) << branch.error().message;
    EXPECT_EQ(get("own/agent/cgroup.procs"), std::to_string(::getpid()));
    EXPECT_EQ(get("own/cgroup.subtree_control"), "+memory");
    EXPECT_EQ(get("own/branch/cgroup.subtree_control"), "+memory");
    EXPECT_EQ(get("own/branch/cgroup.kill"), "1");
}

TEST_F(FakeCgroup, among_others_it_stays_where_it_is)
{
    put("own/cgroup.type", "domain\n");
    put("own/cgroup.controllers", "cpu memory\n");
    put("own/cgroup.procs", fmt::format("1\n{}\n", ::getpid()));
    put("own/branch/cgroup.kill", "");
    ASSERT_TRUE(CgroupBranch::make(folder_.path("own"), "branch"));
    EXPECT_FALSE(path_exists(folder_.path("own/agent")));
}

TEST_F(FakeCgroup, the_own_group_is_found_below_the_top_of_the_mount)
{
    put("cgroup", "4:memory:/elsewhere\n0::/top/farm\n");
    EXPECT_NE(claim_failure().find(folder_.path("tree/farm/sidereal-")), std::string::npos);
    put("cgroup", "0::/top\n");
    EXPECT_NE(claim_failure().find(folder_.path("tree/sidereal-")), std::string::npos);
}

TEST_F(FakeCgroup, without_a_usable_hierarchy_the_reason_is_given)
{
    put("cgroup", "0::/../other\n");
    EXPECT_NE(claim_failure().find("outside of the mount"), std::string::npos);
    put("cgroup", "0::/topping\n");
    EXPECT_NE(claim_failure().find("outside of the mount"), std::string::npos);
    put("mountinfo", "30 23 0:28 / /sys/fs/cgroup rw - tmpfs tmpfs rw\n");
    EXPECT_NE(claim_failure().find("no cgroup v2"), std::string::npos);
}

// With the kernel's own tree.
class CgroupTest : public ::testing::Test {
protected:
    void SetUp() override
    {
        auto claimed = CgroupBranch::claim(folder_.path());
        if (!claimed)
            GTEST_SKIP() << "NOT TESTED, no cgroup v2 can be used here: "
                         << claimed.error().message;
        branch_.emplace(*std::move(claimed));
        group_ = branch_->group("s").value();
    }

    ProcessHandle start(std::string script)
    {
        SpawnOptions options;
        options.argv = { "sh", "-c", std::move(script) };
        options.environment = plain_environment;
        options.cgroup = group_;
        options.leaf.emplace(group_->leaf().value());
        options.on_end = [&](ProcessEnd end) { end_ = std::move(end); };
        auto const started = runner_->start(std::move(options));
        EXPECT_TRUE(started) << started.error().message;
        return started.value_or(ProcessHandle {});
    }

    void run_until(std::function<bool()> const& condition)
    {
        std::function<void()> look = [&] {
            if (condition())
                loop_.stop();
            else
                loop_.call_after(std::chrono::milliseconds(2), [&] { look(); });
        };
        look();
        loop_.run();
    }

    TemporaryFolder folder_;
    Loop loop_;
    std::optional<CgroupBranch> branch_;
    Cgroup* group_ { nullptr };
    std::optional<ProcessRunner> runner_ { std::in_place, loop_ };
    std::optional<ProcessEnd> end_;
};

// Leaves its process group, its session and its parent.
constexpr auto runaway = "setsid sh -c 'sleep 1000 & echo > \"$1\"' - {}; ";

TEST_F(CgroupTest, the_hard_kill_reaches_what_has_left_the_process_group)
{
    auto const flag = folder_.path("flag");
    auto const process = start(fmt::format(runaway, flag) + "sleep 1000");
    run_until([&] { return path_exists(flag) && group_->processes().size() == 3; });
    ASSERT_TRUE(runner_->signal_group(process, SIGKILL));
    run_until([&] { return end_ && group_->processes().empty(); });
    EXPECT_EQ(end_->signal, SIGKILL);
}

TEST_F(CgroupTest, the_end_of_a_process_leaves_the_groups_others_alone)
{
    auto const flag = folder_.path("flag");
    start(fmt::format(runaway, flag));
    run_until([&] { return end_.has_value(); });
    EXPECT_EQ(end_->exit_code, 0);
    EXPECT_EQ(group_->processes().size(), 1U);
    auto const runner = group_->processes().front();
    branch_->end("s");
    run_until([&] { return !is_running(runner); });
}

TEST_F(CgroupTest, after_a_hard_kill_others_start_in_the_group)
{
    auto const killed = start("sleep 1000");
    ASSERT_TRUE(runner_->signal_group(killed, SIGKILL));
    run_until([&] { return end_.has_value(); });
    EXPECT_EQ(end_->signal, SIGKILL);
    end_.reset();
    start("sleep 0.05");
    run_until([&] { return end_.has_value(); });
    EXPECT_EQ(end_->signal, std::nullopt);
    EXPECT_EQ(end_->exit_code, 0);
}

TEST_F(CgroupTest, the_hard_kill_spares_what_others_have_started)
{
    auto const flag = folder_.path("flag");
    start(fmt::format(runaway, flag));
    run_until([&] { return end_.has_value(); });
    auto const service = group_->processes().front();
    end_.reset();
    auto const killed = start("sleep 1000");
    ASSERT_TRUE(runner_->signal_group(killed, SIGKILL));
    run_until([&] { return end_.has_value(); });
    EXPECT_TRUE(is_running(service));
}

TEST_F(CgroupTest, what_a_process_was_born_into_goes_with_it)
{
    start("true");
    auto const folders = [&] {
        return std::distance(std::filesystem::directory_iterator(branch_->path() + "/s"), {});
    };
    auto const with_it = folders();
    run_until([&] { return end_.has_value(); });
    EXPECT_EQ(folders(), with_it - 1);
}

TEST_F(CgroupTest, time_of_what_nobody_waited_for_counts)
{
    start(
        fmt::format("mkfifo {0}; (setsid sh -c 'i=0; while [ $i -lt 300000 ]; do i=$((i+1)); done; "
                    "echo > {0}' &); read done < {0}",
            folder_.path("fifo")));
    run_until([&] { return end_.has_value(); });
    EXPECT_EQ(end_->exit_code, 0);
    EXPECT_GT(end_->user_cpu + end_->system_cpu, std::chrono::milliseconds(20));
}

TEST_F(CgroupTest, the_runner_takes_the_group_down_with_it)
{
    auto const flag = folder_.path("flag");
    start(fmt::format(runaway, flag) + "sleep 1000");
    run_until([&] { return path_exists(flag); });
    runner_.reset();
    run_until([&] { return group_->processes().empty(); });
}

TEST_F(CgroupTest, a_branch_that_was_left_behind_is_emptied_and_taken_over)
{
    auto const flag = folder_.path("flag");
    start(fmt::format(runaway, flag));
    run_until([&] { return end_.has_value(); });
    auto const orphan = group_->processes().front();
    auto const path = branch_->path();
    {
        auto const taken = CgroupBranch::claim(folder_.path());
        ASSERT_TRUE(taken) << taken.error().message;
        EXPECT_EQ(taken->path(), path);
        run_until([&] { return !is_running(orphan); });
    }
    EXPECT_FALSE(path_exists(path));
}

TEST_F(CgroupTest, programs_that_cannot_start_say_why_here_too)
{
    SpawnOptions options;
    options.argv = { "/no/such/program" };
    options.leaf.emplace(group_->leaf().value());
    auto const started = runner_->start(std::move(options));
    ASSERT_FALSE(started);
    EXPECT_EQ(started.error().message, "cannot start /no/such/program: no such file");
}

}
}
