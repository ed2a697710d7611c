#pragma once

#include <openjd/expr/context.h>
#include <openjd/expr/fault.h>

#include <algorithm>
#include <cstddef>
#include <cstdint>

namespace sidereal::openjd::expr {

// Of one step of an evaluation, by the two measures of Budget.
struct Cost {
    std::uint64_t operations { 0 };
    std::uint64_t work { 0 };

    // Memory that is touched for the first time takes longer than its operations tell.
    static Cost of_text(std::size_t bytes)
    {
        auto const operations = (bytes + 255) / 256;
        return { operations, operations + bytes / 32 };
    }

    friend Cost operator+(Cost a, Cost b)
    {
        return { a.operations + b.operations, a.work + b.work };
    }
    friend Cost operator*(std::uint64_t times, Cost cost)
    {
        return { times * cost.operations, times * cost.work };
    }
};

// Counts what an evaluation uses. Values come and go with the nodes of the tree, so what is live
// behind a node is what was live before it and the node's own value.
class Meter {
public:
    explicit Meter(Budget budget)
        : budget_(budget)
    {
    }

    Outcome<void> spend(Cost cost)
    {
        operations_ += cost.operations;
        work_ += cost.work;
        if (operations_ > budget_.operations || work_ > budget_.work) [[unlikely]]
            return out_of_operations();
        return {};
    }
    Outcome<void> spend(std::uint64_t operations) { return spend(Cost { operations, operations }); }
    Outcome<void> spend_text(std::size_t bytes) { return spend(Cost::of_text(bytes)); }

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
    std::uint64_t work() const { return work_; }
    std::uint64_t peak_bytes() const { return peak_; }

private:
    tl::unexpected<Fault> out_of_operations() const;
    tl::unexpected<Fault> out_of_memory() const;

    Budget budget_;
    std::uint64_t operations_ { 0 };
    std::uint64_t work_ { 0 };
    std::uint64_t live_ { 0 };
    std::uint64_t peak_ { 0 };
};

}
