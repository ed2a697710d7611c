#pragma once

#include <base/id.h>
#include <base/json.h>
#include <base/result.h>
#include <base/time.h>

#include <cstdint>
#include <cstdio>
#include <functional>
#include <optional>
#include <string>

namespace sidereal::cli {

enum class WatchStyle : std::uint8_t {
    // A block redrawn in place, for terminals.
    block,
    // One line an event.
    lines,
    // One JSON object an event.
    json,
};

// Block on a terminal, lines elsewhere.
WatchStyle watch_style_for(std::FILE* out);

struct WatchOptions {
    WatchStyle style { WatchStyle::lines };
    std::FILE* out { stdout };
    bool color { false };
    // How long a brain that does not answer is tried again; without it, for ever.
    std::optional<Duration> patience {};
    // Asked while the brain does not answer: where it may be by now.
    std::function<std::optional<std::string>()> find_url {};
    // Asked at least once a second; false ends the watch as canceled.
    std::function<bool()> keep_going {};
};

struct JobEnd {
    // succeeded, failed, canceled
    std::string state;
    // The last answer of GET /v1/jobs/{id}.
    Json job;

    bool succeeded() const { return state == "succeeded"; }
};

// Shows the job until it ends; a restart of the brain is waited out and said once.
Result<JobEnd> watch_job(std::string const& url, JobId id, WatchOptions const& options);

// For the end of a job that did not succeed: its failed tasks, each with the reason and the last
// lines of its log.
std::string failure_report(Json const& job);

}
