#include <store/sqlite_store.h>

#include <base/verify.h>
#include <store/history.h>
#include <store/lock_file.h>
#include <store/migrations.h>
#include <store/rows.h>
#include <store/sqlite.h>
#include <store/worker.h>

#include <algorithm>
#include <atomic>
#include <utility>

namespace sidereal::store {

namespace {

// Many times what a loop with one batch under way and a web page's readers put in.
constexpr std::size_t max_waiting = 1000;
// At this size the log is copied into the database: about 4 MB.
constexpr int checkpoint_pages = 1000;

constexpr int open_flags = SQLITE_OPEN_READWRITE;

Result<std::unique_ptr<sqlite::Database>> connect(SqliteOptions const& options, int flags)
{
    auto database = TRY(sqlite::Database::open(options.path.string(), flags));
    TRY(database->execute("PRAGMA busy_timeout = 0; PRAGMA mmap_size = 0; "
                          "PRAGMA cache_size = -16384; PRAGMA temp_store = MEMORY; "
                          "PRAGMA foreign_keys = ON; PRAGMA wal_autocheckpoint = 0;"));
    return database;
}

Status switch_to_log(sqlite::Database& database)
{
    TRY(database.execute("PRAGMA journal_size_limit = 67108864"));
    auto mode = TRY(database.prepare("PRAGMA journal_mode = WAL"));
    auto const row = TRY(mode.step());
    if (!row || mode.text(0) != "wal")
        return fail(ErrorCode::io_failed,
            "database '{}': its file system cannot share memory, as network ones cannot; put it on "
            "a disk of this machine",
            database.path());
    return {};
}

Status prepare_for_writing(sqlite::Database& database, SqliteOptions const& options)
{
    // A new file belongs to us from its first page; an old one is not touched before migrate.
    TRY(migrate(database));
    TRY(switch_to_log(database));
    TRY(database.execute(options.synchronous == Synchronous::full ? "PRAGMA synchronous = FULL"
                                                                  : "PRAGMA synchronous = NORMAL"));
    if (options.max_bytes > 0) {
        auto const page = TRY(database.query_integer("PRAGMA page_size"));
        TRY(database.execute(fmt::format("PRAGMA max_page_count = {}",
            std::max<std::uint64_t>(1, options.max_bytes / static_cast<std::uint64_t>(page)))));
    }
    return {};
}

bool begins_with(farm::Records const& batch, farm::Records const& start)
{
    return batch.size() >= start.size() && std::equal(start.begin(), start.end(), batch.begin());
}

struct Commit {
    farm::Records batch;
    Store::CommitDone done;
};

// The writer's connection and statements are used on the writer's thread, the reader's on the
// reader's; both are made and ended on the owner's thread.
class SqliteStore final : public Store {
public:
    SqliteStore(SqliteOptions options, LockFile lock, std::unique_ptr<sqlite::Database> writing,
        std::unique_ptr<sqlite::Database> reading, RowWriter rows)
        : options_(std::move(options))
        , lock_(std::move(lock))
        , writing_(std::move(writing))
        , reading_(std::move(reading))
        , rows_(std::move(rows))
        , reader_([](Read& read) { read(); })
        , writer_([this](Commit& commit) { handle(commit); })
    {
        sqlite3_wal_hook(writing_->handle(), &SqliteStore::on_log_grown, this);
    }

    Status replay(Take const& take) override
    {
        auto database = TRY(connect(options_, open_flags));
        return store::replay(*database, take);
    }

    void commit(farm::Records batch, CommitDone done) override
    {
        VERIFY(writer_.waiting() < max_waiting);
        writer_.put({ std::move(batch), std::move(done) });
    }

    void attempts(AttemptQuery query, AttemptsDone done) override
    {
        if (reader_.waiting() >= max_waiting)
            return done(too_many_readers());
        reader_.put(
            [this, query, done = std::move(done)] { done(find_attempts(*reading_, query)); });
    }

    void latest_attempt(
        JobId job, std::uint32_t step, std::uint64_t task, AttemptDone done) override
    {
        if (reader_.waiting() >= max_waiting)
            return done(too_many_readers());
        reader_.put([this, job, step, task, done = std::move(done)] {
            done(find_latest_attempt(*reading_, job, step, task));
        });
    }

private:
    using Read = std::function<void()>;

    static tl::unexpected<Error> too_many_readers()
    {
        return fail(ErrorCode::unavailable,
            "{} queries wait for the store's history; ask again later", max_waiting);
    }

    static int on_log_grown(void* self, sqlite3*, char const*, int pages)
    {
        static_cast<SqliteStore*>(self)->log_pages_ = pages;
        return SQLITE_OK;
    }

    void handle(Commit& commit)
    {
        if (!failed_.empty() && !begins_with(commit.batch, failed_))
            return commit.done(fail(ErrorCode::unavailable,
                "an earlier batch could not be stored and must be stored first"));
        auto const status = write(commit.batch);
        failed_ = status ? farm::Records {} : std::move(commit.batch);
        commit.done(status);
        if (status)
            shorten_log();
    }

    Status write(farm::Records const& batch)
    {
        auto status = write_all(batch);
        if (!status && writing_->in_transaction())
            VERIFY(writing_->execute("ROLLBACK").has_value() || !writing_->in_transaction());
        return status;
    }

    Status write_all(farm::Records const& batch)
    {
        TRY(writing_->execute("BEGIN IMMEDIATE"));
        for (auto const& record : batch)
            TRY(rows_.write(record));
        return writing_->execute("COMMIT");
    }

    // The reader copies the bulk of a grown log while commits go on; what they added meanwhile is
    // little, the writer copies it itself, and so the log starts anew. Failure only leaves it
    // longer.
    void shorten_log()
    {
        if (log_pages_ < checkpoint_pages)
            return;
        switch (copying_.load()) {
        case Copying::idle:
            copying_ = Copying::under_way;
            reader_.put([this] {
                copy_log(*reading_);
                copying_ = Copying::done;
            });
            break;
        case Copying::under_way: break;
        case Copying::done:
            copy_log(*writing_);
            log_pages_ = 0;
            copying_ = Copying::idle;
        }
    }

    static void copy_log(sqlite::Database const& database)
    {
        sqlite3_wal_checkpoint_v2(
            database.handle(), nullptr, SQLITE_CHECKPOINT_PASSIVE, nullptr, nullptr);
    }

    enum class Copying : std::uint8_t {
        idle,
        under_way,
        done,
    };

    SqliteOptions const options_;
    LockFile const lock_;
    std::unique_ptr<sqlite::Database> writing_;
    std::unique_ptr<sqlite::Database> reading_;
    RowWriter rows_;
    farm::Records failed_; // writer's thread
    int log_pages_ { 0 }; // writer's thread
    std::atomic<Copying> copying_ { Copying::idle };
    Worker<Read> reader_;
    Worker<Commit> writer_; // last: it puts work in for the reader
};

}

Result<std::unique_ptr<Store>> open_sqlite(SqliteOptions const& options)
{
    auto lock = TRY(LockFile::take(options.path.string() + ".lock"));
    auto writing = TRY(connect(options, open_flags | SQLITE_OPEN_CREATE));
    TRY(prepare_for_writing(*writing, options));
    auto reading = TRY(connect(options, open_flags));
    auto rows = TRY(RowWriter::prepare(*writing));
    return std::make_unique<SqliteStore>(
        options, std::move(lock), std::move(writing), std::move(reading), std::move(rows));
}

}
