#pragma once

#include <store/sqlite.h>

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
// that a newer Sidereal wrote.
Status migrate(sqlite::Database& database);

}
