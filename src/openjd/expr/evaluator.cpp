#include <openjd/expr/evaluator.h>

#include <base/verify.h>
#include <openjd/expr/coerce.h>
#include <openjd/expr/list_builder.h>
#include <openjd/expr/operators.h>
#include <openjd/text_rules.h>

#include <algorithm>
#include <array>

namespace sidereal::openjd::expr {

namespace {

// A loop's own part of each round, in the work of an operation.
constexpr std::uint64_t round_work = 3;
// Kept beside what is live.
constexpr std::uint64_t max_invariant_bytes = 1U << 20;

std::string no_value(std::string_view name, Names const* names)
{
    std::vector<std::string_view> known;
    if (names != nullptr)
        known = names->all();
    auto hint = did_you_mean(name, known);
    if (hint.empty() && !known.empty() && known.size() <= 20)
        hint = "; known here: " + comma_list(known);
    return fmt::format("'{}' has no value here{}", excerpt(name), hint);
}

}

Evaluator::Evaluator(Tree const& tree, Context const& context)
    : tree_(tree)
    , context_(context)
    , meter_(context.budget)
    , runtime_ { context, meter_, regexes_ }
{
}

Outcome<Value> Evaluator::run(std::optional<Type> target)
{
    if (tree_.loop_depth > 0) {
        locals_.resize(tree_.loop_depth);
        found_.resize(tree_.names.size());
        find_invariants();
        for (auto const& local : tree_.locals) {
            if (context_.names != nullptr && context_.names->find(local) != nullptr)
                return bad_value("the loop over '{}' hides a name that has a value here", local);
        }
    }
    return evaluate(tree_.root, target ? &*target : nullptr);
}

Fault Evaluator::placed(Fault fault, Node const& node) const
{
    if (!fault.placed) {
        fault.placed = true;
        fault.begin = node.begin;
        fault.end = node.end;
        fault.caret = node.caret;
    }
    return fault;
}

Outcome<Value> Evaluator::evaluate(NodeId id, Target target)
{
    auto const& node = tree_.nodes[id];
    if (target == nullptr && node.kind == NodeKind::constant)
        return tree_.constants[node.index];
    if (target == nullptr && node.kind == NodeKind::local)
        return locals_[node.index];
    auto* const kept = invariants_.empty() ? nullptr : &invariants_[id];
    if (kept && kept->is_known)
        return recall(*kept);
    auto const before = meter_.live();
    auto const operations = meter_.operations();
    auto value = evaluate_plain(node, target);
    settle(value, node, target, before);
    if (kept && kept->is_invariant && value
        && invariant_bytes_ + value->bytes() <= max_invariant_bytes) {
        invariant_bytes_ += value->bytes();
        *kept = { true, true, meter_.operations() - operations, *value };
    }
    return value;
}

// Children stand before their parents. A node stands in one place, so that its target is one too.
void Evaluator::find_invariants()
{
    invariants_.resize(tree_.nodes.size());
    for (std::size_t id = 0; id < tree_.nodes.size(); ++id) {
        auto const& node = tree_.nodes[id];
        auto invariant = node.kind > NodeKind::local && node.kind != NodeKind::comprehension;
        for (std::uint32_t i = 0; invariant && i < node.count; ++i) {
            auto const part = child(node, i);
            if (part == no_node)
                continue;
            auto const kind = tree_.nodes[part].kind;
            invariant = kind != NodeKind::local
                && (kind < NodeKind::local || invariants_[part].is_invariant);
        }
        invariants_[id].is_invariant = invariant;
    }
}

Outcome<Value> Evaluator::recall(Invariant const& known)
{
    TRY(meter_.spend(Cost { known.operations, 1 }));
    TRY(meter_.hold(meter_.live() + known.value.bytes()));
    return known.value;
}

// What is left to do for a value: fit it to its place, count it, say where its fault is.
void Evaluator::settle(Outcome<Value>& value, Node const& node, Target target, std::uint64_t before)
{
    if (value && target != nullptr && !target->has(value->type()))
        value = coerce(*value, *target, context_.path_format, meter_);
    // Constants and what names stand for live elsewhere.
    auto const is_new = node.kind > NodeKind::local;
    if (value && is_new) {
        if (auto held = meter_.hold(before + value->bytes()); !held) [[unlikely]]
            value = tl::unexpected(std::move(held).error());
    }
    if (!value) [[unlikely]]
        value = tl::unexpected(placed(std::move(value).error(), node));
}

Outcome<Value> Evaluator::evaluate_plain(Node const& node, Target target)
{
    switch (node.kind) {
    case NodeKind::constant: return tree_.constants[node.index];
    case NodeKind::too_large:
        return bad_value("the number is beyond 64 bits; an int is -2^63 to 2^63-1");
    case NodeKind::name: return name(node);
    case NodeKind::local: return locals_[node.index];
    case NodeKind::property: return property(node);
    case NodeKind::call: return call(node);
    case NodeKind::arithmetic: return arithmetic(node);
    case NodeKind::negate:
    case NodeKind::plus:
    case NodeKind::logical_not: return unary(node);
    case NodeKind::logical_and:
    case NodeKind::logical_or: return logical(node);
    case NodeKind::compare: return compare_chain(node);
    case NodeKind::conditional: return conditional(node, target);
    case NodeKind::list: return list(node, target);
    case NodeKind::comprehension: return comprehension(node, target);
    case NodeKind::subscript: return subscript(node);
    case NodeKind::slice: return slice(node);
    }
    VERIFY_NOT_REACHED();
}

Outcome<std::optional<Value>> Evaluator::attempt(NodeId id, Target target, Fault& why)
{
    auto const before = meter_.live();
    auto value = evaluate(id, target);
    if (value)
        return std::optional(std::move(*value));
    if (value.error().kind == FaultKind::budget)
        return tl::unexpected(std::move(value).error());
    why = std::move(value).error();
    meter_.forget_to(before);
    return std::nullopt;
}

Value const* Evaluator::find(std::uint32_t name, std::string_view text)
{
    if (context_.names == nullptr)
        return nullptr;
    if (found_.empty())
        return context_.names->find(text);
    if (found_[name] == nullptr)
        found_[name] = context_.names->find(text);
    return found_[name];
}

// The longest beginning that is a symbol; what is behind it are properties.
Outcome<Value> Evaluator::name(Node const& node)
{
    auto const& dotted = tree_.names[node.index];
    if (auto const* value = find(node.index, dotted.text))
        return *value;
    std::string_view const text(dotted.text);
    for (auto parts = dotted.ends.size() - 1; parts > 0 && context_.names != nullptr; --parts) {
        auto const* value = context_.names->find(text.substr(0, dotted.ends[parts - 1]));
        if (value == nullptr)
            continue;
        auto out = *value;
        for (auto part = parts; part < dotted.ends.size(); ++part) {
            auto const begin = dotted.ends[part - 1] + 1;
            auto found = property_of(std::move(out), text.substr(begin, dotted.ends[part] - begin));
            if (!found) {
                auto fault = placed(std::move(found).error(), node);
                fault.caret = dotted.places[part];
                return tl::unexpected(std::move(fault));
            }
            out = std::move(*found);
        }
        return out;
    }
    return fault(FaultKind::name, "{}", no_value(text, context_.names));
}

Outcome<Value> Evaluator::property(Node const& node)
{
    auto base = TRY(evaluate(child(node, 0)));
    return property_of(std::move(base), tree_.properties[node.index]);
}

Outcome<Value> Evaluator::property_of(Value base, std::string_view name)
{
    auto const* function = find_property(name);
    auto const type = base.type();
    if (function != nullptr && (type.meets(path_type) || type.is_noreturn()))
        return apply(*function, std::span(&base, 1), Receiver::first_argument, runtime_);
    if (find_function(name) != nullptr)
        return bad_type("'{}' is a method: write .{}() with brackets", name, name);
    return bad_type("{} has no property '{}'", to_string(type), excerpt(name));
}

Outcome<Value> Evaluator::call(Node const& node)
{
    // As many as any function takes; further ones are evaluated for their faults.
    std::array<Value, 5> arguments;
    auto const count = std::min<std::uint32_t>(node.count, 5);
    for (std::uint32_t i = 0; i < node.count; ++i)
        arguments.at(std::min<std::uint32_t>(i, 4)) = TRY(evaluate(child(node, i)));
    auto const& function = *tree_.functions[node.index];
    if (function.host_only && context_.host == Host::none)
        return bad_value(
            "{}() works only on the host that runs the task, not where the job is made",
            function.name);
    auto const receiver = node.is_method ? Receiver::first_argument : Receiver::any_argument;
    return apply(function, std::span(arguments).first(count), receiver, runtime_);
}

Outcome<Value> Evaluator::arithmetic(Node const& node)
{
    std::array<Value, 2> operands;
    auto& [a, b] = operands;
    a = TRY(evaluate(child(node, 0)));
    b = TRY(evaluate(child(node, 1)));
    if (a.is(Kind::integer) && b.is(Kind::integer)) {
        TRY(meter_.spend(1));
        return calculate(node.arithmetic, a.integer(), b.integer());
    }
    return apply(arithmetic_function(node.arithmetic), operands, Receiver::any_argument, runtime_);
}

Outcome<Value> Evaluator::unary(Node const& node)
{
    auto operand = TRY(evaluate(child(node, 0)));
    return apply(
        unary_function(node.kind), std::span(&operand, 1), Receiver::any_argument, runtime_);
}

// `and` and `or` give one of their operands; only null and false are not true.
Outcome<Value> Evaluator::logical(Node const& node)
{
    auto const stops_at = node.kind == NodeKind::logical_or;
    for (std::uint32_t i = 0;; ++i) {
        TRY(meter_.spend(1));
        auto value = TRY(evaluate(child(node, i)));
        if (i + 1 == node.count)
            return value;
        if (value.is(Kind::unresolved))
            return logical_unresolved(node, i + 1, value.type());
        auto const is_true = !value.is_null() && !(value.is(Kind::boolean) && !value.truth());
        if (is_true == stops_at)
            return value;
    }
}

// The operands behind one whose truth is not known may never be evaluated, so that their faults
// count only if nothing else is left.
Outcome<Value> Evaluator::logical_unresolved(Node const& node, std::uint32_t from, Type known)
{
    auto const is_or = node.kind == NodeKind::logical_or;
    Type result;
    for (auto i = from;; ++i) {
        // What ends here: of `or` whatever may be true, of `and` whatever may not.
        result |= is_or ? known - null_type : known & (null_type | bool_type);
        auto const goes_on = is_or ? known.meets(null_type | bool_type)
                                   : !(known - null_type).is_noreturn();
        if (!goes_on || i == node.count)
            break;
        Fault why;
        auto const value = TRY(attempt(child(node, i), nullptr, why));
        if (!value && result.is_noreturn())
            return tl::unexpected(std::move(why));
        if (!value)
            break;
        known = value->type();
        if (i + 1 == node.count) {
            result |= known;
            break;
        }
    }
    return Value::unresolved(result);
}

Outcome<Value> Evaluator::compare_chain(Node const& node)
{
    auto left = TRY(evaluate(child(node, 0)));
    bool is_known = true;
    for (std::uint32_t i = 0; i + 1 < node.count; ++i) {
        auto right = TRY(evaluate(child(node, i + 1)));
        auto const comparison = tree_.comparisons[node.index + i];
        auto const result = TRY(compare_values(comparison, left, right, runtime_));
        is_known = is_known && !result.is(Kind::unresolved);
        if (result.is(Kind::boolean) && !result.truth())
            return result;
        left = std::move(right);
    }
    return is_known ? Value::of(true) : Value::unresolved(bool_type);
}

Outcome<Value> Evaluator::conditional(Node const& node, Target target)
{
    TRY(meter_.spend(1));
    auto const condition = TRY(evaluate(child(node, 0)));
    if (!condition.type().meets(bool_type) && !condition.type().is_noreturn()) {
        return tl::unexpected(placed(bad_type("a condition is a bool, not {}; compare with == or "
                                              "ask bool()",
                                         to_string(condition.type()))
                                         .value(),
            tree_.nodes[child(node, 0)]));
    }
    if (condition.is(Kind::boolean))
        return evaluate(child(node, condition.truth() ? 1 : 2), target);
    Fault first;
    Fault second;
    auto const if_true = TRY(attempt(child(node, 1), target, first));
    auto const if_false = TRY(attempt(child(node, 2), target, second));
    if (!if_true && !if_false) {
        first.message += fmt::format("; and if the condition is false: {}", second.message);
        return tl::unexpected(std::move(first));
    }
    return Value::unresolved(
        (if_true ? if_true->type() : Type()) | (if_false ? if_false->type() : Type()));
}

Outcome<Value> Evaluator::list(Node const& node, Target target)
{
    TRY(meter_.spend(node.count));
    auto const wanted = target != nullptr ? target->elements() : Type();
    // Only a place that takes one kind of list says what its elements are.
    auto const* element = wanted.is_one() ? &wanted : nullptr;
    auto const may_be_texts = target != nullptr && wanted.has(string_type);
    std::vector<Value> values;
    ListBuilder builder(meter_);
    for (std::uint32_t i = 0; i < node.count; ++i) {
        auto value = TRY(evaluate(child(node, i), element));
        if (may_be_texts)
            values.push_back(value);
        auto added = builder.add(std::move(value));
        if (added)
            continue;
        if (!may_be_texts || added.error().kind == FaultKind::budget)
            return tl::unexpected(std::move(added).error());
        return texts(node, std::move(values));
    }
    return builder.finish();
}

// Values that have no type in common, where a list of texts is taken: each as a text.
Outcome<Value> Evaluator::texts(Node const& node, std::vector<Value> values)
{
    for (auto i = static_cast<std::uint32_t>(values.size()); i < node.count; ++i)
        values.push_back(TRY(evaluate(child(node, i))));
    ListBuilder builder(meter_);
    for (auto const& value : values) {
        auto text = TRY(coerce(value, string_type, context_.path_format, meter_));
        TRY(builder.add(std::move(text)));
    }
    return builder.finish();
}

Outcome<std::optional<bool>> Evaluator::filter(Node const& node)
{
    if (node.count < 3)
        return true;
    auto const value = TRY(evaluate(child(node, 2)));
    if (value.is(Kind::boolean))
        return value.truth();
    if (value.is(Kind::unresolved) && value.type().meets(bool_type))
        return std::nullopt;
    return tl::unexpected(
        placed(bad_type("a loop's condition is a bool, not {}", to_string(value.type())).value(),
            tree_.nodes[child(node, 2)]));
}

Outcome<Value> Evaluator::comprehension(Node const& node, Target target)
{
    auto const iterable = TRY(evaluate(child(node, 0)));
    auto const type = iterable.type();
    auto const element = type.elements() | (type.has(range_type) ? int_type : Type());
    if (element.is_noreturn() && !type.is_noreturn()) {
        return tl::unexpected(placed(
            bad_type("a loop goes through a list or range_expr, not {}", to_string(type)).value(),
            tree_.nodes[child(node, 0)]));
    }
    if (iterable.is(Kind::unresolved))
        return comprehension_type(node, element, target);
    auto const is_range = iterable.is(Kind::range);
    auto const size = is_range ? iterable.range().size() : iterable.size();
    auto const wanted = target != nullptr ? target->elements() : Type();
    auto const* element_target = wanted.is_one() ? &wanted : nullptr;
    ListBuilder builder(meter_);
    for (std::uint64_t i = 0; i < size; ++i) {
        TRY(meter_.spend(Cost { 1, round_work }));
        auto const live = meter_.live();
        locals_[node.index] = is_range ? Value::of(iterable.range().at(i)) : iterable.at(i);
        auto const passes = TRY(filter(node));
        if (!passes)
            return comprehension_type(node, element, target);
        if (!*passes)
            continue;
        auto value = TRY(evaluate(child(node, 1), element_target));
        meter_.forget_to(live);
        TRY(builder.add(std::move(value)));
    }
    return builder.finish();
}

Outcome<Value> Evaluator::comprehension_type(Node const& node, Type element, Target target)
{
    locals_[node.index] = Value::unresolved(element);
    TRY(filter(node));
    auto const wanted = target != nullptr ? target->elements() : Type();
    ListBuilder builder(meter_);
    auto value = TRY(evaluate(child(node, 1), wanted.is_one() ? &wanted : nullptr));
    TRY(builder.add(Value::unresolved(value.type())));
    return builder.finish();
}

Outcome<Value> Evaluator::subscript(Node const& node)
{
    auto const base = TRY(evaluate(child(node, 0)));
    auto const index = TRY(evaluate(child(node, 1)));
    TRY(meter_.spend(1));
    return element_at(base, index, runtime_);
}

Outcome<Value> Evaluator::slice(Node const& node)
{
    auto const base = TRY(evaluate(child(node, 0)));
    std::array<Value, 3> bounds;
    for (std::uint32_t i = 0; i < 3; ++i) {
        if (child(node, i + 1) != no_node)
            bounds.at(i) = TRY(evaluate(child(node, i + 1)));
    }
    TRY(meter_.spend(1));
    return slice_of(base, bounds, runtime_);
}

}
