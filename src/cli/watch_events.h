#pragma once

#include <base/id.h>
#include <base/json.h>
#include <base/result.h>
#include <cli/client.h>

#include <cstdint>
#include <set>
#include <vector>

namespace sidereal::cli {

// Finds the attempts of a job that ended since the last look, each once. The history is paged by
// rising id and attempts end in any order, so those that still ran are kept in mind.
class EndedAttempts {
public:
    explicit EndedAttempts(JobId job)
        : job_(job)
    {
    }

    // `job` is the newest document of the job. What was found goes to `ended`, even if a later page
    // could not be had.
    Status look(Client const& client, Json const& job, std::vector<Json>& ended);

    // What look does with a page; returns the attempts that have ended.
    std::vector<Json> take_page(JsonArray const& page);
    // Attempts that ran at the last look and are not among those that the document lists.
    std::vector<std::uint64_t> vanished(Json const& job) const;

private:
    Result<JsonArray> page_after(Client const& client, std::uint64_t id) const;

    JobId job_;
    std::uint64_t seen_ { 0 };
    std::set<std::uint64_t> open_;
};

}
