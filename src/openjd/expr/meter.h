#pragma once

#include <openjd/expr/context.h>
#include <openjd/expr/fault.h>

#include <algorithm>
#include <cstddef>
#include <cstdint>

namespace sidereal::openjd::expr {

// Counts what an evaluation uses. Values come and go with the nodes of the tree, so what is live
// behind a node is what was live before it and the node's own value.
class Meter {
public:
    explicit Meter(Budget budget)
        : budget_(budget)
    {
    }

    // The specification has one operation for 256 bytes begun; memory that is touched for the first
    // time takes longer, so that long texts cost more.
    static std::uint64_t text_cost(std::size_t bytes) { return (bytes + 255) / 256 + bytes / 32; }

    Outcome<void> spend(std::uint64_t operations)
    {
        operations_ += operations;
        if (operations_ > budget_.operations) [[unlikely]]
            return out_of_operations();
        return {};
    }
    Outcome<void> spend_text(std::size_t bytes) { return spend(text_cost(bytes)); }

    // Asks before something large is built beside what is live.
    Outcome<void> reserve(std::uint64_t bytes)
    {
        if (bytes > budget_.bytes || live_ + bytes > budget_.bytes) [[unlikely]]
            return out_of_memory();
        peak_ = std::max(peak_, live_ + bytes);
        return {};
    }

    std::uint64_t live() const { return live_; }
    void forget_to(std::uint64_t live) { live_ = live; }
    Outcome<void> hold(std::uint64_t live)
    {
        live_ = live;
        peak_ = std::max(peak_, live_);
        if (live_ > budget_.bytes) [[unlikely]]
            return out_of_memory();
        return {};
    }

    std::uint64_t operations() const { return operations_; }
    std::uint64_t peak_bytes() const { return peak_; }

private:
    tl::unexpected<Fault> out_of_operations() const;
    tl::unexpected<Fault> out_of_memory() const;

    Budget budget_;
    std::uint64_t operations_ { 0 };
    std::uint64_t live_ { 0 };
    std::uint64_t peak_ { 0 };
};

}
