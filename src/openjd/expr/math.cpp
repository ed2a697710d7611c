#include <openjd/expr/costs.h>
#include <openjd/expr/library.h>
#include <openjd/expr/numbers.h>
#include <openjd/expr/range_text.h>

#include <cmath>

// abs, min, max, sum, floor, ceil, round
namespace sidereal::openjd::expr {

namespace {

Outcome<Value> absolute(Arguments arguments, Runtime&)
{
    auto const& number = arguments[0];
    if (number.is(Kind::floating))
        return Value::of(std::fabs(number.number()));
    return number.integer() < 0 ? negate(number) : number;
}

enum class Extreme : std::uint8_t {
    least,
    greatest,
};

bool is_further(Extreme extreme, Value const& candidate, Value const& best)
{
    auto const order = compare_numbers(candidate, best);
    return extreme == Extreme::least ? order < 0 : order > 0;
}

template<Extreme extreme>
Outcome<Value> of_arguments(Arguments arguments, Runtime&)
{
    auto best = arguments[0];
    for (auto const& candidate : arguments.subspan(1)) {
        if (is_further(extreme, candidate, best))
            best = candidate;
    }
    return best;
}

template<Extreme extreme>
Outcome<Value> of_list(Arguments arguments, Runtime& runtime)
{
    auto const& list = arguments[0];
    TRY(runtime.meter.spend(list.size()));
    if (list.size() == 0)
        return bad_value("an empty list has no {}",
            extreme == Extreme::least ? "least value" : "greatest value");
    auto best = list.at(0);
    for (std::size_t i = 1; i < list.size(); ++i) {
        auto candidate = list.at(i);
        if (is_further(extreme, candidate, best))
            best = std::move(candidate);
    }
    return best;
}

template<Extreme extreme>
Outcome<Value> of_range(Arguments arguments, Runtime&)
{
    auto const& range = arguments[0].range();
    if (range.size() == 0)
        return bad_value("the range_expr is empty");
    return Value::of(range.at(extreme == Extreme::least ? 0 : range.size() - 1));
}

template<Extreme extreme>
void add_extreme(Library& library, std::string_view name)
{
    library.add(name, { int_type, int_type }, int_type, of_arguments<extreme>);
    library.add(name, { float_type, float_type }, float_type, of_arguments<extreme>);
    library.add(name, { int_type, int_type, int_type }, int_type, of_arguments<extreme>);
    library.add(name, { float_type, float_type, float_type }, float_type, of_arguments<extreme>);
    library.add(name, { range_type }, int_type, of_range<extreme>);
    library.add(name, { int_type.list() }, int_type, of_list<extreme>);
    library.add(name, { float_type.list() }, float_type, of_list<extreme>);
    library.add(name, { empty_list_type }, Type(), of_list<extreme>);
}

Outcome<Value> sum_of_ints(Arguments arguments, Runtime& runtime)
{
    auto const& list = arguments[0];
    TRY(runtime.meter.spend(list.size()));
    std::int64_t sum = 0;
    for (std::size_t i = 0; i < list.size(); ++i) {
        auto const next = TRY(calculate(Arithmetic::add, sum, list.at(i).integer()));
        sum = next.integer();
    }
    return Value::of(sum);
}

Outcome<Value> sum_of_floats(Arguments arguments, Runtime& runtime)
{
    auto const& list = arguments[0];
    TRY(runtime.meter.spend(list.size()));
    double sum = 0;
    for (std::size_t i = 0; i < list.size(); ++i)
        sum += list.at(i).number();
    return finite(sum);
}

Outcome<Value> sum_of_range(Arguments arguments, Runtime&)
{
    if (auto const sum = sum_of(arguments[0].range()))
        return Value::of(*sum);
    return bad_value("the result is beyond 64 bits; an int is -2^63 to 2^63-1");
}

Outcome<Value> same(Arguments arguments, Runtime&) { return arguments[0]; }

Outcome<Value> floor_of(Arguments arguments, Runtime&)
{
    return to_int(std::floor(arguments[0].number()));
}

Outcome<Value> ceil_of(Arguments arguments, Runtime&)
{
    return to_int(std::ceil(arguments[0].number()));
}

Outcome<Value> round_float(Arguments arguments, Runtime&)
{
    return round_to_int(arguments[0].number());
}

std::int64_t power_of_ten(std::int64_t digits) { return digits < -400 ? 400 : -digits; }

Outcome<Value> round_float_to(Arguments arguments, Runtime& runtime)
{
    auto const digits = arguments[1].integer();
    if (digits <= 0)
        return round_tens(arguments[0].number(), power_of_ten(digits));
    if (digits > 1000)
        return bad_value("a float is rounded to 1000 decimals at most, not {}", digits);
    // Exact decimals of large numbers take long.
    TRY(runtime.meter.spend(8));
    return round_decimals(arguments[0].number(), digits);
}

Outcome<Value> round_int_to(Arguments arguments, Runtime&)
{
    auto const digits = arguments[1].integer();
    if (digits >= 0)
        return arguments[0];
    return round_tens(arguments[0].integer(), power_of_ten(digits));
}

}

void add_math(Library& library)
{
    for (auto const type : { int_type, float_type })
        library.add("abs", { type }, type, absolute);
    add_extreme<Extreme::least>(library, "min");
    add_extreme<Extreme::greatest>(library, "max");
    library.add("sum", { int_type.list() | empty_list_type }, int_type, sum_of_ints);
    library.add("sum", { float_type.list() }, float_type, sum_of_floats);
    library.add("sum", { range_type }, int_type, sum_of_range);
    library.add("floor", { int_type }, int_type, same);
    library.add("floor", { float_type }, int_type, floor_of);
    library.add("ceil", { int_type }, int_type, same);
    library.add("ceil", { float_type }, int_type, ceil_of);
    library.add("round", { int_type }, int_type, same);
    library.add("round", { float_type }, int_type, round_float);
    library.add("round", { int_type, int_type }, int_type, round_int_to);
    library.add("round", { float_type, int_type }, int_type | float_type, round_float_to);
}

}
