#pragma once

#include <farm/record.h>
#include <store/sqlite.h>

// How records lie in tables. Enums and facts are stored as the wire spells them.
namespace sidereal::store {

// Writes records on one connection, inside the caller's transaction.
class RowWriter {
public:
    static Result<RowWriter> prepare(sqlite::Database const& database);

    Status write(farm::Record const& record);

private:
    Status write(farm::JobRecord const& record);
    Status write(farm::NodeRecord const& record);
    Status write(farm::AttemptRecord const& record);
    Status write(farm::ResetRecord const& record);
    Status write(farm::RulesRecord const& record);

    sqlite::Statement job_;
    sqlite::Statement node_;
    sqlite::Statement lease_;
    sqlite::Statement end_;
    sqlite::Statement reset_;
    sqlite::Statement rules_;
};

// The lists of columns that the readers expect.
extern char const* const job_columns;
extern char const* const node_columns;
extern char const* const attempt_columns;
extern char const* const reset_columns;
extern char const* const rules_columns;

// Each reads the row on which the statement stands; a value that no record can hold is an error.
Result<farm::JobRecord> read_job(sqlite::Statement const& row);
Result<farm::NodeRecord> read_node(sqlite::Statement const& row);
Result<farm::AttemptRecord> read_attempt(sqlite::Statement const& row);
farm::ResetRecord read_reset(sqlite::Statement const& row);
farm::RulesRecord read_rules(sqlite::Statement const& row);

}
