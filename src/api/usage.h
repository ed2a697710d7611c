#pragma once

#include <base/time.h>
#include <farm/farm.h>

#include <cstddef>
#include <cstdint>
#include <vector>

namespace sidereal::api {

// What ran in one hour. A node-hour is all of a node for an hour; a task on half of its processors
// takes half of one.
struct UsageHour {
    double node_h { 0 };
    // Of work handed in during this hour, whenever it ran. What was handed in before the first hour
    // counts in that.
    double submitted_node_h { 0 };
    double energy_wh { 0 };
    double cost_usd { 0 };
    // That ended in it.
    std::uint64_t attempts { 0 };

    bool operator==(UsageHour const&) const = default;
};

// Adds attempts up hour by hour, over so many hours from the first one's begin.
class Usage {
public:
    struct Span {
        Wall from;
        std::size_t hours { 0 };
    };
    explicit Usage(Span span);

    // Counts what it ran within the span, energy and money in proportion. One that has not ended
    // adds nothing.
    void add(farm::Farm const& farm, farm::AttemptRecord const& record);

    Span const& span() const { return span_; }
    std::vector<UsageHour> const& hours() const { return hours_; }

private:
    // May be before the first or behind the last.
    std::int64_t hour_of(Wall time) const;

    Span span_;
    std::vector<UsageHour> hours_;
};

}
