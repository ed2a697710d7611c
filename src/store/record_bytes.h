#pragma once

#include <base/result.h>
#include <farm/record.h>

#include <string>
#include <string_view>

// How records lie in the log: a kind, a length, and the record's fields in a fixed order. Fields
// are only ever added at the end: a record from before has them as their defaults.
namespace sidereal::store {

void append_bytes(std::string& bytes, farm::Record const& record);
// Adds all records of a batch.
Status read_records(std::string_view bytes, farm::Records& records);

}
