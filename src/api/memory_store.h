#pragma once

#include <store/store.h>

#include <map>
#include <optional>
#include <utility>
#include <variant>
#include <vector>

namespace sidereal::api {

// Keeps attempts, for tests: everything is durable at once, and callbacks come from inside the
// call.
class MemoryStore final : public store::Store {
public:
    Status replay(Take const&) override { return {}; }
    void commit(Batch batch, CommitDone done) override
    {
        ++commits_;
        for (auto const& record : *batch) {
            if (auto const* attempt = std::get_if<farm::AttemptRecord>(&record))
                attempts_[attempt->id] = *attempt;
        }
        done({});
    }
    void attempts(store::AttemptQuery query, AttemptsDone done) override
    {
        std::vector<farm::AttemptRecord> found;
        for (auto const& [id, record] : attempts_) {
            if (id > query.after && (query.job == JobId {} || record.job == query.job)
                && found.size() < query.limit
                && (!query.leased_from || record.leased_at >= *query.leased_from)
                && (!query.step || record.step == *query.step)
                && (!query.task || holds(record, *query.task))
                && (!query.outcome || record.outcome == *query.outcome))
                found.push_back(record);
        }
        done(std::move(found));
    }
    void latest_attempt(
        JobId job, std::uint32_t step, std::uint64_t task, AttemptDone done) override
    {
        std::optional<farm::AttemptRecord> found;
        for (auto const& [id, record] : attempts_) {
            if (record.job == job && record.step == step && holds(record, task))
                found = record;
        }
        done(found);
    }
    State state() const override { return { commits_, 0 }; }

private:
    static bool holds(farm::AttemptRecord const& record, std::uint64_t task)
    {
        return record.task <= task && task < record.end();
    }

    std::uint64_t commits_ { 0 };
    std::map<AttemptId, farm::AttemptRecord> attempts_;
};

}
