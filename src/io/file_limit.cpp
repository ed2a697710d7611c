#include <io/file_limit.h>

#include <algorithm>

#include <sys/resource.h>

namespace sidereal::io {

std::size_t raise_file_limit(std::size_t wanted)
{
    // Nothing here keeps a table of all numbers there could be; more than this is not asked for.
    constexpr rlim_t most = 1 << 20;
    rlimit limit {};
    if (::getrlimit(RLIMIT_NOFILE, &limit) != 0)
        return 0;
    auto const before = limit.rlim_cur;
    if (limit.rlim_max < wanted) {
        rlimit const more { wanted, wanted };
        if (::setrlimit(RLIMIT_NOFILE, &more) == 0)
            return wanted;
    }
    limit.rlim_cur = std::max(before, std::min(limit.rlim_max, most));
    return ::setrlimit(RLIMIT_NOFILE, &limit) == 0 ? limit.rlim_cur : before;
}

}
