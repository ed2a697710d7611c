#pragma once

#include <base/result.h>

#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

namespace sidereal::openjd {

// The values of a range expression such as "1-100:2, 200": ascending, without doubles, kept as
// intervals and never as single values.
class IntRange {
public:
    struct Interval {
        std::int64_t first { 0 };
        std::int64_t last { 0 };
        std::uint64_t step { 1 };
        // How many values the intervals before this one hold.
        std::uint64_t before { 0 };

        bool operator==(Interval const&) const = default;
    };

    // Values and counts are below 2^62.
    static Result<IntRange> parse(std::string_view text);
    // Of ascending values without doubles.
    static Result<IntRange> of(std::vector<std::int64_t> const& values);

    std::uint64_t size() const { return size_; }
    // index < size()
    std::int64_t at(std::uint64_t index) const;
    std::optional<std::uint64_t> index_of(std::int64_t value) const;
    // Ascending and apart from each other.
    std::vector<Interval> const& intervals() const { return intervals_; }

    bool operator==(IntRange const&) const = default;

private:
    friend class IntRangeParser;

    std::vector<Interval> intervals_;
    std::uint64_t size_ { 0 };
};

}
