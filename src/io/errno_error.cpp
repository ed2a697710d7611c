#include <io/errno_error.h>

#include <system_error>

namespace sidereal::io {

std::string errno_text(int error) { return std::generic_category().message(error); }

ErrorCode errno_code(int error)
{
    switch (error) {
    case ENOENT:
    case ENOTDIR: return ErrorCode::not_found;
    case EEXIST:
    case EADDRINUSE: return ErrorCode::conflict;
    case ENOSPC:
    case EDQUOT:
    case EMFILE:
    case ENFILE:
    case ENOMEM:
    case EAGAIN: return ErrorCode::exhausted;
    case ECONNREFUSED:
    case ECONNRESET:
    case EPIPE:
    case EHOSTUNREACH:
    case ENETUNREACH: return ErrorCode::unavailable;
    case ETIMEDOUT: return ErrorCode::timed_out;
    default: return ErrorCode::io_failed;
    }
}

}
