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
        fmt::format("SELECT {} FROM task_reset ORDER BY before, id", reset_columns)));
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

// Attempts of a task, alone or in a chunk; the numbers are those of the parameters.
std::string of_task(int job, int step, int task)
{
    return fmt::format("id IN (SELECT id FROM attempt INDEXED BY attempt_by_task "
                       "WHERE job = ?{0} AND step = ?{1} AND task = ?{2} "
                       "UNION ALL SELECT id FROM attempt INDEXED BY attempt_chunk "
                       "WHERE job = ?{0} AND step = ?{1} AND tasks > 1 AND task < ?{2} "
                       "AND task + tasks > ?{2})",
        job, step, task);
}

// Ids and lease times rise together, so that no index is needed.
Result<AttemptId> last_leased_before(sqlite::Database const& database, Wall time)
{
    auto at_or_after = TRY(
        database.prepare("SELECT leased_at_us FROM attempt WHERE id >= ? ORDER BY id LIMIT 1"));
    std::int64_t low = 0;
    auto high = TRY(database.query_integer("SELECT coalesce(max(id), 0) FROM attempt"));
    while (low < high) {
        auto const middle = low + (high - low + 1) / 2;
        auto const is_there = TRY(at_or_after.bind(middle).step());
        auto const leased_us = is_there ? at_or_after.integer(0) : 0;
        at_or_after.reset();
        if (is_there && leased_us < time.time_since_epoch().count())
            low = middle;
        else
            high = middle - 1;
    }
    return AttemptId { static_cast<std::uint64_t>(low) };
}

// The planner has no statistics: what is named here gives the attempts in order. The parameters are
// what comes before, then what is set of job, step, task, node and outcome, and the limit.
std::string select_attempts(AttemptQuery const& query)
{
    int last = 1;
    auto const of_job = query.job != JobId {};
    auto const quick = of_job && query.step && query.task;
    auto sql = fmt::format("SELECT {} FROM attempt {} WHERE id > ?1", attempt_columns,
        of_job && !quick ? "INDEXED BY attempt_by_job" : "NOT INDEXED");
    if (of_job)
        sql += fmt::format(" AND job = ?{}", ++last);
    if (query.step)
        sql += fmt::format(" AND step = ?{}", ++last);
    if (query.task)
        sql += fmt::format(" AND task <= ?{0} AND task + tasks > ?{0}", ++last);
    if (quick)
        sql += " AND " + of_task(last - 2, last - 1, last);
    if (query.node)
        sql += fmt::format(" AND node = ?{}", ++last);
    if (query.outcome)
        sql += fmt::format(" AND outcome = ?{}", ++last);
    return sql + fmt::format(" ORDER BY id LIMIT ?{}", ++last);
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
    auto after = query.after;
    if (query.leased_from)
        after = std::max(after, TRY(last_leased_before(database, *query.leased_from)));
    auto rows = TRY(database.prepare(select_attempts(query)));
    rows.bind(after);
    if (query.job != JobId {})
        rows.bind_next(query.job);
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
        fmt::format("SELECT {} FROM attempt NOT INDEXED WHERE {} ORDER BY id DESC LIMIT 1",
            attempt_columns, of_task(1, 2, 3))));
    if (!TRY(row.bind(job, step, task).step()))
        return std::nullopt;
    return TRY(read_attempt(row));
}

}
