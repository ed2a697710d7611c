#include <store/log.h>

#include <base/verify.h>
#include <store/checksum.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <charconv>
#include <cstring>
#include <filesystem>
#include <vector>

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

namespace sidereal::store {

namespace {

namespace files = std::filesystem;

// In front of each batch; numbers as this machine has them, which is little-endian.
struct FrameHead {
    std::uint32_t magic;
    std::uint32_t checksum; // of all that follows, the batch included
    std::uint64_t number;
    std::uint64_t bytes; // of the batch
};
constexpr std::uint32_t frame_magic = 0x31474c53; // "SLG1"
constexpr std::size_t checked_from = offsetof(FrameHead, number);
constexpr std::string_view suffix = ".log";
constexpr std::size_t most_spares = 2;

Error file_error(int code, std::string_view trouble, std::string const& path)
{
    auto const full = code == ENOSPC || code == EDQUOT;
    return { full ? ErrorCode::exhausted : ErrorCode::io_failed,
        fmt::format("{} '{}': {}; {}", trouble, path, std::strerror(code),
            full ? "make room on its disk" : "check its disk and the system's log") };
}

std::string_view bytes_of(FrameHead const& head)
{
    return { static_cast<char const*>(static_cast<void const*>(&head)), sizeof head };
}

// The batch of the frame at `offset`; nothing if none begins there.
std::optional<std::string_view> frame_at(
    std::string_view segment, std::uint64_t offset, std::uint64_t number)
{
    FrameHead head;
    if (offset + sizeof head > segment.size())
        return std::nullopt;
    std::memcpy(&head, segment.data() + offset, sizeof head);
    auto const room = segment.size() - offset - sizeof head;
    if (head.magic != frame_magic || head.number != number || head.bytes > room)
        return std::nullopt;
    auto const checked = segment.substr(
        offset + checked_from, sizeof head - checked_from + head.bytes);
    if (crc32c(checked) != head.checksum)
        return std::nullopt;
    return segment.substr(offset + sizeof head, head.bytes);
}

// Whether a sound frame with a higher number lies behind `offset`: a batch is only written when the
// one before is durable, so that what is missing in front of it was damaged since.
bool later_frame(std::string_view segment, std::uint64_t offset, std::uint64_t number)
{
    FrameHead const pattern { frame_magic, 0, 0, 0 };
    auto const wanted = bytes_of(pattern).substr(0, sizeof frame_magic);
    for (auto at = segment.find(wanted, offset); at != std::string_view::npos;
         at = segment.find(wanted, at + 1)) {
        FrameHead head;
        if (at + sizeof head > segment.size())
            return false;
        std::memcpy(&head, segment.data() + at, sizeof head);
        if (head.number > number && frame_at(segment, at, head.number))
            return true;
    }
    return false;
}

// The errno of the failure; 0 is success.
int write_all(int file, std::string_view bytes, std::uint64_t offset)
{
    while (!bytes.empty()) {
        auto const written = ::pwrite(file, bytes.data(), bytes.size(), static_cast<off_t>(offset));
        if (written < 0 && errno == EINTR)
            continue;
        if (written < 0)
            return errno;
        bytes.remove_prefix(static_cast<std::size_t>(written));
        offset += static_cast<std::uint64_t>(written);
    }
    return 0;
}

int read_exactly(int file, std::string& bytes, std::uint64_t offset)
{
    std::size_t got = 0;
    while (got < bytes.size()) {
        auto const count = ::pread(
            file, bytes.data() + got, bytes.size() - got, static_cast<off_t>(offset + got));
        if (count < 0 && errno == EINTR)
            continue;
        if (count <= 0)
            return count == 0 ? EIO : errno;
        got += static_cast<std::size_t>(count);
    }
    return 0;
}

std::optional<std::uint64_t> number_in(std::string const& name)
{
    std::uint64_t number = 0;
    auto const end = name.data() + name.size();
    auto const [at, failure] = std::from_chars(name.data(), end, number);
    if (failure != std::errc {} || std::string_view(at, end) != suffix)
        return std::nullopt;
    return number;
}

void close_file(int& file)
{
    if (file >= 0)
        ::close(std::exchange(file, -1));
}

}

Result<std::unique_ptr<Log>> Log::open(Options options, LogPosition from)
{
    std::error_code failure;
    files::create_directories(options.folder, failure);
    if (failure)
        return fail(ErrorCode::io_failed,
            "cannot make the folder '{}': {}; make sure that its folder is there and may be "
            "written",
            options.folder, failure.message());
    std::unique_ptr<Log> log(new Log(std::move(options)));
    log->next_segment_bytes_ = log->options_.first_segment_bytes;
    TRY(log->recover(from));
    return log;
}

Log::~Log()
{
    close_file(writing_);
    close_file(reading_);
}

std::string Log::path(std::uint64_t first) const
{
    return fmt::format("{}/{:020}{}", options_.folder, first, suffix);
}

Status Log::recover(LogPosition from)
{
    std::vector<std::uint64_t> found;
    std::error_code failure;
    for (auto const& entry : files::directory_iterator(options_.folder, failure))
        if (auto const number = number_in(entry.path().filename().string()))
            found.push_back(*number);
    if (failure)
        return fail(ErrorCode::io_failed, "cannot read the folder '{}': {}", options_.folder,
            failure.message());
    std::sort(found.begin(), found.end());
    next_ = needed_ = from.next;
    for (std::size_t i = 0; i < found.size(); ++i) {
        auto const before = i + 1 < found.size() ? std::optional(found[i + 1]) : std::nullopt;
        Segment segment { found[i], 0, 0 };
        // All of it is known elsewhere.
        if (before && *before <= from.next) {
            segments_.push_back(segment);
            continue;
        }
        if (segment.first > next_)
            return missing(next_, segment.first);
        auto const starts_inside = from.segment == segment.first && from.next >= segment.first;
        segment.end = starts_inside ? from.offset : 0;
        auto const next = starts_inside ? from.next : segment.first;
        next_ = std::max(next_, TRY(recover_segment(segment, next, before)));
        segments_.push_back(segment);
    }
    return {};
}

tl::unexpected<Error> Log::missing(std::uint64_t first, std::uint64_t behind) const
{
    return fail(ErrorCode::io_failed,
        "the log '{}' lacks batches {} to {}, which the database does not have: restore both from "
        "one backup, or move the log away to go on from what the database has",
        options_.folder, first, behind - 1);
}

// The number behind its last sound frame.
Result<std::uint64_t> Log::recover_segment(
    Segment& segment, std::uint64_t next, std::optional<std::uint64_t> before)
{
    auto const name = path(segment.first);
    auto file = ::open(name.c_str(), O_RDONLY | O_CLOEXEC);
    if (file < 0)
        return tl::unexpected(file_error(errno, "cannot open", name));
    struct stat facts { };
    ::fstat(file, &facts);
    segment.bytes = static_cast<std::uint64_t>(facts.st_size);
    std::string bytes(segment.bytes, '\0');
    auto const failure = read_exactly(file, bytes, 0);
    close_file(file);
    if (failure != 0)
        return tl::unexpected(file_error(failure, "cannot read", name));
    auto const stop = before.value_or(~std::uint64_t { 0 });
    while (next < stop) {
        auto const frame = frame_at(bytes, segment.end, next);
        if (!frame)
            break;
        segment.end += sizeof(FrameHead) + frame->size();
        ++next;
    }
    if (next < stop && later_frame(bytes, segment.end, next))
        return fail(ErrorCode::io_failed,
            "batch {} in '{}' is damaged, and later ones are not: restore the last backup", next,
            name);
    if (before && next < stop)
        return missing(next, stop);
    return next;
}

LogPosition Log::end() const
{
    std::lock_guard const lock(mutex_);
    if (segments_.empty())
        return { next_, 0, 0 };
    return { next_, segments_.back().first, segments_.back().end };
}

std::uint64_t Log::distance(LogPosition from) const
{
    std::lock_guard const lock(mutex_);
    std::uint64_t bytes = 0;
    for (auto segment = segments_.rbegin(); segment != segments_.rend(); ++segment) {
        bytes += segment->end;
        if (segment->first <= from.segment)
            return bytes - std::min(bytes, from.offset);
    }
    return from.segment == 0 ? bytes : 0;
}

Status Log::append(std::string_view batch)
{
    auto const frame_bytes = sizeof(FrameHead) + batch.size();
    auto const full = [&] {
        std::lock_guard const lock(mutex_);
        return segments_.empty() || segments_.back().end + frame_bytes > segments_.back().bytes;
    };
    if (writing_ < 0 || full())
        TRY(start_segment(frame_bytes));
    auto written = write_frame(batch);
    if (!written)
        close_file(writing_);
    return written;
}

Status Log::write_frame(std::string_view batch)
{
    FrameHead head { frame_magic, 0, 0, batch.size() };
    std::uint64_t offset = 0;
    {
        std::lock_guard const lock(mutex_);
        head.number = next_;
        offset = segments_.back().end;
    }
    frame_.assign(bytes_of(head));
    frame_ += batch;
    auto const checksum = crc32c(std::string_view(frame_).substr(checked_from));
    std::memcpy(frame_.data() + offsetof(FrameHead, checksum), &checksum, sizeof checksum);
    auto failure = write_all(writing_, frame_, offset);
    if (failure == 0 && options_.sync(writing_) != 0)
        failure = errno;
    if (failure != 0)
        return tl::unexpected(file_error(failure, "cannot write a batch to", options_.folder));
    std::lock_guard const lock(mutex_);
    segments_.back().end += frame_.size();
    ++next_;
    return {};
}

// A file with room, made durable together with its name.
Status Log::start_segment(std::size_t frame_bytes)
{
    close_file(writing_);
    Segment fresh;
    {
        std::lock_guard const lock(mutex_);
        fresh.first = next_;
        // One without a sound frame has the same name.
        if (!segments_.empty() && segments_.back().first == next_)
            segments_.pop_back();
    }
    auto const name = path(fresh.first);
    ::unlink(name.c_str());
    auto const bytes = std::max<std::uint64_t>(next_segment_bytes_, frame_bytes);
    auto file = TRY(open_room(bytes, name));
    if (auto const synced = sync_folder(); !synced) {
        close_file(file);
        ::unlink(name.c_str());
        return synced;
    }
    struct stat facts { };
    ::fstat(file, &facts);
    fresh.bytes = static_cast<std::uint64_t>(facts.st_size);
    next_segment_bytes_ = std::min(next_segment_bytes_ * 2, options_.most_segment_bytes);
    writing_ = file;
    std::lock_guard const lock(mutex_);
    segments_.push_back(fresh);
    return {};
}

// Segments that are not needed any more are used again where they are large enough: their blocks
// are written already, and a sync need not note down new ones.
Result<int> Log::open_room(std::uint64_t bytes, std::string const& name)
{
    while (auto const spare = take_spare(1)) {
        auto const old = path(spare->first);
        if (spare->bytes < bytes || ::rename(old.c_str(), name.c_str()) != 0) {
            ::unlink(old.c_str());
            continue;
        }
        auto const file = ::open(name.c_str(), O_RDWR | O_CLOEXEC);
        if (file >= 0)
            return file;
        ::unlink(name.c_str());
    }
    auto const file = ::open(name.c_str(), O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
    if (file < 0)
        return tl::unexpected(file_error(errno, "cannot make", name));
    if (auto const code = ::posix_fallocate(file, 0, static_cast<off_t>(bytes)); code != 0) {
        ::close(file);
        ::unlink(name.c_str());
        return tl::unexpected(file_error(code, "cannot set room aside for", name));
    }
    return file;
}

// The oldest of the segments that are not needed any more, if they are that many; it is nobody's
// then.
std::optional<Log::Segment> Log::take_spare(std::size_t at_least)
{
    std::lock_guard const lock(mutex_);
    std::size_t free = 0;
    while (free + 1 < segments_.size() && segments_[free + 1].first <= needed_)
        ++free;
    if (free < at_least)
        return std::nullopt;
    auto const spare = segments_.front();
    segments_.pop_front();
    return spare;
}

Status Log::sync_folder() const
{
    auto const folder = ::open(options_.folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    auto const synced = folder >= 0 && ::fsync(folder) == 0;
    auto const code = errno;
    if (folder >= 0)
        ::close(folder);
    if (!synced)
        return tl::unexpected(file_error(code, "cannot make durable the folder", options_.folder));
    return {};
}

void Log::release(LogPosition before)
{
    {
        std::lock_guard const lock(mutex_);
        needed_ = std::max(needed_, before.next);
    }
    while (auto const spare = take_spare(most_spares + 1))
        ::unlink(path(spare->first).c_str());
}

Result<std::optional<std::string>> Log::read(LogPosition& at)
{
    Segment segment;
    {
        std::lock_guard const lock(mutex_);
        if (at.next >= next_)
            return std::nullopt;
        auto const behind = std::find_if(segments_.begin(), segments_.end(),
            [&](Segment const& one) { return one.first > at.next; });
        VERIFY(behind != segments_.begin());
        segment = *std::prev(behind);
    }
    if (at.segment != segment.first) {
        VERIFY(segment.first == at.next);
        at = { at.next, segment.first, 0 };
    }
    auto const name = path(segment.first);
    if (reading_ < 0 || reading_segment_ != segment.first) {
        close_file(reading_);
        reading_ = ::open(name.c_str(), O_RDONLY | O_CLOEXEC);
        reading_segment_ = segment.first;
        if (reading_ < 0)
            return tl::unexpected(file_error(errno, "cannot open", name));
    }
    std::string frame(sizeof(FrameHead), '\0');
    auto failure = read_exactly(reading_, frame, at.offset);
    FrameHead head;
    std::memcpy(&head, frame.data(), sizeof head);
    if (failure == 0 && head.magic == frame_magic && head.bytes <= segment.end) {
        frame.resize(sizeof head + head.bytes);
        failure = read_exactly(reading_, frame, at.offset);
    }
    if (failure != 0)
        return tl::unexpected(file_error(failure, "cannot read", name));
    auto const batch = frame_at(frame, 0, at.next);
    if (!batch)
        return fail(ErrorCode::io_failed,
            "batch {} in '{}' was sound and now is not: check its disk and the system's log",
            at.next, name);
    at.offset += frame.size();
    ++at.next;
    return std::string(*batch);
}

}
