#include <io/process.h>

#include <io/clock.h>
#include <io/file.h>
#include <io/test_folder.h>
#include <io/unique_fd.h>

#include <gtest/gtest.h>

#include <fcntl.h>

#include <algorithm>
#include <csignal>
#include <filesystem>
#include <vector>

namespace sidereal::io {
namespace {

using testing::TemporaryFolder;

std::vector<std::string> const plain_environment { "PATH=/usr/local/bin:/usr/bin:/bin" };

SpawnOptions shell(std::string script)
{
    SpawnOptions options;
    options.argv = { "sh", "-c", std::move(script) };
    options.environment = plain_environment;
    return options;
}

std::size_t open_descriptors()
{
    auto const entries = std::filesystem::directory_iterator("/proc/self/fd");
    return static_cast<std::size_t>(std::distance(begin(entries), end(entries)));
}

bool is_running(int pid)
{
    auto const stat = read_file(fmt::format("/proc/{}/stat", pid));
    return stat && stat->find(") Z ") == std::string::npos;
}

class ProcessTest : public ::testing::Test {
protected:
    // Runs the loop until the process ended.
    ProcessEnd run(SpawnOptions options)
    {
        ProcessEnd result;
        options.on_end = [&](ProcessEnd end) {
            result = std::move(end);
            loop_.stop();
        };
        auto const started = runner_.start(std::move(options));
        EXPECT_TRUE(started) << started.error().message;
        if (started)
            loop_.run();
        return result;
    }

    Error failure_of(SpawnOptions options)
    {
        auto const started = runner_.start(std::move(options));
        EXPECT_FALSE(started);
        return started ? Error {} : started.error();
    }

    // Runs the loop until the condition holds, looking every few milliseconds.
    void run_until(std::function<bool()> const& condition)
    {
        std::function<void()> look = [&] {
            if (condition())
                loop_.stop();
            else
                loop_.call_after(std::chrono::milliseconds(5), [&] { look(); });
        };
        look();
        loop_.run();
    }

