#pragma once

#include <openjd/expr/dispatch.h>
#include <openjd/expr/tree.h>

#include <optional>
#include <vector>

namespace sidereal::openjd::expr {

// Walks a tree once. The target of a node is what its place takes: it guides lists and is applied
// to the node's value, never to what the value is made from.
class Evaluator {
public:
    Evaluator(Tree const& tree, Context const& context);

    Outcome<Value> run(std::optional<Type> target);

    Meter const& meter() const { return meter_; }

private:
    using Target = Type const*;

    Outcome<Value> evaluate(NodeId id, Target target = nullptr);
    Outcome<Value> evaluate_plain(Node const& node, Target target);
    void settle(Outcome<Value>& value, Node const& node, Target target, std::uint64_t before);
    // Nothing if it failed for a reason that need not come up; live memory is as before.
    Outcome<std::optional<Value>> attempt(NodeId id, Target target, Fault& why);

    Outcome<Value> name(Node const& node);
    Outcome<Value> property(Node const& node);
    Outcome<Value> property_of(Value base, std::string_view name);
    Outcome<Value> call(Node const& node);
    Outcome<Value> arithmetic(Node const& node);
    Outcome<Value> unary(Node const& node);
    Outcome<Value> logical(Node const& node);
    Outcome<Value> logical_unresolved(Node const& node, std::uint32_t from, Type known);
    Outcome<Value> compare_chain(Node const& node);
    Outcome<Value> conditional(Node const& node, Target target);
    Outcome<Value> list(Node const& node, Target target);
    Outcome<Value> texts(Node const& node, std::vector<Value> values);
    Outcome<Value> comprehension(Node const& node, Target target);
    Outcome<Value> comprehension_type(Node const& node, Type element, Target target);
    // True, false, or nothing if only its type is known.
    Outcome<std::optional<bool>> filter(Node const& node);
    Outcome<Value> subscript(Node const& node);
    Outcome<Value> slice(Node const& node);

    NodeId child(Node const& node, std::uint32_t index) const
    {
        return tree_.children[node.first + index];
    }
    Fault placed(Fault fault, Node const& node) const;
    Value const* find(std::uint32_t name, std::string_view text);

    Tree const& tree_;
    Context const& context_;
    Meter meter_;
    Regexes regexes_;
    Runtime runtime_;
    // What a part of the expression that is the same in every round of a loop came to, and what the
    // specification counts for it each time.
    struct Invariant {
        bool is_invariant { false };
        bool is_known { false };
        std::uint64_t operations { 0 };
        Value value;
    };
    void find_invariants();
    Outcome<Value> recall(Invariant const& known);

    std::vector<Invariant> invariants_;
    std::uint64_t invariant_bytes_ { 0 };
    std::vector<Value> locals_;
    // What names stand for, found once if there are loops.
    std::vector<Value const*> found_;
};

}
