#include <io/clock.h>

#include <ctime>

namespace sidereal::io {

namespace {

Duration read_clock(clockid_t clock)
{
    timespec time {};
    ::clock_gettime(clock, &time);
    return Duration(time.tv_sec * 1'000'000 + time.tv_nsec / 1'000);
}

}

Now now() { return { mono_now(), Wall(read_clock(CLOCK_REALTIME)) }; }

Mono mono_now() { return Mono(read_clock(CLOCK_MONOTONIC)); }

}
