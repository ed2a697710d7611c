#pragma once

#include <base/result.h>

#include <string>
#include <utility>

namespace sidereal::store {

// A file that one process at a time may hold; the system lets go of it when the process ends. Not
// the database itself: closing any descriptor of that would drop SQLite's own locks.
class LockFile {
public:
    static Result<LockFile> take(std::string const& path);

    LockFile(LockFile&& other) noexcept
        : descriptor_(std::exchange(other.descriptor_, -1))
    {
    }
    LockFile& operator=(LockFile&&) = delete;
    ~LockFile();

private:
    explicit LockFile(int descriptor)
        : descriptor_(descriptor)
    {
    }

    int descriptor_;
};

}
