#pragma once

#include <base/result.h>

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace sidereal::sim {

// What the command line of sidereal-sim asks for.
struct Flags {
    std::uint64_t from { 1 };
    std::uint64_t seeds { 1000 };
    std::uint64_t threads { 2 };
    // Only this one.
    std::optional<std::uint64_t> seed;
    bool trace { false };
    bool keep_going { false };
    std::string regressions;
    bool help { false };
    // Scheduling scenarios instead of seeds: one by name, or all.
    std::string scenario;
    bool verify { false };
    // So many random farms under the scheduler alone.
    std::optional<std::uint64_t> farms;
};

Result<Flags> parse_flags(std::vector<std::string_view> const& words);
std::string_view usage();

// The seeds of a regressions file: one a line, then why; '#' begins a comment.
Result<std::vector<std::uint64_t>> parse_regressions(std::string_view text);

}
