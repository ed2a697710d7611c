#pragma once

#include <store/store.h>

#include <cstdint>
#include <filesystem>
#include <memory>

namespace sidereal::store {

struct StoreOptions {
    // The database file; made if it is not there, its folder must be. The log lies beside it, in a
    // folder of the same name with "-log" behind it.
    std::filesystem::path path;
    // A ceiling for the database file; 0: none. Past it the view cannot follow, as on a full disk.
    std::uint64_t max_database_bytes { 0 };
    // With more of the log than this not yet in the database, commits wait for the view.
    std::uint64_t max_behind_bytes { 256UL << 20 };
    // The view takes changes in once they have gathered this long, or when somebody asks for them.
    Duration gather { std::chrono::milliseconds(100) };
};

// The truth is a log, one sync a batch; a database follows it for queries and for the next start.
// What the log holds alone is brought into the database when it is opened. Opens both for this
// process alone and brings the schema up to date. Fails on files in use, damaged, not ours, or
// written by a newer Sidereal.
Result<std::unique_ptr<Store>> open_store(StoreOptions const& options);

}
