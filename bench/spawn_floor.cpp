// The floor under every farm: how many processes a bare loop can start and reap in a second.
// usage: spawn_floor COUNT SLOTS PROGRAM
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <spawn.h>
#include <sys/wait.h>

extern char** environ;

namespace {

bool start(char* program)
{
    char* arguments[] = { program, nullptr };
    pid_t pid = 0;
    return ::posix_spawn(&pid, program, nullptr, nullptr, arguments, environ) == 0;
}

}

int main(int argc, char** argv)
{
    if (argc != 4)
        return 2;
    auto const count = std::atol(argv[1]);
    auto const slots = std::atol(argv[2]);
    auto const begin = std::chrono::steady_clock::now();
    long started = 0;
    for (; started < slots && started < count; ++started) {
        if (!start(argv[3]))
            return 1;
    }
    for (long ended = 0; ended < count; ++ended) {
        int status = 0;
        if (::wait(&status) < 0 || status != 0)
            return 1;
        if (started < count && start(argv[3]))
            ++started;
    }
    std::chrono::duration<double> const took = std::chrono::steady_clock::now() - begin;
    std::printf("%.1f\n", static_cast<double>(count) / took.count());
    return 0;
}
