#pragma once

#include <openjd/expr/dispatch.h>
#include <openjd/expr/tree.h>

#include <span>

// What symbols stand for; the ones of arithmetic are functions of the library.
namespace sidereal::openjd::expr {

Function const& arithmetic_function(Arithmetic operation);
Function const& unary_function(NodeKind kind);

// A bool, or an unresolved one.
Outcome<Value> compare_values(
    Comparison comparison, Value const& left, Value const& right, Runtime& runtime);

Outcome<Value> element_at(Value const& base, Value const& index, Runtime& runtime);
// start, stop and step, each or null.
Outcome<Value> slice_of(Value const& base, std::span<Value const, 3> bounds, Runtime& runtime);

}
