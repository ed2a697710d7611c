#include <agent/effects.h>

#include <fmt/format.h>

#include <array>
#include <string_view>
#include <utility>

namespace sidereal::agent {

namespace {

// Linux numbers, the same on every architecture that Debian builds for but MIPS.
constexpr std::array<std::pair<int, std::string_view>, 16> signal_names { {
    { 1, "SIGHUP" },
    { 2, "SIGINT" },
    { 3, "SIGQUIT" },
    { 4, "SIGILL" },
    { 5, "SIGTRAP" },
    { 6, "SIGABRT" },
    { 7, "SIGBUS" },
    { 8, "SIGFPE" },
    { 9, "SIGKILL" },
    { 10, "SIGUSR1" },
    { 11, "SIGSEGV" },
    { 12, "SIGUSR2" },
    { 13, "SIGPIPE" },
    { 15, "SIGTERM" },
    { 24, "SIGXCPU" },
    { 25, "SIGXFSZ" },
} };

}

std::string fault_of(ActionEnd const& end)
{
    if (end.not_started)
        return end.not_started->starts_with("cannot ") ? *end.not_started
                                                       : "cannot start: " + *end.not_started;
    if (end.signal) {
        for (auto const& [number, name] : signal_names) {
            if (number == *end.signal)
                return fmt::format("killed by signal {} ({})", number, name);
        }
        return fmt::format("killed by signal {}", *end.signal);
    }
    if (end.exit_code && *end.exit_code != 0)
        return fmt::format("exit code {}", *end.exit_code);
    return {};
}

}
