#include <io/process_output.h>

#include <io/errno_error.h>
#include <io/file.h>

#include <fcntl.h>
#include <sys/stat.h>

#include <algorithm>

namespace sidereal::io {

namespace {

constexpr std::size_t tail_bytes = 4096;

}

void LineSplitter::feed(std::string_view bytes, Function<void(std::string_view)> const& on_line)
{
    while (!bytes.empty()) {
        if (std::exchange(after_cr_, false) && bytes.front() == '\n') {
            bytes.remove_prefix(1);
            continue;
        }
        auto const end = bytes.find_first_of("\r\n");
        auto const piece = bytes.substr(0, end);
        if (end == std::string_view::npos) {
            keep(piece);
            return;
        }
        after_cr_ = bytes[end] == '\r';
        bytes.remove_prefix(end + 1);
        if (partial_.empty()) {
            on_line(piece.substr(0, limit_bytes));
        } else {
            keep(piece);
            on_line(partial_);
            partial_.clear();
        }
        in_line_ = false;
    }
}

void LineSplitter::keep(std::string_view piece)
{
    in_line_ = in_line_ || !piece.empty();
    partial_ += piece.substr(0, limit_bytes - partial_.size());
}

void LineSplitter::finish(Function<void(std::string_view)> const& on_line)
{
    if (std::exchange(in_line_, false))
        on_line(partial_);
    partial_.clear();
}

Result<std::shared_ptr<UniqueFd>> LogFiles::open(std::string const& path)
{
    // Entries of closed files go when there are many, so that a long life does not add up.
    if (files_.size() > 256)
        std::erase_if(files_, [](auto const& entry) { return entry.second.expired(); });
    if (auto open_already = files_[path].lock())
        return open_already;
    constexpr int flags = O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC;
    UniqueFd file(::open(path.c_str(), flags, 0600));
    auto const slash = path.rfind('/');
    if (!file && errno == ENOENT && slash != std::string::npos && slash > 0) {
        TRY(make_directories(path.substr(0, slash)));
        file = UniqueFd(::open(path.c_str(), flags, 0600));
    }
    if (!file)
        return fail_errno(errno, "cannot open the log {}", path);
    auto shared = std::make_shared<UniqueFd>(std::move(file));
    files_[path] = shared;
    return shared;
}

ProcessOutput::ProcessOutput(LogFiles& files, SpawnOptions& options)
    : files_(files)
    , log_path_(std::move(options.log_path))
    , line_wanted_(std::move(options.line_wanted))
    , on_line_(std::move(options.on_line))
    , mask_(std::move(options.mask))
{
    if (!on_line_)
        return;
    line_sink_ = [this](std::string_view line) {
        if (!line_wanted_ || line_wanted_(line))
            on_line_(line);
    };
}

void ProcessOutput::take(std::string_view bytes)
{
    taken_bytes_ += bytes.size();
    if (!mask_.wanted) {
        keep(bytes);
        watch(bytes);
        return;
    }
    if (held_.empty())
        return mask_.wanted(bytes) ? keep_masked(bytes) : keep_unmasked(bytes);
    auto const whole = std::exchange(held_, {}).append(bytes);
    return mask_.wanted(whole) ? keep_masked(whole) : keep_unmasked(whole);
}

void ProcessOutput::watch(std::string_view bytes)
{
    if (line_sink_)
        lines_.feed(bytes, line_sink_);
}

void ProcessOutput::keep(std::string_view bytes)
{
    write_log(bytes);
    keep_tail(bytes);
}

// In one piece, but for the last line where that may yet be one to mask.
void ProcessOutput::keep_unmasked(std::string_view bytes)
{
    auto const line_end = bytes.find_last_of("\r\n");
    auto const last = line_end == std::string_view::npos ? 0 : line_end + 1;
    line_is_begun_ = line_is_begun_ && last == 0;
    auto const rest = bytes.substr(last);
    if (!line_is_begun_ && !rest.empty() && mask_.may_be_wanted(rest)) {
        held_ = rest;
        bytes = bytes.substr(0, last);
    } else {
        line_is_begun_ = line_is_begun_ || !rest.empty();
    }
    keep(bytes);
    watch(bytes);
}

void ProcessOutput::keep_masked(std::string_view bytes)
{
    while (!bytes.empty()) {
        auto const end = bytes.find_first_of("\r\n");
        if (end == std::string_view::npos && bytes.size() < LineSplitter::limit_bytes) {
            held_ = bytes;
            return;
        }
        // A line without end is kept in pieces; what lies across two of them is not recognised.
        auto const length = std::min(end, LineSplitter::limit_bytes);
        auto const line_end = bytes.substr(length, length == end ? 1 : 0);
        keep_line(bytes.substr(0, length), line_end);
        line_is_begun_ = line_end.empty();
        bytes.remove_prefix(length + line_end.size());
    }
}

void ProcessOutput::keep_line(std::string_view line, std::string_view line_end)
{
    watch(line);
    watch(line_end);
    keep(mask_.shown(line).append(line_end));
}

bool ProcessOutput::open_log()
{
    if (log_)
        return true;
    auto opened = files_.open(log_path_);
    if (!opened) {
        if (log_error_.empty())
            log_error_ = std::move(opened).error().message;
        return false;
    }
    log_ = *std::move(opened);
    struct stat about { };
    if (::fstat(log_->get(), &about) == 0)
        log_begin_ = static_cast<std::uint64_t>(about.st_size);
    log_end_ = log_begin_;
    return true;
}

void ProcessOutput::write_log(std::string_view bytes)
{
    if (log_path_.empty())
        return;
    if (!open_log()) {
        lost_bytes_ += bytes.size();
        return;
    }
    // Blocking, on purpose: while the disk is slow the pipe fills up and the child waits.
    while (!bytes.empty()) {
        auto const written = ::write(log_->get(), bytes.data(), bytes.size());
        if (written < 0 && errno == EINTR)
            continue;
        if (written < 0) {
            if (log_error_.empty())
                log_error_ = fmt::format("cannot write {}: {}", log_path_, errno_text(errno));
            lost_bytes_ += bytes.size();
            return;
        }
        bytes.remove_prefix(static_cast<std::size_t>(written));
        log_end_ += static_cast<std::uint64_t>(written);
    }
}

void ProcessOutput::keep_tail(std::string_view bytes)
{
    if (bytes.size() >= tail_bytes) {
        tail_.assign(bytes.substr(bytes.size() - tail_bytes));
        return;
    }
    tail_ += bytes;
    // Trimmed now and then, not at each byte.
    if (tail_.size() > 4 * tail_bytes)
        tail_.erase(0, tail_.size() - tail_bytes);
}

void ProcessOutput::finish(ProcessEnd& end)
{
    watch(held_);
    if (line_sink_)
        lines_.finish(line_sink_);
    if (!held_.empty())
        keep(mask_.shown(held_));
    if (!log_ && !log_path_.empty()) {
        struct stat about { };
        if (::stat(log_path_.c_str(), &about) == 0)
            log_begin_ = log_end_ = static_cast<std::uint64_t>(about.st_size);
    }
    if (tail_.size() > tail_bytes)
        tail_.erase(0, tail_.size() - tail_bytes);
    end.log_begin = log_begin_;
    end.log_end = log_end_;
    end.log_lost_bytes = lost_bytes_;
    end.log_error = std::move(log_error_);
    end.tail = std::move(tail_);
    log_.reset();
}

}
