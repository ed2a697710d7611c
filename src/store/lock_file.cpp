#include <store/lock_file.h>

#include <cerrno>
#include <cstring>

#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

namespace sidereal::store {

Result<LockFile> LockFile::take(std::string const& path)
{
    auto const descriptor = ::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600);
    if (descriptor < 0)
        return fail(ErrorCode::io_failed,
            "cannot open '{}': {}; make sure that its folder is there and may be written", path,
            std::strerror(errno));
    LockFile file(descriptor);
    if (::flock(descriptor, LOCK_EX | LOCK_NB) == 0)
        return file;
    if (errno == EWOULDBLOCK)
        return fail(ErrorCode::conflict,
            "'{}' is held by another Sidereal: end that one or name another database", path);
    return fail(ErrorCode::io_failed, "cannot lock '{}': {}", path, std::strerror(errno));
}

LockFile::~LockFile()
{
    if (descriptor_ >= 0)
        ::close(descriptor_);
}

}
