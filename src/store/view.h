#pragma once

#include <farm/record.h>
#include <store/log.h>
#include <store/rows.h>
#include <store/sqlite.h>
#include <store/store.h>

#include <cstdint>
#include <memory>
#include <optional>
#include <string>

namespace sidereal::store {

// The farm's records as tables, as of a place in the log that is kept with them. Changed on one
// thread at a time, after open; the reads are const and use a connection of their own, on one other
// thread at a time.
class View {
public:
    struct Options {
        std::string path;
        std::uint64_t max_bytes { 0 }; // 0: no ceiling
    };
    static Result<std::unique_ptr<View>> open(Options options);
    ~View();
    View(View const&) = delete;
    View& operator=(View const&) = delete;

    // All records of the log before this are in.
    LogPosition position() const { return position_; }
    // In one transaction, durable on return: the records and the place behind them.
    Status apply(farm::Records const& records, LogPosition behind);

    Status replay(Store::Take const& take) const;
    Result<std::vector<farm::AttemptRecord>> attempts(AttemptQuery const& query) const;
    Result<std::optional<farm::AttemptRecord>> latest_attempt(
        JobId job, std::uint32_t step, std::uint64_t task) const;

private:
    View() = default;
    Status write(farm::Records const& records, LogPosition behind);
    void shorten_log();
    static int on_log_grown(void* self, sqlite3*, char const*, int pages);

    Options options_;
    std::unique_ptr<sqlite::Database> writing_;
    std::unique_ptr<sqlite::Database> reading_;
    RowWriter rows_;
    sqlite::Statement place_;
    LogPosition position_;
    int log_pages_ { 0 }; // of SQLite's own log
};

}
