#pragma once

#include <openjd/expr/numbers.h>
#include <openjd/expr/value.h>

#include <cstdint>
#include <limits>
#include <string>
#include <vector>

namespace sidereal::openjd::expr {

struct Function;

using NodeId = std::uint32_t;
inline constexpr NodeId no_node = std::numeric_limits<NodeId>::max();

enum class NodeKind : std::uint8_t {
    constant, // index: of the constant
    too_large, // 9223372036854775808, good for nothing but a minus before it
    name, // index: of the name
    local, // index: of the loop variable
    property, // children: the base; index: of the text
    call, // children: the arguments, the receiver first; index: of the function
    arithmetic, // children: left, right
    negate, // children: one; so are plus and logical_not
    plus,
    logical_not,
    logical_and, // children: two or more; so is logical_or
    logical_or,
    compare, // children: operands, one more than there are comparisons; index: of the first
    conditional, // children: condition, value if true, value if false
    list, // children: the elements
    comprehension, // children: iterable, element, filter or none; index: of the loop variable
    subscript, // children: base, index
    slice, // children: base, start, stop, step, each or none
};

enum class Comparison : std::uint8_t {
    equal,
    not_equal,
    less,
    less_or_equal,
    greater,
    greater_or_equal,
    in,
    not_in,
};

struct Node {
    NodeKind kind;
    Arithmetic arithmetic { Arithmetic::add };
    // A call that is written as a method: the receiver is taken as it is.
    bool is_method { false };
    std::uint32_t index { 0 };
    // Into Tree::children.
    std::uint32_t first { 0 };
    std::uint32_t count { 0 };
    // Bytes of the text.
    std::uint32_t begin { 0 };
    std::uint32_t end { 0 };
    std::uint32_t caret { 0 };
};

// A.b.c, which is a symbol, or a symbol with properties behind it: only the symbols tell.
struct DottedName {
    std::string text;
    // Where each part ends in `text`, and in the expression.
    std::vector<std::uint32_t> ends;
    std::vector<std::uint32_t> places;
};

// An expression as the parser leaves it. Nodes refer to each other by number.
struct Tree {
    std::string text;
    std::vector<Node> nodes;
    std::vector<NodeId> children;
    std::vector<Value> constants;
    std::vector<DottedName> names;
    std::vector<std::string> properties;
    std::vector<Comparison> comparisons;
    std::vector<Function const*> functions;
    // The names of all loops, and how many of them stand in each other.
    std::vector<std::string> locals;
    std::size_t loop_depth { 0 };
    NodeId root { no_node };
};

}
