#include <base/verify.h>

#include <cstdio>
#include <cstdlib>

namespace sidereal {

void verify_failed(char const* condition, char const* file, int line) noexcept
{
    std::fprintf(stderr, "sidereal: broken assumption: %s (%s:%d)\n", condition, file, line);
    std::abort();
}

}
