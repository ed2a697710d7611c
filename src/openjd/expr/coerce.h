#pragma once

#include <openjd/expr/fault.h>
#include <openjd/expr/meter.h>
#include <openjd/expr/type.h>
#include <openjd/expr/value.h>

// Values that become values of another type without being asked to.
namespace sidereal::openjd::expr {

// What a function's argument of one type becomes where `wanted` is taken: itself, or int a float,
// path a string, range_expr a string or list[int], a list whatever its elements become. Noreturn
// if it cannot.
Type argument_type(Type given, Type wanted);
// `type` is what argument_type() gave for the value's type.
Outcome<Value> cast(Value value, Type type, Meter& meter);

// Fits the result of an expression to what its place takes, and loses nothing: 3.0 may become the
// int 3, 3.5 may not. Unresolved values are fitted by their types.
Outcome<Value> coerce(Value const& value, Type target, HostFormat format, Meter& meter);

// "true", "Yes", "0", ...
std::optional<bool> parse_truth(std::string_view text);

}
