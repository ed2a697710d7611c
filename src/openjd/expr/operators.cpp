#include <openjd/expr/operators.h>

#include <base/verify.h>
#include <openjd/expr/costs.h>
#include <openjd/expr/library.h>
#include <openjd/expr/range_text.h>
#include <openjd/expr/unicode.h>

#include <algorithm>
#include <array>

namespace sidereal::openjd::expr {

namespace {

template<Arithmetic operation>
Outcome<Value> of_ints(Arguments arguments, Runtime&)
{
    return calculate(operation, arguments[0].integer(), arguments[1].integer());
}

template<Arithmetic operation>
Outcome<Value> of_floats(Arguments arguments, Runtime&)
{
    return calculate(operation, arguments[0].number(), arguments[1].number());
}

template<Arithmetic operation>
void add_numbers(Library& library, std::string_view symbol, Type of_int, Type of_float)
{
    library.add(symbol, { int_type, int_type }, of_int, of_ints<operation>);
    library.add(symbol, { float_type, float_type }, of_float, of_floats<operation>);
}

Outcome<Value> joined_text(Arguments arguments, Runtime& runtime)
{
    auto const left = arguments[0].to_text();
    auto const right = arguments[1].to_text();
    TRY(runtime.meter.spend_text(left.size() + right.size()));
    TRY(runtime.meter.reserve(left.size() + right.size()));
    return Value::of(left + right);
}

Outcome<Value> repeated_text(Arguments arguments, Runtime& runtime)
{
    auto const& text = arguments[0].text();
    auto const times = static_cast<std::uint64_t>(
        std::max<std::int64_t>(0, arguments[1].integer()));
    std::uint64_t size = 0;
    if (__builtin_mul_overflow(text.size(), times, &size))
        size = UINT64_MAX / 2;
    TRY(runtime.meter.reserve(size));
    TRY(runtime.meter.spend_text(size));
    std::string out;
    out.reserve(size);
    // What is there already is taken again, twice as much every time.
    if (size > 0)
        out = text;
    while (out.size() < size)
        out.append(out, 0, size - out.size());
    return Value::of(std::move(out));
}

Outcome<Value> joined_lists(Arguments arguments, Runtime& runtime)
{
    return join_lists(arguments[0], arguments[1], runtime.meter);
}

Outcome<Value> joined_ranges(Arguments arguments, Runtime& runtime)
{
    auto const left = TRY(range_as_list(arguments[0].range(), runtime.meter));
    auto const right = TRY(range_as_list(arguments[1].range(), runtime.meter));
    return join_lists(left, right, runtime.meter);
}

Outcome<Value> repeated_list(Arguments arguments, Runtime& runtime)
{
    auto const& list = arguments[0];
    auto const times = static_cast<std::uint64_t>(
        std::max<std::int64_t>(0, arguments[1].integer()));
    std::uint64_t count = 0;
    if (__builtin_mul_overflow(list.size(), times, &count) || count > UINT32_MAX)
        count = UINT32_MAX;
    auto const each = list.numbers() != nullptr ? sizeof(std::int64_t) : sizeof(Value);
    TRY(runtime.meter.spend(count));
    TRY(runtime.meter.reserve(count * each));
    if (auto const* numbers = list.numbers()) {
        std::vector<std::int64_t> out;
        out.reserve(count);
        for (std::uint64_t i = 0; i < times && !numbers->empty(); ++i)
            out.insert(out.end(), numbers->begin(), numbers->end());
        return Value::integers(std::move(out));
    }
    std::vector<Value> out;
    out.reserve(count);
    for (std::uint64_t i = 0; i < count; ++i)
        out.push_back(list.at(i % list.size()));
    return Value::list(list.element_type(), std::move(out));
}

Outcome<Value> minus(Arguments arguments, Runtime&) { return negate(arguments[0]); }

// A number that has passed an operator is no longer spelled as it was written.
Outcome<Value> plus(Arguments arguments, Runtime&)
{
    if (arguments[0].is(Kind::floating))
        return Value::of(arguments[0].number());
    return arguments[0];
}

Outcome<Value> inverted(Arguments arguments, Runtime&) { return Value::of(!arguments[0].truth()); }

// --- comparisons ---

bool is_ordering(Comparison comparison)
{
    return comparison >= Comparison::less && comparison <= Comparison::greater_or_equal;
}

bool is_membership(Comparison comparison) { return comparison >= Comparison::in; }

Type orderable()
{
    auto const scalars = bool_type | int_type | float_type | string_type | path_type;
    return scalars | scalars.list() | scalars.list().list() | empty_list_type
        | empty_list_type.list();
}

bool can_hold(Type container, Type item)
{
    if (container == range_type)
        return (int_type | float_type).has(item);
    if (container == string_type || container == path_type)
        return (string_type | path_type).has(item);
    if (!container.is_list())
        return false;
    return container == empty_list_type || !common_type(container.elements(), item).is_noreturn();
}

// At least one of the types that the operands may have must go with the operator.
bool go_together(Comparison comparison, Type left, Type right)
{
    if (left.is_noreturn() || right.is_noreturn())
        return true;
    if (is_ordering(comparison))
        return !common_type(left & orderable(), right & orderable()).is_noreturn();
    if (!is_membership(comparison))
        return true;
    for (auto const container : right.members()) {
        for (auto const item : left.members()) {
            if (can_hold(container, item))
                return true;
        }
    }
    return false;
}

std::string_view symbol_of(Comparison comparison)
{
    static constexpr std::array<std::string_view, 8> symbols { "==", "!=", "<", "<=", ">",
        ">=", "in", "not in" };
    return symbols.at(static_cast<std::size_t>(comparison));
}

// `order` is below zero, zero or above zero as the left operand is to the right one.
bool holds(Comparison comparison, int order)
{
    switch (comparison) {
    case Comparison::less: return order < 0;
    case Comparison::less_or_equal: return order <= 0;
    case Comparison::greater: return order > 0;
    case Comparison::greater_or_equal: return order >= 0;
    default: return (order == 0) == (comparison == Comparison::equal);
    }
}

Outcome<bool> contains(Value const& container, Value const& item, Runtime& runtime)
{
    TRY(runtime.meter.spend(cost_of(container)));
    if (container.is(Kind::range)) {
        if (item.is(Kind::integer))
            return container.range().index_of(item.integer()).has_value();
        auto const whole = to_int(item.number());
        return whole && static_cast<double>(whole->integer()) == item.number()
            && container.range().index_of(whole->integer()).has_value();
    }
    if (!container.is(Kind::list))
        return container.text().find(item.text()) != std::string::npos;
    for (std::size_t i = 0; i < container.size(); ++i) {
        if (equals(container.at(i), item))
            return true;
    }
    return false;
}

Outcome<bool> decide(Comparison comparison, Value const& left, Value const& right, Runtime& runtime)
{
    if (is_membership(comparison)) {
        auto const found = TRY(contains(right, left, runtime));
        return found == (comparison == Comparison::in);
    }
    auto const a = cost_of(left);
    auto const b = cost_of(right);
    TRY(runtime.meter.spend(a.work < b.work ? a : b));
    if (!is_ordering(comparison))
        return equals(left, right) == (comparison == Comparison::equal);
    auto const order = compare(left, right);
    VERIFY(order.has_value());
    return holds(comparison, *order);
}

// --- elements and slices ---

constexpr std::string_view no_elements = "{} has no elements{}";

tl::unexpected<Fault> not_indexable(Type type)
{
    return bad_type(
        no_elements, to_string(type), type.meets(path_type) ? "; p.parts is a list" : "");
}

constexpr Type indexable = string_type | range_type | Type::any_list();

std::string_view kind_name(Value const& value)
{
    return value.is(Kind::list) ? "list" : value.is(Kind::range) ? "range_expr" : "string";
}

std::uint64_t length_of(Value const& value)
{
    if (value.is(Kind::list))
        return value.size();
    return value.is(Kind::range) ? value.range().size() : value.length();
}

Outcome<Value> character_at(Value const& text, std::uint64_t index, Runtime& runtime)
{
    if (text.is_ascii())
        return Value::of(text.text().substr(index, 1));
    TRY(runtime.meter.spend(cost_of(text)));
    std::size_t at = 0;
    for (std::uint64_t i = 0; i < index; ++i)
        decode_utf8(text.text(), at);
    auto end = at;
    decode_utf8(text.text(), end);
    return Value::of(text.text().substr(at, end - at));
}

struct Slice {
    std::int64_t start;
    std::int64_t step;
    std::uint64_t count;
};

// As Python counts: negative from the end, then cut to what is there.
Outcome<Slice> resolve_slice(std::int64_t length, std::span<Value const, 3> bounds)
{
    auto const step = bounds[2].is_null() ? 1 : bounds[2].integer();
    if (step == 0)
        return bad_value("the step of a slice cannot be 0");
    auto const low = step < 0 ? -1 : 0;
    auto const high = step < 0 ? length - 1 : length;
    auto const clip = [&](Value const& bound, std::int64_t otherwise) {
        if (bound.is_null())
            return otherwise;
        auto const at = bound.integer();
        return std::clamp<std::int64_t>(at < 0 ? at + length : at, low, high);
    };
    auto const start = clip(bounds[0], step < 0 ? high : low);
    auto const stop = clip(bounds[1], step < 0 ? low : high);
    auto const span = step < 0 ? start - stop : stop - start;
    auto const stride = step < 0 ? -static_cast<std::uint64_t>(step)
                                 : static_cast<std::uint64_t>(step);
    return Slice { start, step,
        span <= 0 ? 0 : (static_cast<std::uint64_t>(span) - 1) / stride + 1 };
}

template<typename Take>
void for_each_index(Slice const& slice, Take take)
{
    auto at = static_cast<std::uint64_t>(slice.start);
    for (std::uint64_t i = 0; i < slice.count; ++i, at += static_cast<std::uint64_t>(slice.step))
        take(at);
}

Outcome<Value> slice_text(Value const& value, Slice const& slice, Runtime& runtime)
{
    auto const& text = value.text();
    TRY(runtime.meter.spend(cost_of(value)));
    std::string out;
    if (value.is_ascii()) {
        TRY(runtime.meter.reserve(slice.count));
        for_each_index(slice, [&](std::uint64_t at) { out += text[at]; });
        return Value::of(std::move(out));
    }
    TRY(runtime.meter.reserve(value.length() * sizeof(std::uint32_t) + slice.count * 4));
    std::vector<std::uint32_t> starts;
    starts.reserve(value.length());
    for (std::size_t at = 0; at < text.size(); decode_utf8(text, at))
        starts.push_back(static_cast<std::uint32_t>(at));
    for_each_index(slice, [&](std::uint64_t at) {
        auto const end = at + 1 < starts.size() ? starts[at + 1] : text.size();
        out.append(text, starts[at], end - starts[at]);
    });
    return Value::of(std::move(out));
}

Outcome<Value> slice_range(IntRange const& range, Slice const& slice, Runtime& runtime)
{
    if (slice.step > 0) {
        TRY(runtime.meter.spend(range.intervals().size()));
        auto const first = static_cast<std::uint64_t>(slice.start);
        auto const step = static_cast<std::uint64_t>(slice.step);
        auto const last = slice.count == 0 ? first : first + (slice.count - 1) * step + 1;
        auto sliced = slice_of(range, first, last, step);
        if (!sliced)
            return bad_value("{}", sliced.error().message);
        return Value::of(std::move(*sliced));
    }
    TRY(runtime.meter.spend(slice.count));
    TRY(runtime.meter.reserve(slice.count * sizeof(std::int64_t)));
    std::vector<std::int64_t> out;
    out.reserve(slice.count);
    for_each_index(slice, [&](std::uint64_t at) { out.push_back(range.at(at)); });
    return Value::integers(std::move(out));
}

Outcome<Value> slice_list(Value const& list, Slice const& slice, Runtime& runtime)
{
    auto const each = list.numbers() != nullptr ? sizeof(std::int64_t) : sizeof(Value);
    TRY(runtime.meter.spend(slice.count));
    TRY(runtime.meter.reserve(slice.count * each));
    if (auto const* numbers = list.numbers()) {
        std::vector<std::int64_t> out;
        out.reserve(slice.count);
        for_each_index(slice, [&](std::uint64_t at) { out.push_back((*numbers)[at]); });
        return Value::integers(std::move(out));
    }
    std::vector<Value> out;
    out.reserve(slice.count);
    for_each_index(slice, [&](std::uint64_t at) { out.push_back(list.at(at)); });
    return Value::list(list.element_type(), std::move(out));
}

// Of what a slice or an index is taken from, if only the type is known.
Type taken_from(Type base, bool is_slice)
{
    auto const text = base & string_type;
    if (is_slice)
        return text | (base & Type::any_list())
            | (base.has(range_type) ? range_type | int_type.list() : Type());
    return text | base.elements() | (base.has(range_type) ? int_type : Type());
}

}

void add_operators(Library& library)
{
    auto const lists = Type::any_list();
    add_numbers<Arithmetic::add>(library, "+", int_type, float_type);
    library.add("+", { string_type, string_type }, string_type, joined_text);
    library.add("+", { string_type, range_type }, string_type, joined_text);
    library.add("+", { range_type, string_type }, string_type, joined_text);
    library.add("+", { range_type, range_type }, int_type.list(), joined_ranges);
    library.add("+", { lists, lists }, Gives::joined, joined_lists);
    add_numbers<Arithmetic::subtract>(library, "-", int_type, float_type);
    add_numbers<Arithmetic::multiply>(library, "*", int_type, float_type);
    library.add("*", { string_type, int_type }, string_type, repeated_text);
    library.add("*", { lists, int_type }, Gives::first, repeated_list);
    add_numbers<Arithmetic::divide>(library, "/", float_type, float_type);
    add_numbers<Arithmetic::floor_divide>(library, "//", int_type, int_type);
    add_numbers<Arithmetic::modulo>(library, "%", int_type, float_type);
    add_numbers<Arithmetic::power>(library, "**", int_type | float_type, float_type);
    for (auto const type : { int_type, float_type }) {
        library.add("-", { type }, type, minus);
        library.add("+", { type }, type, plus);
    }
    library.add("not", { bool_type }, bool_type, inverted);
}

Function const& arithmetic_function(Arithmetic operation)
{
    static std::array<Function const*, 7> const functions = [] {
        std::array<Function const*, 7> out {};
        std::size_t next = 0;
        for (auto const* symbol : { "+", "-", "*", "/", "//", "%", "**" })
            out.at(next++) = find_function(symbol);
        return out;
    }();
    return *functions.at(static_cast<std::size_t>(operation));
}

Function const& unary_function(NodeKind kind)
{
    if (kind == NodeKind::logical_not)
        return *find_function("not");
    return arithmetic_function(kind == NodeKind::negate ? Arithmetic::subtract : Arithmetic::add);
}

Outcome<Value> compare_values(
    Comparison comparison, Value const& left, Value const& right, Runtime& runtime)
{
    TRY(runtime.meter.spend(1));
    if (left.is(Kind::integer) && right.is(Kind::integer) && !is_membership(comparison))
        return Value::of(holds(comparison, compare_numbers(left, right)));
    if (!go_together(comparison, left.type(), right.type()))
        return bad_type("'{}' cannot be used with {} and {}", symbol_of(comparison),
            to_string(left.type()), to_string(right.type()));
    if (left.is(Kind::unresolved) || right.is(Kind::unresolved))
        return Value::unresolved(bool_type);
    return Value::of(TRY(decide(comparison, left, right, runtime)));
}

Outcome<Value> element_at(Value const& base, Value const& index, Runtime& runtime)
{
    auto const type = base.type();
    if (!type.meets(indexable) && !type.is_noreturn())
        return not_indexable(type);
    if (!index.type().meets(int_type) && !index.type().is_noreturn())
        return bad_type("an index is an int, not {}", to_string(index.type()));
    if (base.is(Kind::unresolved) || index.is(Kind::unresolved))
        return Value::unresolved(taken_from(type, false));
    auto const length = static_cast<std::int64_t>(length_of(base));
    auto at = index.integer();
    if (at < -length || at >= length)
        return bad_value("index {} is outside the {} of length {}", at, kind_name(base), length);
    at += at < 0 ? length : 0;
    auto const place = static_cast<std::uint64_t>(at);
    if (base.is(Kind::list))
        return base.at(place);
    if (base.is(Kind::range))
        return Value::of(base.range().at(place));
    return character_at(base, place, runtime);
}

Outcome<Value> slice_of(Value const& base, std::span<Value const, 3> bounds, Runtime& runtime)
{
    auto const type = base.type();
    if (!type.meets(indexable) && !type.is_noreturn())
        return not_indexable(type);
    auto is_known = !base.is(Kind::unresolved);
    for (auto const& bound : bounds) {
        if (!bound.type().meets(int_type | null_type) && !bound.type().is_noreturn())
            return bad_type("the parts of a slice are ints, not {}", to_string(bound.type()));
        is_known = is_known && !bound.is(Kind::unresolved);
    }
    if (!is_known)
        return Value::unresolved(taken_from(type, true));
    auto const slice = TRY(resolve_slice(static_cast<std::int64_t>(length_of(base)), bounds));
    if (base.is(Kind::string))
        return slice_text(base, slice, runtime);
    if (base.is(Kind::range))
        return slice_range(base.range(), slice, runtime);
    return slice_list(base, slice, runtime);
}

}
