#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <vector>

namespace sidereal::farm {

enum class TaskState : std::uint8_t {
    ready,
    leased,
    succeeded,
    failed,
    canceled,
    skipped, // somebody passed it over
};

// The states of a step's tasks as three bits a task, with counts: a step of a million tasks takes
// 375 kB and no row anywhere.
class TaskSet {
public:
    explicit TaskSet(std::uint64_t size);

    std::uint64_t size() const { return size_; }
    TaskState get(std::uint64_t task) const;
    void set(std::uint64_t task, TaskState state);
    std::uint64_t count(TaskState state) const;
    // The first task at or after `from` in that state.
    std::optional<std::uint64_t> next(TaskState state, std::uint64_t from) const;
    // Recounts the bits; for invariant checks.
    bool counts_agree() const;

private:
    static constexpr unsigned planes = 3;
    std::uint64_t word_of(TaskState state, std::size_t word) const;

    std::uint64_t size_;
    std::array<std::vector<std::uint64_t>, planes> bits_;
    std::array<std::uint64_t, 6> counts_ {};
    // No ready task lies in a word before this one.
    std::size_t first_ready_word_ { 0 };
};

}
