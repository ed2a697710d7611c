#pragma once

#include <base/id.h>
#include <base/time.h>
#include <wire/report.h>

#include <cstddef>
#include <vector>

namespace sidereal::farm {

// What speaks against a node: failures there that nothing else explains, and what it did well
// meanwhile. Derived from the records of attempts, so that a restart finds it again, in whatever
// order they ended.
class Blame {
public:
    // What lies so far back counts half.
    static constexpr Duration half_life { std::chrono::hours(1) };

    void add_failure(Wall at, double weight = 1);
    // The failure at that time had another reason.
    void take_back(Wall at);
    void add_success(Wall at);

    double weight(Wall now) const;
    double successes(Wall now) const;
    // Whether it weighs more than `limit`, and as much as what went well.
    bool holds(double limit, Wall now) const;
    // How long it will, if nothing more happens.
    Duration holds_for(double limit, Wall now) const;
    // Failures that still weigh something.
    std::size_t count(Wall now) const;
    bool empty() const { return failures_.empty(); }
    std::size_t failures() const { return failures_.size(); }

    static constexpr std::size_t max_failures = 64;

private:
    struct Failed {
        Wall at;
        double weight { 1 };
    };
    std::vector<Failed> failures_; // by rising time, the newest ones
    double successes_ { 0 };
    Wall successes_at_ {};
};

// A node gets no more of a step above this, where another one may still take it.
constexpr double step_blame_limit = 1.5;
// And of nothing above this.
constexpr double node_blame_limit = 4;

// Whether such an end may be the node's fault: it says something of the task or of the node. Lost
// nodes are no sign: they take down whatever is there.
bool speaks_against_node(wire::Cause cause);

}
