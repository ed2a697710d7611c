#include <store/view.h>

#include <base/verify.h>
#include <store/history.h>
#include <store/migrations.h>

#include <algorithm>
#include <unordered_map>
#include <utility>

namespace sidereal::store {

namespace {

// At this size SQLite's log is copied into the database: about 4 MB.
constexpr int checkpoint_pages = 1000;

constexpr int open_flags = SQLITE_OPEN_READWRITE;

Result<std::unique_ptr<sqlite::Database>> connect(std::string const& path, int flags)
{
    auto database = TRY(sqlite::Database::open(path, flags));
    // References are not checked: the mind has applied every record before it comes here.
    TRY(database->execute("PRAGMA busy_timeout = 0; PRAGMA mmap_size = 0; "
                          "PRAGMA cache_size = -16384; PRAGMA temp_store = MEMORY; "
                          "PRAGMA foreign_keys = OFF; PRAGMA wal_autocheckpoint = 0;"));
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

Status prepare_for_writing(sqlite::Database& database, View::Options const& options)
{
    // A new file belongs to us from its first page; an old one is not touched before migrate.
    TRY(migrate(database));
    TRY(switch_to_log(database));
    // What the log gives up must have come to stay here.
    TRY(database.execute("PRAGMA synchronous = FULL"));
    if (options.max_bytes > 0) {
        auto const page = TRY(database.query_integer("PRAGMA page_size"));
        TRY(database.execute(fmt::format("PRAGMA max_page_count = {}",
            std::max<std::uint64_t>(1, options.max_bytes / static_cast<std::uint64_t>(page)))));
    }
    return {};
}

Result<LogPosition> read_position(sqlite::Database const& database)
{
    auto row = TRY(database.prepare("SELECT next, segment, offset FROM log_position"));
    if (!TRY(row.step()))
        return fail(ErrorCode::io_failed,
            "database '{}' does not say how far it has come in the log: restore the last backup",
            database.path());
    return LogPosition { static_cast<std::uint64_t>(row.integer(0)),
        static_cast<std::uint64_t>(row.integer(1)), static_cast<std::uint64_t>(row.integer(2)) };
}

// The last record of each attempt: of one that is leased and ends here the end says all that the
// lease does.
using LastRecords = std::unordered_map<std::uint64_t, farm::Record const*>;

LastRecords last_of_each(farm::Records const& records)
{
    LastRecords last;
    last.reserve(records.size());
    for (auto const& record : records) {
        if (auto const* attempt = std::get_if<farm::AttemptRecord>(&record))
            last[attempt->id.value] = &record;
    }
    return last;
}

}

Result<std::unique_ptr<View>> View::open(Options options)
{
    std::unique_ptr<View> view(new View);
    view->options_ = std::move(options);
    auto const& path = view->options_.path;
    view->writing_ = TRY(connect(path, open_flags | SQLITE_OPEN_CREATE));
    TRY(prepare_for_writing(*view->writing_, view->options_));
    view->reading_ = TRY(connect(path, open_flags));
    view->rows_ = TRY(RowWriter::prepare(*view->writing_));
    view->place_ = TRY(
        view->writing_->prepare("UPDATE log_position SET next = ?, segment = ?, offset = ?"));
    view->position_ = TRY(read_position(*view->writing_));
    sqlite3_wal_hook(view->writing_->handle(), &View::on_log_grown, view.get());
    return view;
}

View::~View() = default;

int View::on_log_grown(void* self, sqlite3*, char const*, int pages)
{
    static_cast<View*>(self)->log_pages_ = pages;
    return SQLITE_OK;
}

Status View::apply(farm::Records const& records, LogPosition behind)
{
    auto status = write(records, behind);
    if (!status && writing_->in_transaction())
        VERIFY(writing_->execute("ROLLBACK").has_value() || !writing_->in_transaction());
    if (!status)
        return status;
    position_ = behind;
    shorten_log();
    return {};
}

Status View::write(farm::Records const& records, LogPosition behind)
{
    auto const last = last_of_each(records);
    TRY(writing_->execute("BEGIN IMMEDIATE"));
    for (auto const& record : records) {
        auto const* attempt = std::get_if<farm::AttemptRecord>(&record);
        if (!attempt || last.at(attempt->id.value) == &record)
            TRY(rows_.write(record));
    }
    TRY(place_.bind(behind.next, behind.segment, behind.offset).run());
    return writing_->execute("COMMIT");
}

// Failure, or a reader in the way, only leaves it longer.
void View::shorten_log()
{
    if (log_pages_ < checkpoint_pages)
        return;
    sqlite3_wal_checkpoint_v2(
        writing_->handle(), nullptr, SQLITE_CHECKPOINT_PASSIVE, nullptr, nullptr);
    log_pages_ = 0;
}

Status View::replay(Store::Take const& take) const
{
    auto database = TRY(connect(options_.path, open_flags));
    return store::replay(*database, take);
}

Result<std::vector<farm::AttemptRecord>> View::attempts(AttemptQuery const& query) const
{
    return find_attempts(*reading_, query);
}

Result<std::optional<farm::AttemptRecord>> View::latest_attempt(
    JobId job, std::uint32_t step, std::uint64_t task) const
{
    return find_latest_attempt(*reading_, job, step, task);
}

}
