#pragma once

#include <base/time.h>

#include <cstdint>

namespace sidereal::openjd {

// What a step asks of chunks that are cut as they are given out.
struct ChunkTarget {
    // The size of the first ones.
    std::uint64_t default_task_count { 1 };
    // How long a chunk should run; above zero.
    Duration run_time {};

    bool operator==(ChunkTarget const&) const = default;
};

// How many values the next chunk should have, learned from how long those before it took: RFC 0001
// of Open Job Description. While few have ended it moves by a quarter of the way only, since first
// chunks may not be like the others.
class ChunkSizer {
public:
    explicit ChunkSizer(ChunkTarget const& target);

    // A chunk of `values` values succeeded.
    void add(std::uint64_t values, Duration run_time);
    // At least 1.
    std::uint64_t size() const;
    std::uint64_t chunks() const { return chunks_; }

    static constexpr std::uint64_t first_chunks = 10;

private:
    ChunkTarget target_;
    double size_;
    std::uint64_t chunks_ { 0 };
    double values_ { 0 };
    double seconds_ { 0 };
};

}
