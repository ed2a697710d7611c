#include <openjd/expr/coerce.h>
#include <openjd/expr/costs.h>
#include <openjd/expr/library.h>
#include <openjd/expr/numbers.h>
#include <openjd/expr/quoting.h>
#include <openjd/expr/range_text.h>
#include <openjd/text_rules.h>

#include <cmath>

// len, bool, string, int, float, list, range_expr, fail
namespace sidereal::openjd::expr {

namespace {

constexpr Type scalars = null_type | bool_type | int_type | float_type | string_type | path_type
    | range_type;

Outcome<Value> identity(Arguments arguments, Runtime&) { return arguments[0]; }

Outcome<Value> length(Arguments arguments, Runtime&)
{
    auto const& value = arguments[0];
    if (value.is(Kind::list))
        return Value::of(static_cast<std::int64_t>(value.size()));
    if (value.is(Kind::range))
        return Value::of(static_cast<std::int64_t>(value.range().size()));
    return Value::of(static_cast<std::int64_t>(value.length()));
}

Outcome<Value> bool_of_null(Arguments, Runtime&) { return Value::of(false); }

Outcome<Value> bool_of_int(Arguments arguments, Runtime&)
{
    return Value::of(arguments[0].integer() != 0);
}

Outcome<Value> bool_of_float(Arguments arguments, Runtime&)
{
    return Value::of(arguments[0].number() != 0);
}

Outcome<Value> bool_of_text(Arguments arguments, Runtime&)
{
    auto const& text = arguments[0].text();
    if (auto const truth = parse_truth(text))
        return Value::of(*truth);
    return bad_value("'{}' is no bool; write true, yes, on, 1, false, no, off or 0", excerpt(text));
}

Outcome<Value> text_of(Arguments arguments, Runtime& runtime)
{
    auto const& value = arguments[0];
    TRY(runtime.meter.spend(cost_of(value)));
    TRY(runtime.meter.reserve(text_bound(value)));
    return Value::of(value.to_text());
}

Outcome<Value> int_of_float(Arguments arguments, Runtime&)
{
    auto const number = arguments[0].number();
    if (number != std::floor(number))
        return bad_value(
            "{} is no whole number; use floor(), ceil() or round()", arguments[0].to_text());
    return to_int(number);
}

Outcome<Value> int_of_text(Arguments arguments, Runtime& runtime)
{
    auto const& text = arguments[0].text();
    TRY(runtime.meter.spend_text(text.size()));
    auto const plain = plain_number(text);
    if (auto const number = plain ? parse_int(*plain) : std::nullopt)
        return Value::of(*number);
    return bad_value("'{}' is no whole number of 64 bits", excerpt(text));
}

Outcome<Value> float_of_int(Arguments arguments, Runtime&)
{
    return Value::of(arguments[0].as_double());
}

Outcome<Value> float_of_text(Arguments arguments, Runtime& runtime)
{
    auto const& text = arguments[0].text();
    TRY(runtime.meter.spend_text(text.size()));
    auto const plain = plain_number(text);
    if (auto const number = plain ? parse_float(*plain) : std::nullopt)
        return Value::of(*number);
    return bad_value("'{}' is no finite number", excerpt(text));
}

Outcome<Value> list_of_range(Arguments arguments, Runtime& runtime)
{
    return range_as_list(arguments[0].range(), runtime.meter);
}

Outcome<Value> checked_range(Result<IntRange> range)
{
    if (!range)
        return bad_value("{}", range.error().message);
    return Value::of(std::move(*range));
}

Outcome<Value> range_of_text(Arguments arguments, Runtime& runtime)
{
    auto const& text = arguments[0].text();
    TRY(runtime.meter.spend(text.size() / 16 + 1));
    TRY(runtime.meter.reserve(text.size() * sizeof(IntRange::Interval)));
    return checked_range(IntRange::parse(text));
}

Outcome<Value> range_of_list(Arguments arguments, Runtime& runtime)
{
    auto const& list = arguments[0];
    TRY(runtime.meter.spend(list.size() * 4));
    TRY(runtime.meter.reserve(list.size() * 64));
    if (list.size() == 0)
        return bad_value("a range_expr holds at least one value; the list is empty");
    return checked_range(range_of(*list.numbers()));
}

Outcome<Value> fail_with(Arguments arguments, Runtime&)
{
    return bad_value("{}", arguments[0].text());
}

// Listed so that the message can say why instead of what else there is.
Outcome<Value> no_bool(Arguments arguments, Runtime&)
{
    return bad_type("{} is neither true nor false; compare it, or ask for its length",
        to_string(arguments[0].type()));
}

}

void add_conversions(Library& library)
{
    for (auto const type : { string_type, path_type, range_type, Type::any_list() })
        library.add("len", { type }, int_type, length);
    library.add("bool", { bool_type }, bool_type, identity);
    library.add("bool", { null_type }, bool_type, bool_of_null);
    library.add("bool", { int_type }, bool_type, bool_of_int);
    library.add("bool", { float_type }, bool_type, bool_of_float);
    library.add("bool", { string_type }, bool_type, bool_of_text);
    library.add("bool", { path_type | range_type | Type::any_list() }, Type(), no_bool);
    library.add("string", { scalars }, string_type, text_of);
    library.add("string", { Type::any_list() }, string_type, text_of);
    library.add("int", { int_type }, int_type, identity);
    library.add("int", { float_type }, int_type, int_of_float);
    library.add("int", { string_type }, int_type, int_of_text);
    library.add("float", { float_type }, float_type, identity);
    library.add("float", { int_type }, float_type, float_of_int);
    library.add("float", { string_type }, float_type, float_of_text);
    library.add("list", { range_type }, int_type.list(), list_of_range);
    library.add("range_expr", { string_type }, range_type, range_of_text);
    library.add("range_expr", { int_type.list() | empty_list_type }, range_type, range_of_list);
    library.add("fail", { string_type }, Type(), fail_with);
}

}
