#pragma once

#include <openjd/expr/value.h>
#include <openjd/path_mapping.h>

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace sidereal::openjd::expr {

// What the names of an expression stand for; where only the type is known yet, an unresolved value.
using NameValues = std::map<std::string, Value, std::less<>>;
struct Names {
    NameValues values;
    // Asked for what is not here.
    Names const* outer { nullptr };

    Value const* find(std::string_view name) const;
    std::vector<std::string_view> all() const;
};

// Of the host's own paths.
enum class HostFormat : std::uint8_t {
    posix,
    windows,
};

// What one evaluation may use. Operations are counted as the specification has it: one a call or
// operator, one for every element that is walked through, one for every 256 bytes of text begun;
// matching and the like costs more. Work is what bounds time: long texts and loops take more than
// their operations tell, and what is the same in every round of a loop is worked out once. The
// whole of it is a tenth of a second or so.
struct Budget {
    std::uint64_t operations { 10'000'000 };
    std::uint64_t bytes { 64ULL << 20 };
    std::uint64_t work { 10'000'000 };
};

enum class Host : std::uint8_t {
    none, // apply_path_mapping is refused: the job is being made
    to_come, // it will run on a host whose rules are not known yet
    here,
};

// All that an expression can see.
struct Context {
    Names const* names { nullptr };
    HostFormat path_format { HostFormat::posix };
    Host host { Host::none };
    // The first rule that matches is applied; Host::here only.
    PathRules const* path_rules { nullptr };
    // Of one evaluation, or what is left of it for several: see Expression::evaluate_within().
    Budget budget {};
};

}
