#pragma once

#include <base/result.h>
#include <farm/record.h>

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <vector>

namespace sidereal::store {

// Which attempts, ended or not, by rising id.
struct AttemptQuery {
    // 0: of all jobs.
    JobId job;
    std::optional<std::uint32_t> step;
    std::optional<std::uint64_t> task;
    std::optional<NodeId> node;
    // Of ended attempts only.
    std::optional<wire::Outcome> outcome;
    // Without those leased before the first one that was leased at this time or later.
    std::optional<Wall> leased_from;
    // Only attempts with a greater id: the last one of the page before.
    AttemptId after;
    // 1..max_limit; more counts as max_limit.
    std::size_t limit { 100 };

    static constexpr std::size_t max_limit = 1000;
};

// The farm's durable facts. Owned by main (or by a test). Its functions may be called from any one
// thread and return at once, except replay; callbacks come on the store's own threads, so that a
// loop's owner posts them back. The destructor finishes all that was handed in.
class Store {
public:
    // Not changed any more, so that nobody need copy it.
    using Batch = std::shared_ptr<farm::Records const>;
    using Take = std::function<Status(farm::Record const&)>;
    using CommitDone = std::function<void(Status)>;
    using AttemptsDone = std::function<void(Result<std::vector<farm::AttemptRecord>>)>;
    using AttemptDone = std::function<void(Result<std::optional<farm::AttemptRecord>>)>;

    Store() = default;
    virtual ~Store() = default;
    Store(Store const&) = delete;
    Store& operator=(Store const&) = delete;

    // Gives every fact in an order that farm::Farm::apply accepts: rules, jobs, nodes, then
    // attempts by id with each reset before the first attempt that it does not speak of. Of a thing
    // written more than once it gives the last record, of an ended attempt only the end. Runs on
    // the caller's thread and stops at the first error of `take`, which it returns.
    virtual Status replay(Take const& take) = 0;

    // Makes all records durable together or, on failure, none (should the process end before the
    // batch is handed in again, the next start may find all of it all the same). After a failure
    // only the failed batch (or one that begins with it) is taken, once all batches handed in have
    // been answered; any other fails as `unavailable`, so that nothing is made durable that rests
    // on what is not.
    virtual void commit(Batch batch, CommitDone done) = 0;

    // Both answer with all that was durable when they were asked.
    virtual void attempts(AttemptQuery query, AttemptsDone done) = 0;
    // The task's attempt with the highest id; nothing if it has none.
    virtual void latest_attempt(JobId job, std::uint32_t step, std::uint64_t task, AttemptDone done)
        = 0;

    struct State {
        // Batches made durable since the store was made.
        std::uint64_t commits { 0 };
        // Of those, what queries would have to wait for.
        std::uint64_t behind { 0 };
    };
    virtual State state() const = 0;
};

}
