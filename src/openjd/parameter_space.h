#pragma once

#include <base/result.h>
#include <openjd/chunked_range.h>
#include <openjd/combination.h>
#include <openjd/int_range.h>
#include <openjd/parameter.h>

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <variant>
#include <vector>

namespace sidereal::openjd {

// One task's values, in the order in which the step defines its parameters.
struct TaskParameter {
    std::string name;
    ParameterType type { ParameterType::string };
    std::string value;

    bool operator==(TaskParameter const&) const = default;
};
using TaskParameters = std::vector<TaskParameter>;

// A task parameter with the values it runs through: a range expression, a list of texts or chunks.
struct TaskParameterRange {
    std::string name;
    ParameterType type { ParameterType::string };
    std::variant<IntRange, std::vector<std::string>, ChunkedRange> values;
};

// All points of a step, never materialised: a tree of ranges, products and lock-steps in which task
// N is found by arithmetic. A step without a parameter space has one task without values. Copies
// share the tree, which never changes.
class ParameterSpace {
public:
    struct Node;

    static constexpr std::uint64_t max_size = std::uint64_t { 1 } << 62;

    ParameterSpace();
    explicit ParameterSpace(std::shared_ptr<Node const> root);

    // The combination names every parameter once. Fails on unequal counts side by side and on 2^62
    // tasks or more.
    static Result<ParameterSpace> make(
        std::vector<TaskParameterRange> parameters, Combination const& combination);

    // At least 1, below 2^62 (checked where the space is made).
    std::uint64_t size() const { return size_; }
    // task < size()
    TaskParameters at(std::uint64_t task) const;
    // Overwrites `out` and keeps its memory: for loops over many tasks.
    void at(std::uint64_t task, TaskParameters& out) const;
    // Where the last factor of the combination is chunked: how many tasks from this one on differ
    // in nothing but their chunks, and those could be one chunk. Otherwise 1.
    std::uint64_t together(std::uint64_t task) const;
    // `tasks` of them, at most together(task), as one.
    TaskParameters at(std::uint64_t task, std::uint64_t tasks) const;
    // The first task with exactly these values, in any order; nothing if there is none.
    std::optional<std::uint64_t> index_of(TaskParameters const& values) const;

    // Whether it has a task with these values, or, where a parameter is chunked, tasks that
    // together hold them.
    bool holds(TaskParameters const& values) const;

private:
    std::shared_ptr<Node const> root_;
    std::uint64_t size_ { 1 };
};

}
