#include "brain_process.h"

#include <io/clock.h>
#include <io/file.h>
#include <io/http_client.h>

#include <fmt/format.h>

#include <csignal>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <thread>

#include <fcntl.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

namespace sidereal::bench {

namespace {

constexpr auto patience = std::chrono::seconds(60);

// A line "name: number unit" of a file under /proc.
double proc_number(std::string const& path, std::string_view name)
{
    std::ifstream file(path);
    std::string word;
    while (file >> word) {
        double number = 0;
        if (word == name && file >> number)
            return number;
    }
    return 0;
}

}

Result<BrainProcess> BrainProcess::start(std::string const& binary)
{
    auto pattern = (std::filesystem::temp_directory_path() / "sidereal-bench-XXXXXX").string();
    BrainProcess brain;
    if (!::mkdtemp(pattern.data()))
        return fail(ErrorCode::io_failed, "cannot make a folder like {}", pattern);
    brain.folder_ = pattern;
    TRY(brain.launch(binary));
    return brain;
}

Status BrainProcess::launch(std::string const& binary)
{
    auto const url_file = folder_ + "/farm/url";
    std::filesystem::remove(url_file);
    std::string const data = folder_ + "/farm";
    char const* const words[] = { binary.c_str(), "brain", "--data", data.c_str(), "--port", "0",
        "--log-level", "error", nullptr };
    posix_spawn_file_actions_t actions;
    posix_spawn_file_actions_init(&actions);
    auto const log = folder_ + "/log";
    posix_spawn_file_actions_addopen(
        &actions, STDERR_FILENO, log.c_str(), O_WRONLY | O_CREAT | O_APPEND, 0600);
    auto const failure = ::posix_spawn(
        &pid_, binary.c_str(), &actions, nullptr, const_cast<char**>(words), environ);
    posix_spawn_file_actions_destroy(&actions);
    if (failure != 0)
        return fail(ErrorCode::not_found, "cannot start '{}': build it first", binary);
    auto const give_up = io::mono_now() + patience;
    while (!std::filesystem::exists(url_file)) {
        if (::waitpid(pid_, nullptr, WNOHANG) == pid_ || io::mono_now() > give_up)
            return fail(ErrorCode::unavailable, "the brain does not start: {}",
                io::read_file(log).value_or("no log"));
        std::this_thread::sleep_for(std::chrono::microseconds(500));
    }
    auto const url = TRY(io::read_file(url_file));
    port_ = static_cast<std::uint16_t>(std::atoi(url.c_str() + url.rfind(':') + 1));
    return {};
}

BrainProcess::BrainProcess(BrainProcess&& other) noexcept
    : folder_(std::exchange(other.folder_, {}))
    , pid_(std::exchange(other.pid_, -1))
    , port_(other.port_)
{
}

BrainProcess::~BrainProcess()
{
    end(SIGTERM);
    std::error_code ignored;
    if (!folder_.empty())
        std::filesystem::remove_all(folder_, ignored);
}

void BrainProcess::end(int signal)
{
    if (pid_ <= 0)
        return;
    ::kill(pid_, signal);
    ::waitpid(pid_, nullptr, 0);
    pid_ = -1;
}

Result<double> BrainProcess::kill_and_restart(std::string const& binary)
{
    end(SIGKILL);
    auto const began = io::mono_now();
    TRY(launch(binary));
    return to_seconds(io::mono_now() - began);
}

double BrainProcess::cpu_s() const
{
    clockid_t clock {};
    timespec used {};
    if (::clock_getcpuclockid(pid_, &clock) != 0 || ::clock_gettime(clock, &used) != 0)
        return 0;
    return static_cast<double>(used.tv_sec) + static_cast<double>(used.tv_nsec) * 1e-9;
}

double BrainProcess::resident_mib() const
{
    return proc_number(fmt::format("/proc/{}/status", pid_), "VmRSS:") / 1024;
}

double BrainProcess::written_mib() const
{
    return proc_number(fmt::format("/proc/{}/io", pid_), "write_bytes:") / (1 << 20);
}

namespace {

Result<std::string> body_of(Result<io::HttpResponse> response)
{
    if (!response)
        return tl::unexpected(response.error());
    if (response->status >= 300)
        return fail(ErrorCode::unavailable, "status {}: {}", response->status, response->body);
    return std::move(response->body);
}

}

Result<std::string> BrainProcess::get(std::string const& target) const
{
    io::HttpRequestOut request;
    request.target = target;
    return body_of(io::fetch_blocking("127.0.0.1", port_, std::move(request), patience));
}

Result<std::string> BrainProcess::post(std::string const& target, std::string body) const
{
    io::HttpRequestOut request;
    request.method = "POST";
    request.target = target;
    request.body = std::move(body);
    return body_of(io::fetch_blocking("127.0.0.1", port_, std::move(request), patience));
}

}
