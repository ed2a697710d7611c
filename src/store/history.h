#pragma once

#include <store/sqlite.h>
#include <store/store.h>

// The store's reads, on a connection of the caller's.
namespace sidereal::store {

Status replay(sqlite::Database& database, Store::Take const& take);

Result<std::vector<farm::AttemptRecord>> find_attempts(
    sqlite::Database const& database, AttemptQuery const& query);

Result<std::optional<farm::AttemptRecord>> find_latest_attempt(
    sqlite::Database const& database, JobId job, std::uint32_t step, std::uint64_t task);

}
