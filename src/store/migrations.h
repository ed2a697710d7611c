#pragma once

#include <store/sqlite.h>

#include <optional>
#include <span>

namespace sidereal::store {

// One step of the schema's growth: brings a store from number - 1 to number. Never changed once
// released.
struct Migration {
    int number;
    char const* sql;
};

std::span<Migration const> migrations();

// Runs what is missing, each in its own transaction. Refuses a file of another program and a store
// that a newer Sidereal wrote. Up to `last`: for tests.
Status migrate(sqlite::Database& database, std::optional<int> last = {});

}
