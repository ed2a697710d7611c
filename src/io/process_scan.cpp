#include <io/process_scan.h>

#include <io/process.h>
#include <io/unique_fd.h>

#include <dirent.h>
#include <fcntl.h>
#include <signal.h>
#include <sys/syscall.h>

#include <algorithm>
#include <charconv>
#include <memory>
#include <set>
#include <string>
#include <string_view>
#include <unordered_map>

namespace sidereal::io {

namespace {

constexpr std::size_t environment_limit_bytes = 4UL * 1024 * 1024;
constexpr int kill_passes = 5;

struct CloseDirectory {
    void operator()(DIR* directory) const { ::closedir(directory); }
};

template<typename Number>
bool parse_number(std::string_view text, Number& number)
{
    auto const [end, failure] = std::from_chars(text.data(), text.data() + text.size(), number);
    return failure == std::errc {} && end == text.data() + text.size();
}

template<typename Visitor>
void each_process(Visitor const& visit)
{
    std::unique_ptr<DIR, CloseDirectory> const directory(::opendir("/proc"));
    if (!directory)
        return;
    while (auto const* entry = ::readdir(directory.get())) {
        pid_t pid = 0;
        if (parse_number(std::string_view(entry->d_name), pid))
            visit(pid);
    }
}

struct ProcessStat {
    pid_t parent { 0 };
    pid_t group { 0 };
    std::uint64_t rss_pages { 0 };
    std::uint64_t cpu_ticks { 0 };
};

// proc(5): "pid (name) state ppid pgrp ..."; the name may hold anything, so fields count from the
// last ')'.
bool parse_stat(std::string_view text, ProcessStat& stat)
{
    auto const name_end = text.rfind(')');
    if (name_end == std::string_view::npos)
        return false;
    constexpr int parent_field = 4;
    constexpr int group_field = 5;
    // User and system time, its own and of the children it has waited for.
    constexpr int first_cpu_field = 14;
    constexpr int last_cpu_field = 17;
    constexpr int rss_field = 24;
    auto rest = text.substr(name_end + 1);
    for (int field = 3; field <= rss_field; ++field) {
        rest.remove_prefix(std::min(rest.find_first_not_of(' '), rest.size()));
        auto const word = rest.substr(0, rest.find(' '));
        rest.remove_prefix(word.size());
        std::uint64_t ticks = 0;
        if (field >= first_cpu_field && field <= last_cpu_field && !parse_number(word, ticks))
            return false;
        stat.cpu_ticks += ticks;
        auto const is_read = field == parent_field ? parse_number(word, stat.parent)
            : field == group_field                 ? parse_number(word, stat.group)
            : field == rss_field                   ? parse_number(word, stat.rss_pages)
                                                   : true;
        if (!is_read)
            return false;
    }
    return true;
}

bool read_stat(pid_t pid, ProcessStat& stat)
{
    char path[32];
    *fmt::format_to(path, "/proc/{}/stat", pid) = '\0';
    UniqueFd const file(::open(path, O_RDONLY | O_CLOEXEC));
    if (!file)
        return false;
    char text[1024];
    auto const got = ::read(file.get(), text, sizeof text);
    return got > 0 && parse_stat({ text, static_cast<std::size_t>(got) }, stat);
}

bool environment_has(pid_t pid, std::string_view marker)
{
    char path[32];
    *fmt::format_to(path, "/proc/{}/environ", pid) = '\0';
    UniqueFd const file(::open(path, O_RDONLY | O_CLOEXEC));
    if (!file)
        return false;
    std::string environment;
    char piece[16 * 1024];
    ssize_t got = 0;
    while (environment.size() < environment_limit_bytes
        && (got = ::read(file.get(), piece, sizeof piece)) > 0)
        environment.append(piece, static_cast<std::size_t>(got));
    std::string_view rest(environment);
    while (!rest.empty()) {
        auto const entry = rest.substr(0, rest.find('\0'));
        if (entry == marker)
            return true;
        rest.remove_prefix(std::min(rest.size(), entry.size() + 1));
    }
    return false;
}

}

std::vector<GroupUse> group_use(std::span<pid_t const> leaders)
{
    std::unordered_map<pid_t, ProcessStat> processes;
    each_process([&](pid_t pid) {
        ProcessStat stat;
        if (read_stat(pid, stat))
            processes.emplace(pid, stat);
    });
    std::unordered_map<pid_t, std::size_t> index_of;
    for (auto const leader : leaders)
        index_of.emplace(leader, index_of.size());
    std::vector<GroupUse> sums(leaders.size());
    auto const page_bytes = static_cast<std::uint64_t>(::sysconf(_SC_PAGESIZE));
    auto const tick = std::chrono::microseconds(1'000'000 / ::sysconf(_SC_CLK_TCK));
    for (auto const& [pid, stat] : processes) {
        auto owner = index_of.find(stat.group);
        auto ancestor = pid;
        // Parents are read at different moments; the bound breaks a cycle that never was.
        for (int steps = 0; owner == index_of.end() && steps < 64; ++steps) {
            owner = index_of.find(ancestor);
            auto const next = processes.find(ancestor);
            if (next == processes.end())
                break;
            ancestor = next->second.parent;
        }
        if (owner == index_of.end())
            continue;
        sums[owner->second].rss_bytes += stat.rss_pages * page_bytes;
        sums[owner->second].cpu += tick * static_cast<std::int64_t>(stat.cpu_ticks);
    }
    return sums;
}

bool descends_from(pid_t process, pid_t leader)
{
    // The bound breaks a cycle that was read from different moments.
    for (int steps = 0; steps < 64 && process > 1; ++steps) {
        ProcessStat stat;
        if (process == leader)
            return true;
        if (!read_stat(process, stat))
            return false;
        if (stat.group == leader)
            return true;
        process = stat.parent;
    }
    return false;
}

std::uint64_t rss_bytes_of(std::span<pid_t const> processes)
{
    std::uint64_t pages = 0;
    for (auto const pid : processes) {
        ProcessStat stat;
        if (read_stat(pid, stat))
            pages += stat.rss_pages;
    }
    return pages * static_cast<std::uint64_t>(::sysconf(_SC_PAGESIZE));
}

void kill_rest_of_group(pid_t group)
{
    auto const session = ::getsid(0);
    for (int pass = 0; pass < kill_passes; ++pass) {
        auto killed = false;
        each_process([&](pid_t pid) {
            ProcessStat stat;
            UniqueFd const process(static_cast<int>(::syscall(SYS_pidfd_open, pid, 0)));
            if (process && read_stat(pid, stat) && stat.group == group && ::getsid(pid) == session
                && ::syscall(SYS_pidfd_send_signal, process.get(), SIGKILL, nullptr, 0) == 0)
                killed = true;
        });
        // Something may have been forking while we looked.
        if (!killed)
            break;
    }
}

std::size_t kill_leftovers(std::string_view marker)
{
    std::set<pid_t> killed;
    for (int pass = 0; pass < kill_passes; ++pass) {
        auto const before = killed.size();
        each_process([&](pid_t pid) {
            if (pid == ::getpid() || killed.contains(pid))
                return;
            // Held while looking, so that the signal cannot reach a stranger with the same number.
            UniqueFd const process(static_cast<int>(::syscall(SYS_pidfd_open, pid, 0)));
            if (process && environment_has(pid, marker)
                && ::syscall(SYS_pidfd_send_signal, process.get(), SIGKILL, nullptr, 0) == 0)
                killed.insert(pid);
        });
        // Something may have been forking while we looked.
        if (killed.size() == before)
            break;
    }
    return killed.size();
}

}
