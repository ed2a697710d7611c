#include <farm/task_set.h>

#include <base/verify.h>

#include <algorithm>
#include <bit>

namespace sidereal::farm {

TaskSet::TaskSet(std::uint64_t size)
    : size_(size)
{
    for (auto& plane : bits_)
        plane.assign((size + 63) / 64, 0);
    counts_[static_cast<int>(TaskState::ready)] = size;
}

TaskState TaskSet::get(std::uint64_t task) const
{
    VERIFY(task < size_);
    unsigned state = 0;
    for (unsigned plane = 0; plane < planes; ++plane)
        state |= static_cast<unsigned>(bits_[plane][task / 64] >> (task % 64) & 1) << plane;
    return static_cast<TaskState>(state);
}

void TaskSet::set(std::uint64_t task, TaskState state)
{
    auto const old = get(task);
    --counts_[static_cast<std::size_t>(old)];
    ++counts_[static_cast<std::size_t>(state)];
    auto const mask = std::uint64_t { 1 } << (task % 64);
    for (unsigned plane = 0; plane < planes; ++plane) {
        auto& word = bits_[plane][task / 64];
        word = (static_cast<unsigned>(state) >> plane & 1) != 0 ? word | mask : word & ~mask;
    }
    if (state == TaskState::ready)
        first_ready_word_ = std::min<std::size_t>(first_ready_word_, task / 64);
    else if (old == TaskState::ready) {
        while (first_ready_word_ < bits_[0].size()
            && word_of(TaskState::ready, first_ready_word_) == 0)
            ++first_ready_word_;
    }
}

std::uint64_t TaskSet::count(TaskState state) const
{
    return counts_[static_cast<std::size_t>(state)];
}

std::uint64_t TaskSet::word_of(TaskState state, std::size_t word) const
{
    auto match = ~std::uint64_t { 0 };
    for (unsigned plane = 0; plane < planes; ++plane) {
        auto const bits = bits_[plane][word];
        match &= (static_cast<unsigned>(state) >> plane & 1) != 0 ? bits : ~bits;
    }
    if (word + 1 == bits_[0].size() && size_ % 64 != 0)
        match &= (std::uint64_t { 1 } << (size_ % 64)) - 1;
    return match;
}

std::optional<std::uint64_t> TaskSet::next(TaskState state, std::uint64_t from) const
{
    if (count(state) == 0)
        return std::nullopt;
    auto word = static_cast<std::size_t>(from / 64);
    auto keep = ~std::uint64_t { 0 } << (from % 64);
    if (state == TaskState::ready && word < first_ready_word_) {
        word = first_ready_word_;
        keep = ~std::uint64_t { 0 };
    }
    for (; word < bits_[0].size(); ++word, keep = ~std::uint64_t { 0 }) {
        if (auto const match = word_of(state, word) & keep)
            return word * 64 + static_cast<std::uint64_t>(std::countr_zero(match));
    }
    return std::nullopt;
}

bool TaskSet::counts_agree() const
{
    std::uint64_t counted = 0;
    for (unsigned state = 0; state < counts_.size(); ++state) {
        std::uint64_t here = 0;
        for (std::size_t word = 0; word < bits_[0].size(); ++word)
            here += static_cast<std::uint64_t>(
                std::popcount(word_of(static_cast<TaskState>(state), word)));
        if (here != counts_[state])
            return false;
        counted += here;
    }
    return counted == size_;
}

}
