#pragma once

#include <base/id.h>
#include <base/money.h>
#include <base/result.h>
#include <base/time.h>

#include <sqlite3.h>

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <type_traits>
#include <vector>

// The C API of SQLite behind values that clean up after themselves. Errors name the file and say
// what to do. One connection and its statements belong to one thread at a time.
namespace sidereal::store::sqlite {

class Database;

struct Blob {
    std::string_view bytes;
};

// A prepared statement. What is bound must live until the last step.
class Statement {
public:
    Statement() = default;

    // Binds all parameters in their order.
    template<typename... Values>
    Statement& bind(Values const&... values)
    {
        next_ = 1;
        (bind_one(values), ...);
        return *this;
    }
    // For parameters whose number is known late: binds the next one.
    template<typename Value>
    void bind_next(Value const& value)
    {
        bind_one(value);
    }

    // True: there is a row to read. After false or an error it is ready to be bound again.
    Result<bool> step();
    // For statements without rows.
    Status run();
    // Leaves the rows that were not read.
    void reset();

    bool is_null(int column) const;
    std::int64_t integer(int column) const;
    double real(int column) const;
    // Valid until the next step.
    std::string_view text(int column) const;

private:
    friend class Database;
    struct Finalize {
        void operator()(sqlite3_stmt* statement) const { sqlite3_finalize(statement); }
    };

    void bind_one(std::int64_t value);
    void bind_one(double value);
    void bind_one(std::string_view value);
    void bind_one(Blob value);
    void bind_one(std::nullopt_t);
    void bind_one(std::string const& value) { bind_one(std::string_view(value)); }
    void bind_one(Duration value) { bind_one(static_cast<std::int64_t>(value.count())); }
    void bind_one(Wall value) { bind_one(value.time_since_epoch()); }
    void bind_one(Money value) { bind_one(value.micro_usd); }
    // SQLite has no unsigned numbers; the bits are kept.
    template<std::integral T>
    void bind_one(T value)
    {
        bind_one(static_cast<std::int64_t>(value));
    }
    template<typename Tag>
    void bind_one(Id<Tag> id)
    {
        bind_one(id.value);
    }
    template<typename T>
    void bind_one(std::optional<T> const& value)
    {
        value ? bind_one(*value) : bind_one(std::nullopt);
    }

    std::unique_ptr<sqlite3_stmt, Finalize> handle_;
    Database const* database_ { nullptr };
    int next_ { 1 };
    int bind_failure_ { SQLITE_OK };
};

// One connection. Statements must not outlive it nor see it move.
class Database {
public:
    static Result<std::unique_ptr<Database>> open(std::string path, int flags);
    ~Database();
    Database(Database const&) = delete;
    Database& operator=(Database const&) = delete;

    Status execute(std::string const& sql);
    Result<Statement> prepare(std::string_view sql) const;
    Result<std::int64_t> query_integer(std::string_view sql) const;

    Error error(int code) const;
    std::string const& path() const { return path_; }
    // What the last statement changed.
    int changes() const { return sqlite3_changes(handle_); }
    bool in_transaction() const { return sqlite3_get_autocommit(handle_) == 0; }
    sqlite3* handle() const { return handle_; }

private:
    explicit Database(std::string path)
        : path_(std::move(path))
    {
    }

    std::string path_;
    sqlite3* handle_ { nullptr };
};

}
