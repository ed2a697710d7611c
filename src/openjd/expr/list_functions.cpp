#include <openjd/expr/coerce.h>
#include <openjd/expr/costs.h>
#include <openjd/expr/library.h>

#include <algorithm>
#include <bit>
#include <numeric>

// range, flatten, sorted, reversed, unique, any, all
namespace sidereal::openjd::expr {

namespace {

Outcome<Value> numbers_between(
    std::int64_t start, std::int64_t stop, std::int64_t step, Runtime& runtime)
{
    if (step == 0)
        return bad_value("the step of range() cannot be 0");
    auto const low = static_cast<std::uint64_t>(step > 0 ? start : stop);
    auto const high = static_cast<std::uint64_t>(step > 0 ? stop : start);
    auto const is_empty = step > 0 ? start >= stop : start <= stop;
    auto const stride = step > 0 ? static_cast<std::uint64_t>(step)
                                 : -static_cast<std::uint64_t>(step);
    auto const count = is_empty ? 0 : (high - low - 1) / stride + 1;
    TRY(runtime.meter.spend(std::min<std::uint64_t>(count, UINT32_MAX)));
    TRY(runtime.meter.reserve(count * sizeof(std::int64_t)));
    std::vector<std::int64_t> out;
    out.reserve(count);
    auto at = static_cast<std::uint64_t>(start);
    for (std::uint64_t i = 0; i < count; ++i, at += static_cast<std::uint64_t>(step))
        out.push_back(static_cast<std::int64_t>(at));
    return Value::integers(std::move(out));
}

Outcome<Value> range_to(Arguments arguments, Runtime& runtime)
{
    return numbers_between(0, arguments[0].integer(), 1, runtime);
}

Outcome<Value> range_from_to(Arguments arguments, Runtime& runtime)
{
    return numbers_between(arguments[0].integer(), arguments[1].integer(), 1, runtime);
}

Outcome<Value> range_by_step(Arguments arguments, Runtime& runtime)
{
    return numbers_between(
        arguments[0].integer(), arguments[1].integer(), arguments[2].integer(), runtime);
}

// The elements one by one, those of a list of numbers too; asked for beforehand.
Outcome<std::vector<Value>> elements_of(Value const& list, Meter& meter)
{
    TRY(meter.reserve(2 * list.size() * sizeof(Value)));
    std::vector<Value> out;
    out.reserve(list.size());
    for (std::size_t i = 0; i < list.size(); ++i)
        out.push_back(list.at(i));
    return out;
}

Outcome<Value> flattened(Arguments arguments, Runtime& runtime)
{
    auto const& list = arguments[0];
    TRY(runtime.meter.spend(list.size()));
    if (!list.element_type().is_list())
        return list;
    std::size_t size = 0;
    for (std::size_t i = 0; i < list.size(); ++i)
        size += list.at(i).size();
    TRY(runtime.meter.spend(size));
    TRY(runtime.meter.reserve(size * sizeof(Value)));
    std::vector<Value> out;
    out.reserve(size);
    for (std::size_t i = 0; i < list.size(); ++i) {
        auto const inner = list.at(i);
        for (std::size_t k = 0; k < inner.size(); ++k)
            out.push_back(inner.at(k));
    }
    return Value::list(list.element_type().elements(), std::move(out));
}

// Sorting looks at every element some log2(n) times.
Outcome<void> spend_sorting(Value const& list, Meter& meter)
{
    auto const rounds = static_cast<std::uint64_t>(std::bit_width(list.size()));
    TRY(meter.spend(list.size()));
    auto const is_cheap = list.numbers() != nullptr;
    return meter.spend(is_cheap ? Cost() : rounds * cost_of(list));
}

Outcome<Value> sorted_list(Arguments arguments, Runtime& runtime)
{
    auto const& list = arguments[0];
    TRY(spend_sorting(list, runtime.meter));
    if (auto const* numbers = list.numbers()) {
        TRY(runtime.meter.reserve(numbers->size() * sizeof(std::int64_t)));
        auto out = *numbers;
        std::sort(out.begin(), out.end());
        return Value::integers(std::move(out));
    }
    auto values = TRY(elements_of(list, runtime.meter));
    std::stable_sort(values.begin(), values.end(),
        [](Value const& a, Value const& b) { return compare(a, b).value_or(0) < 0; });
    return Value::list(list.element_type(), std::move(values));
}

Outcome<Value> reversed_list(Arguments arguments, Runtime& runtime)
{
    auto const& list = arguments[0];
    TRY(runtime.meter.spend(list.size()));
    if (auto const* numbers = list.numbers()) {
        TRY(runtime.meter.reserve(numbers->size() * sizeof(std::int64_t)));
        return Value::integers({ numbers->rbegin(), numbers->rend() });
    }
    auto values = TRY(elements_of(list, runtime.meter));
    std::reverse(values.begin(), values.end());
    return Value::list(list.element_type(), std::move(values));
}

// By sorting places, equal elements in their order; the first of each run of equals stays.
Outcome<Value> unique_list(Arguments arguments, Runtime& runtime)
{
    auto const& list = arguments[0];
    TRY(spend_sorting(list, runtime.meter));
    auto values = TRY(elements_of(list, runtime.meter));
    TRY(runtime.meter.reserve(values.size() * (2 * sizeof(Value) + sizeof(std::size_t))));
    std::vector<std::size_t> places(values.size());
    std::iota(places.begin(), places.end(), std::size_t { 0 });
    std::stable_sort(places.begin(), places.end(), [&values](std::size_t a, std::size_t b) {
        return compare(values[a], values[b]).value_or(0) < 0;
    });
    std::vector<bool> stays(values.size(), true);
    for (std::size_t i = 1; i < places.size(); ++i)
        stays[places[i]] = !equals(values[places[i]], values[places[i - 1]]);
    std::vector<Value> out;
    for (std::size_t i = 0; i < values.size(); ++i) {
        if (stays[i])
            out.push_back(std::move(values[i]));
    }
    return Value::list(list.element_type(), std::move(out));
}

// range_expr has no order; what it is written as has one.
Outcome<Value> unique_ranges(Arguments arguments, Runtime& runtime)
{
    auto const& list = arguments[0];
    TRY(runtime.meter.spend(list.size() * list.size()));
    std::vector<Value> out;
    for (std::size_t i = 0; i < list.size(); ++i) {
        auto const value = list.at(i);
        if (std::none_of(out.begin(), out.end(),
                [&value](Value const& other) { return equals(value, other); }))
            out.push_back(value);
    }
    return Value::list(list.element_type(), std::move(out));
}

template<bool wanted>
Outcome<Value> any_is(Arguments arguments, Runtime& runtime)
{
    auto const& list = arguments[0];
    TRY(runtime.meter.spend(list.size()));
    for (std::size_t i = 0; i < list.size(); ++i) {
        if (list.at(i).truth() == wanted)
            return Value::of(wanted);
    }
    return Value::of(!wanted);
}

}

void add_list_functions(Library& library)
{
    auto const ranges = range_type.list() | range_type.list().list();
    auto const sortable = Type::any_list() - ranges;
    auto const numbers = int_type.list();
    library.add("range", { int_type }, numbers, range_to);
    library.add("range", { int_type, int_type }, numbers, range_from_to);
    library.add("range", { int_type, int_type, int_type }, numbers, range_by_step);
    library.add("flatten", { Type::any_list() }, Gives::flat, flattened);
    library.add("sorted", { sortable }, Gives::first, sorted_list);
    library.add("reversed", { Type::any_list() }, Gives::first, reversed_list);
    library.add("unique", { sortable }, Gives::first, unique_list);
    library.add("unique", { ranges }, Gives::first, unique_ranges);
    library.add("any", { bool_type.list() | empty_list_type }, bool_type, any_is<true>);
    library.add("all", { bool_type.list() | empty_list_type }, bool_type, any_is<false>);
}

}
