#include <io/file.h>

#include <io/errno_error.h>
#include <io/unique_fd.h>

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/statvfs.h>

#include <algorithm>
#include <atomic>
#include <charconv>

namespace sidereal::io {

namespace {

Result<UniqueFd> open_file(std::string const& path, int flags, unsigned mode = 0)
{
    UniqueFd file(::open(path.c_str(), flags | O_CLOEXEC, mode));
    if (!file)
        return fail_errno(errno, "cannot open {}", path);
    return file;
}

// Reads until `max_bytes` or the end; `offset` is moved along.
Result<std::string> read_from(
    int fd, std::string const& path, std::uint64_t offset, std::size_t max_bytes)
{
    std::string content;
    constexpr std::size_t step_bytes = 256UL * 1024;
    while (content.size() < max_bytes) {
        auto const begin = content.size();
        content.resize(begin + std::min(step_bytes, max_bytes - begin));
        auto const got = ::pread(
            fd, content.data() + begin, content.size() - begin, static_cast<off_t>(offset + begin));
        auto const error = errno;
        content.resize(begin + static_cast<std::size_t>(std::max<ssize_t>(got, 0)));
        if (got == 0)
            break;
        if (got < 0 && error != EINTR)
            return fail_errno(error, "cannot read {}", path);
    }
    return content;
}

Status write_all(int fd, std::string const& path, std::string_view content)
{
    while (!content.empty()) {
        auto const written = ::write(fd, content.data(), content.size());
        if (written < 0 && errno != EINTR)
            return fail_errno(errno, "cannot write {}", path);
        content.remove_prefix(static_cast<std::size_t>(std::max<ssize_t>(written, 0)));
    }
    return {};
}

std::string folder_of(std::string const& path)
{
    auto const slash = path.rfind('/');
    if (slash == std::string::npos)
        return ".";
    return slash == 0 ? "/" : path.substr(0, slash);
}

}

Result<std::string> read_file(std::string const& path, std::size_t limit_bytes)
{
    auto const file = TRY(open_file(path, O_RDONLY));
    // One more than allowed shows that there is more; sizes of /proc files say nothing.
    auto content = TRY(read_from(file.get(), path, 0, limit_bytes + 1));
    if (content.size() > limit_bytes) {
        return fail(ErrorCode::invalid_input, "{} has more than {} bytes, the limit for it", path,
            limit_bytes);
    }
    return content;
}

Result<std::string> read_file_range(
    std::string const& path, std::uint64_t offset, std::size_t max_bytes)
{
    auto const file = TRY(open_file(path, O_RDONLY));
    return read_from(file.get(), path, offset, max_bytes);
}

Status write_file(std::string const& path, std::string_view content, unsigned mode)
{
    auto const file = TRY(open_file(path, O_WRONLY | O_CREAT | O_TRUNC, mode));
    return write_all(file.get(), path, content);
}

Status write_file_atomic(std::string const& path, std::string_view content, unsigned mode)
{
    static std::atomic<unsigned> serial { 0 };
    auto const temporary = fmt::format("{}.{}.{}.tmp", path, ::getpid(), ++serial);
    auto const write = [&]() -> Status {
        auto const file = TRY(open_file(temporary, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW, mode));
        TRY(write_all(file.get(), temporary, content));
        if (::fsync(file.get()) != 0)
            return fail_errno(errno, "cannot bring {} to disk", temporary);
        if (::rename(temporary.c_str(), path.c_str()) != 0)
            return fail_errno(errno, "cannot rename {} to {}", temporary, path);
        return {};
    };
    if (auto status = write(); !status) {
        ::unlink(temporary.c_str());
        return status;
    }
    auto const folder = TRY(open_file(folder_of(path), O_RDONLY | O_DIRECTORY));
    if (::fsync(folder.get()) != 0)
        return fail_errno(errno, "cannot bring the folder of {} to disk", path);
    return {};
}

Status make_directories(std::string const& path, unsigned mode)
{
    auto const make = [&] { return ::mkdir(path.c_str(), mode) == 0 ? 0 : errno; };
    auto error = make();
    if (error == ENOENT) {
        auto const parent = folder_of(path.substr(0, path.find_last_not_of('/') + 1));
        if (parent != "." && parent != "/") {
            TRY(make_directories(parent, mode));
            error = make();
        }
    }
    struct stat about { };
    if (error == 0 || (::stat(path.c_str(), &about) == 0 && S_ISDIR(about.st_mode)))
        return {};
    return fail_errno(error, "cannot make the folder {}", path);
}

Result<std::uint64_t> file_size(std::string const& path)
{
    struct stat about { };
    if (::stat(path.c_str(), &about) != 0)
        return fail_errno(errno, "cannot look at {}", path);
    return static_cast<std::uint64_t>(about.st_size);
}

bool path_exists(std::string const& path)
{
    struct stat about { };
    return ::lstat(path.c_str(), &about) == 0;
}

Result<std::uint64_t> free_bytes(std::string const& path)
{
    struct statvfs about { };
    if (::statvfs(path.c_str(), &about) != 0)
        return fail_errno(errno, "cannot ask for the free space at {}", path);
    return static_cast<std::uint64_t>(about.f_bavail) * about.f_frsize;
}

Result<FileLock> FileLock::acquire(std::string const& path)
{
    auto file = TRY(open_file(path, O_RDWR | O_CREAT | O_NOFOLLOW, 0600));
    if (::flock(file.get(), LOCK_EX | LOCK_NB) != 0) {
        if (errno != EWOULDBLOCK)
            return fail_errno(errno, "cannot lock {}", path);
        auto holder = read_from(file.get(), path, 0, 20).value_or("");
        holder.erase(std::min(holder.find('\n'), holder.size()));
        return fail(ErrorCode::conflict, "{} is in use by process {}; stop that one first", path,
            holder.empty() ? "?" : holder);
    }
    if (::ftruncate(file.get(), 0) != 0)
        return fail_errno(errno, "cannot write {}", path);
    TRY(write_all(file.get(), path, fmt::format("{}\n", ::getpid())));
    return FileLock(file.release());
}

FileLock::~FileLock() { UniqueFd const closing(fd_); }

FileLock::FileLock(FileLock&& other) noexcept
    : fd_(std::exchange(other.fd_, -1))
{
}

FileLock& FileLock::operator=(FileLock&& other) noexcept
{
    std::swap(fd_, other.fd_);
    return *this;
}

}
