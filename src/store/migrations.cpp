#include <store/migrations.h>

namespace sidereal::store {

namespace {

// "Sdrl", in the database header where file(1) and we look for it.
constexpr std::int64_t application_id = 0x5364726c;

constexpr Migration table[] = {
    { 1, R"sql(
CREATE TABLE meta(
    one INTEGER PRIMARY KEY CHECK (one = 1),
    schema_version INTEGER NOT NULL,
    created_at TEXT NOT NULL
) STRICT;
INSERT INTO meta VALUES (1, 0, strftime('%Y-%m-%dT%H:%M:%fZ', 'now'));

CREATE TABLE job(
    id INTEGER PRIMARY KEY,
    template TEXT NOT NULL,
    file_name TEXT NOT NULL,
    parameters TEXT NOT NULL, -- a JSON object
    project TEXT NOT NULL,
    user TEXT NOT NULL,
    priority INTEGER NOT NULL,
    max_retries INTEGER NOT NULL,
    max_failed_tasks INTEGER,
    submitted_at_us INTEGER NOT NULL, -- since 1970
    paused INTEGER NOT NULL,
    pause_reason TEXT NOT NULL,
    canceled INTEGER NOT NULL,
    ended_at_us INTEGER
) STRICT;

CREATE TABLE node(
    id INTEGER PRIMARY KEY,
    key TEXT NOT NULL,
    facts TEXT NOT NULL, -- a JSON object, as on the wire
    epoch INTEGER NOT NULL,
    agent_instance INTEGER NOT NULL, -- unsigned, by its bits
    draining INTEGER NOT NULL,
    first_seen_us INTEGER NOT NULL
) STRICT;

CREATE TABLE attempt(
    id INTEGER PRIMARY KEY,
    job INTEGER NOT NULL REFERENCES job(id),
    step INTEGER NOT NULL,
    task INTEGER NOT NULL,
    node INTEGER NOT NULL REFERENCES node(id),
    node_epoch INTEGER NOT NULL,
    leased_at_us INTEGER NOT NULL,
    state TEXT NOT NULL,
    -- Of an ended attempt only.
    ended_at_us INTEGER,
    outcome TEXT,
    cause TEXT,
    exit_code INTEGER,
    signal INTEGER,
    message TEXT,
    log_tail BLOB,
    run_time_us INTEGER,
    cpu_time_us INTEGER,
    max_rss_bytes INTEGER,
    energy_wh REAL,
    cost_micro_usd INTEGER
) STRICT;
-- The id stands behind every index's key, so both also give attempts in their order.
CREATE INDEX attempt_by_job ON attempt(job);
CREATE INDEX attempt_by_task ON attempt(job, step, task);

CREATE TABLE task_reset(
    before INTEGER NOT NULL, -- attempts from this id on count again
    job INTEGER NOT NULL REFERENCES job(id),
    step INTEGER NOT NULL,
    task INTEGER NOT NULL,
    PRIMARY KEY (before, job, step, task)
) STRICT, WITHOUT ROWID;
)sql" },
    { 2, R"sql(
ALTER TABLE job ADD COLUMN scheduling TEXT NOT NULL DEFAULT ''; -- a JSON object, or nothing
-- What the attempt takes of its node where its step leaves that open; 0: as the step says.
ALTER TABLE attempt ADD COLUMN vcpus REAL NOT NULL DEFAULT 0;
ALTER TABLE attempt ADD COLUMN memory_mib REAL NOT NULL DEFAULT 0;
ALTER TABLE node ADD COLUMN stopped INTEGER NOT NULL DEFAULT 0;

CREATE TABLE rules(
    number INTEGER PRIMARY KEY, -- the greatest is in force
    text TEXT NOT NULL, -- the document as it was handed in
    user TEXT NOT NULL,
    applied_at_us INTEGER NOT NULL
) STRICT;
)sql" },
    { 3, R"sql(
-- The environment templates around the job: a JSON object, or nothing.
ALTER TABLE job ADD COLUMN environments TEXT NOT NULL DEFAULT '';
)sql" },
    { 4, R"sql(
-- One row: which batch of the log comes next, and where it lies.
CREATE TABLE log_position(
    next INTEGER NOT NULL,
    segment INTEGER NOT NULL,
    offset INTEGER NOT NULL
) STRICT;
INSERT INTO log_position VALUES (1, 0, 0);
)sql" },
    { 5, R"sql(
ALTER TABLE attempt ADD COLUMN gpus TEXT NOT NULL DEFAULT ''; -- a JSON list, or nothing
ALTER TABLE attempt ADD COLUMN enter_time_us INTEGER;
ALTER TABLE attempt ADD COLUMN max_vram_bytes INTEGER;
ALTER TABLE node ADD COLUMN power TEXT NOT NULL DEFAULT 'awake';
ALTER TABLE node ADD COLUMN power_since_us INTEGER NOT NULL DEFAULT 0;
ALTER TABLE node ADD COLUMN wake_time_us INTEGER NOT NULL DEFAULT 0; -- 0: never measured
ALTER TABLE node ADD COLUMN failed_wakes INTEGER NOT NULL DEFAULT 0;
)sql" },
    { 6, R"sql(
-- Of an attempt that found no seat of a licence: the limit.
ALTER TABLE attempt ADD COLUMN limit_name TEXT;
ALTER TABLE node ADD COLUMN forgiven_at_us INTEGER NOT NULL DEFAULT 0;
)sql" },
    { 7, R"sql(
-- Run as one from `task` on: a chunk.
ALTER TABLE attempt ADD COLUMN tasks INTEGER NOT NULL DEFAULT 1;
CREATE INDEX attempt_chunk ON attempt(job, step, task) WHERE tasks > 1;
)sql" },
    { 8, R"sql(
ALTER TABLE task_reset RENAME TO task_reset_before;
CREATE TABLE task_reset(
    id INTEGER PRIMARY KEY, -- of two for one task, the newer has the higher one
    before INTEGER NOT NULL, -- attempts from this id on count again
    job INTEGER NOT NULL REFERENCES job(id),
    step INTEGER NOT NULL,
    task INTEGER NOT NULL,
    tasks INTEGER NOT NULL DEFAULT 1, -- from `task` on
    skip INTEGER NOT NULL DEFAULT 0, -- passed over, not to be run again
    UNIQUE (before, job, step, task, tasks, skip)
) STRICT;
INSERT INTO task_reset(before, job, step, task)
    SELECT before, job, step, task FROM task_reset_before ORDER BY before, job, step, task;
DROP TABLE task_reset_before;
)sql" },
};

Result<std::int64_t> schema_version(sqlite::Database const& database)
{
    auto const tables = TRY(database.query_integer("SELECT count(*) FROM sqlite_schema"));
    auto const application = TRY(database.query_integer("PRAGMA application_id"));
    if (tables == 0 && application == 0)
        return 0;
    if (application != application_id)
        return fail(ErrorCode::conflict,
            "database '{}' belongs to another program; name another file", database.path());
    return database.query_integer("SELECT schema_version FROM meta");
}

}

std::span<Migration const> migrations() { return table; }

Status migrate(sqlite::Database& database, std::optional<int> last)
{
    auto const version = TRY(schema_version(database));
    auto const newest = migrations().back().number;
    if (version > newest)
        return fail(ErrorCode::conflict,
            "database '{}' has schema {}, written by a newer Sidereal; this one knows schema {}: "
            "start the newer one again, or restore the backup made before the update",
            database.path(), version, newest);
    for (auto const& migration : migrations()) {
        if (migration.number <= version || migration.number > last.value_or(newest))
            continue;
        auto const done = database.execute(
            fmt::format("BEGIN IMMEDIATE; PRAGMA application_id = {}; {}"
                        "; UPDATE meta SET schema_version = {}; COMMIT;",
                application_id, migration.sql, migration.number));
        if (!done) {
            if (database.in_transaction())
                (void)database.execute("ROLLBACK");
            return done;
        }
    }
    return {};
}

}
