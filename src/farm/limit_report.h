#pragma once

#include <base/result.h>
#include <farm/rules.h>

#include <optional>
#include <string>
#include <string_view>

namespace sidereal::farm {

// What a licence server says of its seats.
struct SeatReport {
    double used { 0 };
    std::optional<double> total;
    Wall at {};

    bool operator==(SeatReport const&) const = default;
};

// Why a poll's pattern cannot be used; empty if it can.
std::string fault_of_pattern(std::string const& pattern);
// What the output says at the first place that the pattern matches. Fails if there is none, or if
// what it finds are not numbers from 0 on.
Result<SeatReport> read_report(LimitPoll const& poll, std::string_view output, Wall at);

}
