#pragma once

#include <openjd/int_range.h>

#include <cstdint>
#include <string>
#include <vector>

namespace sidereal::openjd::expr {

// The canonical form: ascending, neighbours joined, a-b or a-b:s for three values or more.
std::string range_text(IntRange const& range);
// Of any numbers, in any order and repeated or not.
Result<IntRange> range_of(std::vector<std::int64_t> numbers);
// Values at first, first + step, ... below last; step > 0.
Result<IntRange> slice_of(
    IntRange const& range, std::uint64_t first, std::uint64_t last, std::uint64_t step);
// Nothing if it does not fit 64 bits.
std::optional<std::int64_t> sum_of(IntRange const& range);

}
