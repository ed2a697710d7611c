#include <store/history.h>

#include <store/rows.h>
#include <wire/codec.h>

#include <algorithm>

namespace sidereal::store {

namespace {

template<typename Read>
Status replay_table(sqlite::Database const& database, std::string const& table, Read const& read,
    char const* columns, Store::Take const& take)
{
    auto rows = TRY(database.prepare(fmt::format("SELECT {} FROM {} ORDER BY id", columns, table)));
    while (TRY(rows.step())) {
        auto const record = TRY(read(rows));
        TRY(take(record));
    }
    return {};
}

Status replay_attempts(sqlite::Database const& database, Store::Take const& take)
{
    auto attempts = TRY(
        database.prepare(fmt::format("SELECT {} FROM attempt ORDER BY id", attempt_columns)));
    auto resets = TRY(database.prepare(
        fmt::format("SELECT {} FROM task_reset ORDER BY before, job, step, task", reset_columns)));
    auto reset_left = TRY(resets.step());
    while (TRY(attempts.step())) {
        farm::Record record = TRY(read_attempt(attempts));
        auto const id = std::get<farm::AttemptRecord>(record).id;
        while (reset_left && read_reset(resets).before <= id) {
            TRY(take(read_reset(resets)));
            reset_left = TRY(resets.step());
        }
        TRY(take(record));
    }
    while (reset_left) {
        TRY(take(read_reset(resets)));
        reset_left = TRY(resets.step());
    }
    return {};
}

// Only those in force.
Status replay_rules(sqlite::Database const& database, Store::Take const& take)
{
    auto rows = TRY(database.prepare(
        fmt::format("SELECT {} FROM rules ORDER BY number DESC LIMIT 1", rules_columns)));
    if (TRY(rows.step()))
        TRY(take(read_rules(rows)));
    return {};
}

Status replay_all(sqlite::Database const& database, Store::Take const& take)
{
    TRY(replay_rules(database, take));
    TRY(replay_table(database, "job", read_job, job_columns, take));
    TRY(replay_table(database, "node", read_node, node_columns, take));
    return replay_attempts(database, take);
}

// The planner has no statistics; what is named here gives the attempts in order.
char const* best_index(AttemptQuery const& query)
{
    return query.step && query.task ? "attempt_by_task" : "attempt_by_job";
}

}

Status replay(sqlite::Database& database, Store::Take const& take)
{
    TRY(database.execute("BEGIN"));
    auto status = replay_all(database, take);
    auto const left = database.execute("ROLLBACK");
    return status ? left : status;
}

Result<std::vector<farm::AttemptRecord>> find_attempts(
    sqlite::Database const& database, AttemptQuery const& query)
{
    auto sql = fmt::format("SELECT {} FROM attempt INDEXED BY {} WHERE job = ? AND id > ?",
        attempt_columns, best_index(query));
    if (query.step)
        sql += " AND step = ?";
    if (query.task)
        sql += " AND task = ?";
    if (query.node)
        sql += " AND node = ?";
    if (query.outcome)
        sql += " AND outcome = ?";
    sql += " ORDER BY id LIMIT ?";
    auto rows = TRY(database.prepare(sql));
    rows.bind(query.job, query.after);
    if (query.step)
        rows.bind_next(*query.step);
    if (query.task)
        rows.bind_next(*query.task);
    if (query.node)
        rows.bind_next(*query.node);
    auto const outcome = query.outcome ? wire::to_string(*query.outcome) : std::string_view();
    if (query.outcome)
        rows.bind_next(outcome);
    rows.bind_next(std::min(query.limit, AttemptQuery::max_limit));
    std::vector<farm::AttemptRecord> found;
    while (TRY(rows.step())) {
        auto record = TRY(read_attempt(rows));
        found.push_back(std::move(record));
    }
    return found;
}

Result<std::optional<farm::AttemptRecord>> find_latest_attempt(
    sqlite::Database const& database, JobId job, std::uint32_t step, std::uint64_t task)
{
    auto row = TRY(database.prepare(
        fmt::format("SELECT {} FROM attempt INDEXED BY attempt_by_task "
                    "WHERE job = ? AND step = ? AND task = ? ORDER BY id DESC LIMIT 1",
            attempt_columns)));
    if (!TRY(row.bind(job, step, task).step()))
        return std::nullopt;
    return TRY(read_attempt(row));
}

}
