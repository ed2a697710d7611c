#include <store/sqlite.h>

#include <base/verify.h>

#include <cstring>
#include <utility>

namespace sidereal::store::sqlite {

namespace {

struct Advice {
    int code;
    ErrorCode meaning;
    std::string_view what_to_do;
};

constexpr Advice advices[] = {
    { SQLITE_FULL, ErrorCode::exhausted, "make room on its disk" },
    { SQLITE_CORRUPT, ErrorCode::io_failed,
        "the file is damaged: stop, copy it away, then restore the last backup or salvage the copy "
        "with sqlite3's .recover" },
    { SQLITE_NOTADB, ErrorCode::io_failed,
        "the file is damaged or not a database: restore the last backup or name another file" },
    { SQLITE_READONLY, ErrorCode::io_failed, "make the file and its folder writable" },
    { SQLITE_PERM, ErrorCode::io_failed, "make the file and its folder readable and writable" },
    { SQLITE_CANTOPEN, ErrorCode::io_failed,
        "make sure that its folder is there and may be read and written" },
    { SQLITE_IOERR, ErrorCode::io_failed, "check its disk and the system's log" },
    { SQLITE_BUSY, ErrorCode::conflict, "another program uses it: end that one" },
    { SQLITE_LOCKED, ErrorCode::conflict, "another program uses it: end that one" },
    { SQLITE_TOOBIG, ErrorCode::invalid_input, "one value is too large to be stored" },
    { SQLITE_NOMEM, ErrorCode::exhausted, "the machine is out of memory" },
};

Error describe(int code, sqlite3* handle, std::string const& path)
{
    auto const* words = handle ? sqlite3_errmsg(handle) : sqlite3_errstr(code);
    std::string cause = words ? words : "unknown error";
    if (auto const system = handle ? sqlite3_system_errno(handle) : 0;
        system != 0 && ((code & 0xff) == SQLITE_IOERR || (code & 0xff) == SQLITE_CANTOPEN))
        cause += fmt::format(", {}", std::strerror(system));
    for (auto const& advice : advices) {
        if (advice.code == (code & 0xff))
            return { advice.meaning,
                fmt::format("database '{}': {} ({}); {}", path, cause, code, advice.what_to_do) };
    }
    return { ErrorCode::internal, fmt::format("database '{}': {} ({})", path, cause, code) };
}

}

Result<bool> Statement::step()
{
    if (bind_failure_ != SQLITE_OK)
        return tl::unexpected(database_->error(std::exchange(bind_failure_, SQLITE_OK)));
    auto const code = sqlite3_step(handle_.get());
    if (code == SQLITE_ROW)
        return true;
    if (code == SQLITE_DONE) {
        reset();
        return false;
    }
    // reset() would forget the words that belong to the code.
    auto error = database_->error(code);
    reset();
    return tl::unexpected(std::move(error));
}

Status Statement::run()
{
    auto const row = TRY(step());
    VERIFY(!row);
    return {};
}

void Statement::reset()
{
    sqlite3_reset(handle_.get());
    next_ = 1;
}

bool Statement::is_null(int column) const
{
    return sqlite3_column_type(handle_.get(), column) == SQLITE_NULL;
}

std::int64_t Statement::integer(int column) const
{
    return sqlite3_column_int64(handle_.get(), column);
}

double Statement::real(int column) const { return sqlite3_column_double(handle_.get(), column); }

std::string_view Statement::text(int column) const
{
    auto const* bytes = static_cast<char const*>(sqlite3_column_blob(handle_.get(), column));
    auto const size = sqlite3_column_bytes(handle_.get(), column);
    return bytes ? std::string_view(bytes, static_cast<std::size_t>(size)) : std::string_view();
}

void Statement::bind_one(std::int64_t value)
{
    VERIFY(sqlite3_bind_int64(handle_.get(), next_++, value) == SQLITE_OK);
}

void Statement::bind_one(double value)
{
    VERIFY(sqlite3_bind_double(handle_.get(), next_++, value) == SQLITE_OK);
}

void Statement::bind_one(std::string_view value)
{
    auto const* bytes = value.empty() ? "" : value.data();
    auto const code = sqlite3_bind_text64(
        handle_.get(), next_++, bytes, value.size(), SQLITE_STATIC, SQLITE_UTF8);
    VERIFY(code != SQLITE_RANGE && code != SQLITE_MISUSE);
    if (code != SQLITE_OK)
        bind_failure_ = code;
}

void Statement::bind_one(Blob value)
{
    auto const* bytes = value.bytes.empty() ? "" : value.bytes.data();
    auto const code = sqlite3_bind_blob64(
        handle_.get(), next_++, bytes, value.bytes.size(), SQLITE_STATIC);
    VERIFY(code != SQLITE_RANGE && code != SQLITE_MISUSE);
    if (code != SQLITE_OK)
        bind_failure_ = code;
}

void Statement::bind_one(std::nullopt_t)
{
    VERIFY(sqlite3_bind_null(handle_.get(), next_++) == SQLITE_OK);
}

Result<std::unique_ptr<Database>> Database::open(std::string path, int flags)
{
    // Counting memory takes a lock at every allocation, for figures that nobody reads. Without
    // effect, and harmless, once SQLite is in use.
    static int const configured = sqlite3_config(SQLITE_CONFIG_MEMSTATUS, 0);
    (void)configured;
    std::unique_ptr<Database> database(new Database(std::move(path)));
    auto const code = sqlite3_open_v2(database->path_.c_str(), &database->handle_,
        flags | SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_EXRESCODE, nullptr);
    if (code != SQLITE_OK)
        return tl::unexpected(database->error(code));
    return database;
}

Database::~Database()
{
    // Misses only with statements left, which is our own mistake; a failed checkpoint is harmless.
    VERIFY(sqlite3_close(handle_) != SQLITE_BUSY);
}

Status Database::execute(std::string const& sql)
{
    auto const code = sqlite3_exec(handle_, sql.c_str(), nullptr, nullptr, nullptr);
    if (code != SQLITE_OK)
        return tl::unexpected(error(code));
    return {};
}

Result<Statement> Database::prepare(std::string_view sql) const
{
    sqlite3_stmt* handle = nullptr;
    auto const code = sqlite3_prepare_v3(handle_, sql.data(), static_cast<int>(sql.size()),
        SQLITE_PREPARE_PERSISTENT, &handle, nullptr);
    if (code != SQLITE_OK)
        return tl::unexpected(error(code));
    Statement statement;
    statement.handle_.reset(handle);
    statement.database_ = this;
    return statement;
}

Result<std::int64_t> Database::query_integer(std::string_view sql) const
{
    auto statement = TRY(prepare(sql));
    if (!TRY(statement.step()))
        return fail(ErrorCode::internal, "database '{}': no row from {}", path_, sql);
    return statement.integer(0);
}

Error Database::error(int code) const { return describe(code, handle_, path_); }

}
