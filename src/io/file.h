#pragma once

#include <base/result.h>

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace sidereal::io {

// Whole files and folders, blocking: for configuration, small records and start-up. Errors name the
// path. not_found when it is not there; exhausted when the disk is full.

// Fails with invalid_input when the file has more than `limit_bytes`.
Result<std::string> read_file(std::string const& path, std::size_t limit_bytes = 64 << 20);

// At most `max_bytes` from `offset` on; shorter, or empty, at the end of the file.
Result<std::string> read_file_range(
    std::string const& path, std::uint64_t offset, std::size_t max_bytes);

Status write_file(std::string const& path, std::string_view content, unsigned mode = 0600);

// After a crash the path holds the old content or the new, whole; it is on disk upon return.
Status write_file_atomic(std::string const& path, std::string_view content, unsigned mode = 0600);

// With parents; fine when it is there already.
Status make_directories(std::string const& path, unsigned mode = 0700);

// The path and everything below; symbolic links are removed, never followed. Fine when absent.
Status remove_tree(std::string const& path);

Result<std::uint64_t> file_size(std::string const& path);
bool path_exists(std::string const& path);

// What an unprivileged user may still write on the file system that holds the path.
Result<std::uint64_t> free_bytes(std::string const& path);

// An exclusive claim on a path for the life of this object, given back by the kernel even after
// kill -9. The file stays behind with the last holder's process id in it.
class FileLock {
public:
    // conflict names the holder's process id.
    static Result<FileLock> acquire(std::string const& path);
    ~FileLock();
    FileLock(FileLock&& other) noexcept;
    FileLock& operator=(FileLock&& other) noexcept;

private:
    explicit FileLock(int fd)
        : fd_(fd)
    {
    }

    int fd_ { -1 };
};

}
