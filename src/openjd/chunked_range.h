#pragma once

#include <base/result.h>
#include <openjd/int_range.h>

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace sidereal::openjd {

enum class ChunkConstraint : std::uint8_t {
    // A chunk has no gaps and is told as "first-last", also where it is one value.
    contiguous,
    // A chunk may be any set of values, told as a range expression.
    noncontiguous,
};

// The values of a CHUNK[INT] parameter cut into chunks of about equal size; found by arithmetic,
// never listed.
class ChunkedRange {
public:
    // most_values >= 1
    ChunkedRange(IntRange range, std::uint64_t most_values, ChunkConstraint constraint);

    // How many chunks there are.
    std::uint64_t size() const { return size_; }
    IntRange const& range() const { return range_; }
    // index < size()
    std::string at(std::uint64_t index) const;
    // How many chunks from this one on could be one chunk: all up to the next gap.
    std::uint64_t together(std::uint64_t index) const;
    // These chunks, at most together(index) of them, as one.
    std::string at(std::uint64_t index, std::uint64_t chunks) const;
    // Whether the text is a set of these values, of at most 100,000 of them.
    bool holds(std::string_view text) const;
    // Of a chunk's text, in any notation of the same values.
    std::optional<std::uint64_t> index_of(std::string_view text) const;

private:
    // Neighbouring values without a gap, or values so far apart that each is a chunk of its own.
    struct Run {
        IntRange::Interval values;
        std::uint64_t chunks { 0 };
        std::uint64_t chunks_before { 0 };
    };
    struct Slice {
        std::uint64_t first { 0 };
        std::uint64_t count { 0 };
    };

    void add_run(IntRange::Interval values);
    void add_interval(IntRange::Interval const& interval);
    Slice slice(std::uint64_t index) const;

    IntRange range_;
    std::uint64_t most_values_;
    ChunkConstraint constraint_;
    // Of contiguous chunks.
    std::vector<Run> runs_;
    std::uint64_t size_ { 0 };
};

// The values with these indices as a range expression, steps told from three values on:
// "1-5:2,7,8".
std::string range_text(IntRange const& range, std::uint64_t first, std::uint64_t count);

}
