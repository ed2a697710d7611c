#pragma once

namespace sidereal {

// Prints the broken assumption and ends the process; our own mistakes only, never bad input.
[[noreturn]] void verify_failed(char const* condition, char const* file, int line) noexcept;

}

#define VERIFY(condition)                                              \
    do {                                                               \
        if (!(condition)) [[unlikely]]                                 \
            ::sidereal::verify_failed(#condition, __FILE__, __LINE__); \
    } while (false)

#define VERIFY_NOT_REACHED() ::sidereal::verify_failed("not reached", __FILE__, __LINE__)
