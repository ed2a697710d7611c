#pragma once

#include <store/store.h>

#include <cstdint>
#include <filesystem>
#include <memory>

namespace sidereal::store {

enum class Synchronous : std::uint8_t {
    // A commit survives a power failure.
    full,
    // A power failure may lose the last commits, whole batches from the end; kill -9 loses nothing.
    normal,
};

struct SqliteOptions {
    // The database file; made if it is not there, its folder must be.
    std::filesystem::path path;
    Synchronous synchronous { Synchronous::full };
    // A ceiling for the database file; 0: none. Past it commits fail as on a full disk.
    std::uint64_t max_bytes { 0 };
};

// Opens the file for this process alone and brings its schema up to date. Fails on a file in use,
// damaged, not ours, or written by a newer Sidereal.
Result<std::unique_ptr<Store>> open_sqlite(SqliteOptions const& options);

}