    TemporaryFolder folder_;
    Loop loop_;
    ProcessRunner runner_ { loop_ };
};

TEST_F(ProcessTest, exit_code_and_times_are_reported)
{
    auto const end = run(shell("exit 42"));
    EXPECT_EQ(end.exit_code, 42);
    EXPECT_EQ(end.signal, std::nullopt);
    EXPECT_GT(end.wall, Duration(0));
    EXPECT_GE(end.wall * 4, end.user_cpu + end.system_cpu);
    EXPECT_GT(end.max_rss_bytes, 100'000U);
    EXPECT_EQ(runner_.running_count(), 0U);
}

TEST_F(ProcessTest, death_by_signal_is_reported)
{
    auto const end = run(shell("kill -SEGV $$"));
    EXPECT_EQ(end.exit_code, std::nullopt);
    EXPECT_EQ(end.signal, SIGSEGV);
}

TEST_F(ProcessTest, output_and_errors_are_appended_to_the_log)
{
    auto const log = folder_.path("new/folder/log");
    auto options = shell("echo one; echo two >&2");
    options.log_path = log;
    auto const first = run(std::move(options));
    EXPECT_EQ(first.log_begin, 0U);
    EXPECT_EQ(first.log_end, 8U);
    EXPECT_EQ(first.tail, "one\ntwo\n");
    auto more = shell("printf 'a\\000b'");
    more.log_path = log;
    auto const second = run(std::move(more));
    EXPECT_EQ(second.log_begin, 8U);
    EXPECT_EQ(second.log_end, 11U);
    EXPECT_EQ(second.tail, std::string("a\0b", 3));
    EXPECT_EQ(read_file(log), std::string("one\ntwo\na\0b", 11));
    EXPECT_EQ(std::filesystem::status(log).permissions(),
        std::filesystem::perms::owner_read | std::filesystem::perms::owner_write);
}

TEST_F(ProcessTest, silent_process_makes_no_log)
{
    auto options = shell("exit 0");
    options.log_path = folder_.path("log");
    auto const end = run(std::move(options));
    EXPECT_EQ(end.log_begin, end.log_end);
    EXPECT_EQ(end.tail, "");
    EXPECT_FALSE(path_exists(folder_.path("log")));
}

TEST_F(ProcessTest, fifty_megabytes_arrive_whole)
{
    auto options = shell("head -c 50000000 /dev/zero; echo end");
    options.log_path = folder_.path("log");
    auto const end = run(std::move(options));
    EXPECT_EQ(end.log_end, 50'000'004U);
    EXPECT_EQ(file_size(folder_.path("log")), 50'000'004U);
    EXPECT_EQ(end.tail.size(), 4096U);
    EXPECT_TRUE(end.tail.ends_with("end\n"));
    EXPECT_EQ(end.log_lost_bytes, 0U);
    EXPECT_FALSE(end.killed_leftovers);
}

TEST_F(ProcessTest, full_disk_loses_output_but_not_the_process)
{
    auto options = shell("head -c 300000 /dev/zero; exit 3");
    options.log_path = "/dev/full";
    auto const end = run(std::move(options));
    EXPECT_EQ(end.exit_code, 3);
    EXPECT_EQ(end.log_lost_bytes, 300'000U);
    EXPECT_EQ(end.log_error, "cannot write /dev/full: No space left on device");
    EXPECT_EQ(end.tail.size(), 4096U);
}

TEST_F(ProcessTest, only_wanted_lines_are_told)
{
    std::vector<std::string> lines;
    auto options = shell("printf 'no\\nopenjd_progress: 1\\ryes\\ropenjd_progress: 2'");
    options.line_wanted = [](std::string_view line) { return line.starts_with("openjd_"); };
    options.on_line = [&](std::string_view line) { lines.emplace_back(line); };
    run(std::move(options));
    EXPECT_EQ(lines, (std::vector<std::string> { "openjd_progress: 1", "openjd_progress: 2" }));
}

TEST_F(ProcessTest, environment_is_exactly_what_was_given)
{
    SpawnOptions options;
    options.argv = { "/usr/bin/env" };
    options.environment = { "B=2", "A=x y=z", "EMPTY=" };
    EXPECT_EQ(run(std::move(options)).tail, "B=2\nA=x y=z\nEMPTY=\n");
}

TEST_F(ProcessTest, arguments_and_folder_are_passed_on)
{
    auto options = shell("pwd; printf '%s|' \"$@\"");
    options.argv.insert(options.argv.end(), { "sh", "a b", "", "$c" });
    options.working_dir = "/usr/bin";
    EXPECT_EQ(run(std::move(options)).tail, "/usr/bin\na b||$c|");
}

TEST_F(ProcessTest, child_begins_with_a_clean_slate)
{
    // What a careless parent may hand down: an ignored signal, a blocked one, an open descriptor.
    ::signal(SIGPIPE, SIG_IGN);
    sigset_t blocked;
    ::sigemptyset(&blocked);
    ::sigaddset(&blocked, SIGTERM);
    ::pthread_sigmask(SIG_BLOCK, &blocked, nullptr);
    UniqueFd const careless(::dup(1));
    auto const end = run(shell("grep -E 'Sig(Blk|Ign)' /proc/self/status | cut -f2;"
                               "ls /proc/self/fd | tr '\\n' ' '; readlink /proc/self/fd/0"));
    ::pthread_sigmask(SIG_UNBLOCK, &blocked, nullptr);
    ::signal(SIGPIPE, SIG_DFL);
    auto const zeros = std::string(16, '0') + "\n";
    // 3 is the folder that ls itself reads.
    EXPECT_EQ(end.tail, zeros + zeros + "0 1 2 3 /dev/null\n");
}

TEST_F(ProcessTest, missing_program_names_the_path_searched)
{
    SpawnOptions options;
    options.argv = { "blender-of-no-kind", "-b" };
    options.environment = { "PATH=/usr/bin:/bin" };
    EXPECT_EQ(failure_of(std::move(options)),
        (Error { ErrorCode::not_found,
            "cannot start blender-of-no-kind: not found on PATH (PATH=/usr/bin:/bin)" }));
    SpawnOptions absolute;
    absolute.argv = { "/no/such/program" };
    EXPECT_EQ(failure_of(std::move(absolute)),
        (Error { ErrorCode::not_found, "cannot start /no/such/program: no such file" }));
    EXPECT_EQ(failure_of({}).code, ErrorCode::invalid_input);
}

TEST_F(ProcessTest, missing_folder_is_named)
{
    auto options = shell("true");
    options.working_dir = "/no/such/folder";
    EXPECT_EQ(failure_of(std::move(options)),
        (Error { ErrorCode::not_found,
            "cannot start sh: working folder /no/such/folder: No such file or directory" }));
}

TEST_F(ProcessTest, program_that_cannot_run_says_why)
{
    auto const start = [&](std::string const& content, unsigned mode) {
        auto const path = folder_.path("program");
        std::filesystem::remove(path);
        EXPECT_TRUE(write_file(path, content, mode));
        SpawnOptions options;
        options.argv = { "program" };
        options.environment = { "PATH=" + folder_.path() };
        return failure_of(std::move(options)).message;
    };
    EXPECT_EQ(start("", 0600), "cannot start program: found on PATH but not executable");
    EXPECT_EQ(start("#!/no/interpreter\n", 0700),
        "cannot start program: its interpreter (the #! line or the loader) is not there");
    EXPECT_EQ(start("echo", 0700),
        "cannot start program: neither a program for this machine nor a script with a #! line");
}

TEST_F(ProcessTest, grandchild_that_holds_the_output_is_killed)
{
    auto const end = run(shell("sleep 1000 & echo $!"));
    EXPECT_EQ(end.exit_code, 0);
    EXPECT_TRUE(end.killed_leftovers);
    auto const grandchild = std::stoi(end.tail);
    run_until([&] { return !is_running(grandchild); });
}

TEST_F(ProcessTest, silent_grandchild_goes_with_its_group)
{
    auto const end = run(shell("sleep 1000 >/dev/null 2>&1 & echo $!"));
    EXPECT_FALSE(end.killed_leftovers);
    auto const grandchild = std::stoi(end.tail);
    run_until([&] { return !is_running(grandchild); });
}

TEST_F(ProcessTest, what_is_left_to_somebody_stays_until_that_one_ends)
{
    auto const leave = [&](std::string const& owner) {
        auto options = shell("sleep 1000 >/dev/null 2>&1 & echo $!");
        options.leaves_to = owner;
        return std::stoi(run(std::move(options)).tail);
    };
    auto const first = leave("a");
    auto const second = leave("a");
    auto const other = leave("b");
    run(shell("sleep 0.05"));
    for (auto const pid : { first, second, other })
        EXPECT_TRUE(is_running(pid));
    runner_.end_leftovers("nobody");
    runner_.end_leftovers("a");
    run_until([&] { return !is_running(first) && !is_running(second); });
    EXPECT_TRUE(is_running(other));
    runner_.end_leftovers("b");
    run_until([&] { return !is_running(other); });
}

TEST_F(ProcessTest, what_is_left_may_hold_the_output_and_goes_with_the_runner)
{
    int left = 0;
    {
        ProcessRunner runner(loop_);
        auto options = shell("(trap '' PIPE; while sleep 0.05; do echo x; done) & echo $!");
        options.leaves_to = "a";
        ProcessEnd end;
        options.on_end = [&](ProcessEnd ended) {
            end = std::move(ended);
            loop_.stop();
        };
        ASSERT_TRUE(runner.start(std::move(options)));
        loop_.run();
        EXPECT_EQ(end.exit_code, 0);
        EXPECT_FALSE(end.killed_leftovers);
        left = std::stoi(end.tail);
        EXPECT_TRUE(is_running(left));
    }
    run_until([&] { return !is_running(left); });
}

TEST_F(ProcessTest, signal_to_the_group_reaches_grandchildren)
{
    int grandchild = 0;
    ProcessHandle handle;
    ProcessEnd end;
    auto options = shell("sleep 1000 & echo $!; wait");
    options.on_line = [&](std::string_view line) {
        grandchild = std::stoi(std::string(line));
        EXPECT_TRUE(runner_.signal_group(handle, SIGTERM));
    };
    options.on_end = [&](ProcessEnd ended) {
        end = std::move(ended);
        loop_.stop();
    };
    handle = runner_.start(std::move(options)).value();
    EXPECT_GT(runner_.pid_of(handle), 0);
    loop_.run();
    EXPECT_EQ(end.signal, SIGTERM);
    run_until([&] { return !is_running(grandchild); });
    EXPECT_EQ(runner_.signal_group(handle, SIGTERM).error().code, ErrorCode::not_found);
    EXPECT_EQ(runner_.pid_of(handle), std::nullopt);
}

TEST_F(ProcessTest, runner_takes_its_children_along)
{
    int child = 0;
    {
        ProcessRunner runner(loop_);
        auto options = shell("exec sleep 1000");
        options.on_end = [](ProcessEnd const&) { FAIL(); };
        child = runner.pid_of(runner.start(std::move(options)).value()).value();
        EXPECT_TRUE(is_running(child));
    }
    EXPECT_FALSE(is_running(child));
}

TEST_F(ProcessTest, vram_is_the_highest_sum_on_one_card)
{
    ProcessHandle handle;
    std::string const pid_file = folder_.path("descendant");
    runner_.list_gpu_processes([&]() -> std::vector<GpuProcess> {
        auto const pid = runner_.pid_of(handle).value_or(0);
        auto const descendant = std::stoi(read_file(pid_file).value());
        return { { pid, 0, 300 }, { descendant, 0, 400 }, { pid, 1, 500 }, { 1, 1, 9000 } };
    });
    ProcessEnd end;
    auto options = shell("setsid sleep 1000 & echo $! >" + pid_file + "; sleep 2.2; kill $!");
    options.measures_vram = true;
    options.on_end = [&](ProcessEnd ended) {
        end = ended;
        loop_.stop();
    };
    handle = runner_.start(std::move(options)).value();
    loop_.run();
    EXPECT_EQ(end.max_vram_bytes, 700u);
}

TEST_F(ProcessTest, memory_of_a_larger_child_is_the_kernels_figure)
{
    // The kernel may take back pages that lie idle, and counts in batches: not to the last page.
    auto const end = run(shell("x=$(head -c 60000000 /dev/zero | tr '\\000' x)"));
    EXPECT_GT(end.max_rss_bytes, 40'000'000U);
    EXPECT_LT(end.max_rss_bytes, 600'000'000U);
}

TEST_F(ProcessTest, memory_of_a_group_is_summed)
{
    ProcessEnd end;
    auto options = shell("hold() { x=$(head -c 30000000 /dev/zero | tr '\\000' x); read y; };"
                         "mkfifo pipe; hold <pipe & hold <pipe & sleep 1000");
    options.working_dir = folder_.path();
    options.on_end = [&](ProcessEnd ended) {
        end = std::move(ended);
        loop_.stop();
    };
    auto const handle = runner_.start(std::move(options)).value();
    // Opened for writing, so that the readers stay.
    UniqueFd pipe;
    run_until([&] {
        if (!pipe)
            pipe = UniqueFd(::open(folder_.path("pipe").c_str(), O_RDWR | O_CLOEXEC));
        return runner_.sampled_rss_bytes(handle) > 60'000'000U;
    });
    EXPECT_TRUE(runner_.signal_group(handle, SIGKILL));
    loop_.run();
    EXPECT_GT(end.max_rss_bytes, 60'000'000U);
}

TEST_F(ProcessTest, ten_thousand_starts_leak_nothing)
{
    run(shell("true"));
    auto const before = open_descriptors();
    int to_start = 10'000;
    int succeeded = 0;
    std::function<void()> next = [&] {
        --to_start;
        SpawnOptions options;
        options.argv = { "true" };
        options.environment = plain_environment;
        options.on_end = [&](ProcessEnd const& end) {
            succeeded += end.exit_code == 0;
            if (to_start > 0)
                next();
            else if (runner_.running_count() == 0)
                loop_.stop();
        };
        ASSERT_TRUE(runner_.start(std::move(options)));
    };
    next();
    next();
    loop_.run();
    EXPECT_EQ(succeeded, 10'000);
    EXPECT_EQ(open_descriptors(), before);
}

TEST_F(ProcessTest, failed_starts_leak_nothing)
{
    auto options = [] {
        SpawnOptions missing;
        missing.argv = { "/no/such/program" };
        return missing;
    };
    failure_of(options());
    auto const before = open_descriptors();
    for (int count = 0; count < 100; ++count)
        failure_of(options());
    EXPECT_EQ(open_descriptors(), before);
}

TEST_F(ProcessTest, leftovers_are_found_by_their_marker)
{
    auto const marker = "SIDEREAL_TEST_MARKER=" + folder_.path();
    auto options = shell("setsid sleep 1000 >/dev/null 2>&1 & echo $!");
    options.environment.push_back(marker);
    auto const leftover = std::stoi(run(std::move(options)).tail);
    // The fork that became setsid may not have left our group when its parent ended; then it died.
    auto const expected = is_running(leftover) ? 1U : 0U;
    EXPECT_EQ(kill_leftovers(marker + "x"), 0U);
    EXPECT_LE(kill_leftovers(marker), expected);
    run_until([&] { return !is_running(leftover); });
    EXPECT_EQ(kill_leftovers(marker), 0U);
}

}
}
