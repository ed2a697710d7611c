#pragma once

#include <sched/draft.h>

#include <deque>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <tuple>
#include <vector>

namespace sidereal::sched {

// Whose turn it is. Tiers are strict. Inside a tier, at each level of the project tree, whoever has
// less than is guaranteed goes first, then whoever uses least for its weight, what it used lately
// included. In a project jobs of one priority go by age; between priorities the weight doubles with
// every 20 points, so that nobody waits for ever.
class Queue {
public:
    explicit Queue(Draft const& draft);
    ~Queue();
    Queue(Queue const&) = delete;
    Queue& operator=(Queue const&) = delete;

    // Nothing: no job has more to give.
    farm::Job const* front() const;
    // The pool of which the front job goes first because its project has less of it than is
    // guaranteed; what it gets elsewhere is not owed.
    std::optional<std::size_t> claim() const;
    // A first round for the front job, in which its steps have only a part of each node.
    bool steps_are_limited() const;
    // A task of the front job was placed, on a node of that pool.
    void placed(double vcpus, std::size_t pool);
    // The pool of the claim has no room for the front job.
    void claim_failed();
    // Nothing more of the front job can be placed in this round.
    void exhausted();
    // Whether the job comes before the other whatever one task more or less of either would change.
    bool is_clearly_before(farm::Job const& job, farm::Job const& other) const;

private:
    struct Share;
    // Smaller goes first.
    using Rank = std::tuple<int, int, double, int, std::uint64_t>;
    struct ByRank {
        bool operator()(Share const* left, Share const* right) const;
    };

    Share& group(std::string_view name);
    Share& level(Share& project, farm::Tier tier, int priority);
    Share const& level_of(farm::Job const& job) const;
    void add(farm::Job const& job);
    Rank rank_of(Share const& share) const;
    static double load_of(Share const& share);
    static bool is_satisfied(Share const& share);
    // Enters it anew among its siblings, and its parents among theirs.
    void update(Share& share);
    Share* front_level() const;
    Share* claimant() const;
    void begin_rounds(Share& level) const;

    Draft const& draft_;
    std::map<std::string, std::unique_ptr<Share>, std::less<>> groups_;
    std::vector<std::unique_ptr<Share>> levels_;
    std::unique_ptr<Share> root_;
};

// What a priority weighs against others: 1 at 0, 2 at 20.
double weight_of_priority(int priority);

}
