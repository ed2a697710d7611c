#include <app/log_keeper.h>

#include <io/errno_error.h>
#include <io/file.h>

#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <charconv>
#include <filesystem>
#include <string_view>
#include <tuple>
#include <vector>

namespace sidereal::app {

namespace {

namespace fs = std::filesystem;

struct LogFile {
    Wall changed {};
    std::string path;
    std::uint64_t bytes { 0 };
    // None: of a session's exit.
    AttemptId attempt {};

    bool operator<(LogFile const& other) const
    {
        return std::tie(changed, path) < std::tie(other.changed, other.path);
    }
};

std::uint64_t leading_number(std::string_view text)
{
    std::uint64_t number = 0;
    std::from_chars(text.data(), text.data() + text.size(), number);
    return number;
}

std::string mark_of(std::string const& folder) { return folder + "/newest_pruned"; }

std::vector<LogFile> logs_below(std::string const& folder)
{
    std::vector<LogFile> logs;
    std::error_code failure;
    for (fs::recursive_directory_iterator at(folder, failure), end; !failure && at != end;
         at.increment(failure)) {
        struct stat about { };
        if (at->path().extension() != ".log" || ::lstat(at->path().c_str(), &about) != 0
            || !S_ISREG(about.st_mode))
            continue;
        Wall const changed { std::chrono::seconds(about.st_mtim.tv_sec) };
        logs.push_back({ changed, at->path().string(), static_cast<std::uint64_t>(about.st_size),
            { leading_number(at->path().filename().string()) } });
    }
    std::sort(logs.begin(), logs.end());
    return logs;
}

}

LogKeeper::LogKeeper(std::string folder, LogLimits limits)
    : folder_(std::move(folder))
    , limits_(limits)
    , newest_gone_ { leading_number(io::read_file(mark_of(folder_), 64).value_or("")) }
{
}

LogKeeper::Pruned LogKeeper::prune(std::set<AttemptId> const& live, Wall now)
{
    auto const logs = logs_below(folder_);
    std::uint64_t kept_bytes = 0;
    for (auto const& log : logs)
        kept_bytes += log.bytes;
    std::vector<LogFile const*> doomed;
    auto newest = newest_gone_;
    for (auto const& log : logs) {
        auto const is_over = now - log.changed > limits_.max_age || kept_bytes > limits_.max_bytes;
        if (!is_over || live.contains(log.attempt))
            continue;
        doomed.push_back(&log);
        kept_bytes -= log.bytes;
        newest = std::max(newest, log.attempt);
    }
    Pruned pruned;
    // First the mark: a log that is gone must not look like one that never was.
    if (newest > newest_gone_) {
        if (auto const kept = io::write_file_atomic(
                mark_of(folder_), std::to_string(newest.value) + '\n');
            !kept)
            return { 0, 0, kept.error().message };
        newest_gone_ = newest;
    }
    for (auto const* log : doomed) {
        if (::unlink(log->path.c_str()) == 0) {
            ++pruned.files;
            pruned.bytes += log->bytes;
        } else if (errno != ENOENT && pruned.failure.empty()) {
            pruned.failure = log->path + ": " + io::errno_text(errno);
        }
        // The job's folder, where this was the last one.
        ::rmdir(fs::path(log->path).parent_path().c_str());
    }
    return pruned;
}

std::optional<std::string> LogKeeper::why_gone(AttemptId attempt) const
{
    if (attempt > newest_gone_)
        return std::nullopt;
    return fmt::format("it printed nothing, or its log was removed: this node keeps logs for {} "
                       "days and up to {} MiB",
        std::chrono::duration_cast<std::chrono::days>(limits_.max_age).count(),
        limits_.max_bytes >> 20);
}

}
