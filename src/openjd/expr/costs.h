#pragma once

#include <openjd/expr/fault.h>
#include <openjd/expr/meter.h>
#include <openjd/expr/value.h>

namespace sidereal::openjd::expr {

// Of looking at all of a value.
Cost cost_of(Value const& value);

Outcome<Value> range_as_list(IntRange const& range, Meter& meter);
// Their elements must have a common type.
Outcome<Value> join_lists(Value const& left, Value const& right, Meter& meter);

}
