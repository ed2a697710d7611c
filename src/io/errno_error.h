#pragma once

#include <base/result.h>

#include <cerrno>
#include <string>
#include <utility>

namespace sidereal::io {

// "No such file or directory" and its like.
std::string errno_text(int error);
ErrorCode errno_code(int error);

// The message, then a colon and what the system says.
template<typename... Args>
tl::unexpected<Error> fail_errno(int error, fmt::format_string<Args...> format, Args&&... args)
{
    return fail(errno_code(error), "{}: {}", fmt::format(format, std::forward<Args>(args)...),
        errno_text(error));
}

}
