#include <openjd/expr/coerce.h>

#include <openjd/expr/costs.h>
#include <openjd/expr/numbers.h>
#include <openjd/expr/pure_path.h>
#include <openjd/text_rules.h>

#include <array>
#include <cmath>

namespace sidereal::openjd::expr {

namespace {

// The types that a value of a type is tried as, in this order; a number stays a number before it
// becomes text, and what may fail comes before what cannot.
std::vector<Type> destinations(Type given)
{
    if (given == bool_type || given == path_type)
        return { string_type };
    if (given == int_type)
        return { float_type, string_type };
    if (given == float_type)
        return { int_type, string_type };
    if (given == string_type)
        return { int_type, float_type, bool_type, range_type, path_type };
    if (given == range_type)
        return { string_type, int_type.list() };
    return {};
}

// Nothing if the value has no such form.
std::optional<Value> from_text(std::string const& text, Type target, HostFormat format)
{
    if (target == int_type) {
        auto const number = parse_int(text);
        return number ? std::optional(Value::of(*number)) : std::nullopt;
    }
    if (target == float_type) {
        auto const number = parse_float(text);
        return number ? std::optional(Value::of(*number, trim(text))) : std::nullopt;
    }
    if (target == bool_type) {
        auto const truth = parse_truth(text);
        return truth ? std::optional(Value::of(*truth)) : std::nullopt;
    }
    if (target == range_type) {
        auto range = IntRange::parse(text);
        return range ? std::optional(Value::of(std::move(*range))) : std::nullopt;
    }
    return Value::path(normal_path(text, format));
}

std::optional<Value> convert_scalar(Value const& value, Type target, HostFormat format)
{
    if (value.is(Kind::string))
        return from_text(value.text(), target, format);
    if (target == string_type)
        return Value::of(value.to_text());
    if (target == float_type)
        return Value::of(value.as_double());
    auto const whole = to_int(value.number());
    if (!whole || static_cast<double>(whole->integer()) != value.number())
        return std::nullopt;
    return *whole;
}

class Coercion {
public:
    Coercion(HostFormat format, Meter& meter)
        : format_(format)
        , meter_(meter)
    {
    }

    // Nothing if it cannot be; a fault only if the budget is used up.
    Outcome<std::optional<Value>> run(Value const& value, Type target)
    {
        if (target.has(value.type()))
            return value;
        if (value.is(Kind::list))
            return run_list(value, target);
        for (auto const type : destinations(value.type())) {
            if (!target.has(type))
                continue;
            TRY(meter_.spend(1));
            if (type.is_list())
                return std::optional(TRY(range_as_list(value.range(), meter_)));
            if (auto found = convert_scalar(value, type, format_))
                return found;
        }
        return std::nullopt;
    }

    static Type run_type(Type given, Type target)
    {
        Type out;
        for (auto const type : given.members()) {
            if (target.has(type)) {
                out |= type;
                continue;
            }
            for (auto const other : destinations(type))
                out |= target & other;
            // It may turn out to be empty, and then any list will do.
            if (type.is_list())
                out |= target & Type::any_list();
        }
        return out;
    }

private:
    Outcome<std::optional<Value>> run_list(Value const& list, Type target)
    {
        auto const wanted = target.elements();
        if (list.size() == 0 && !wanted.is_noreturn())
            return Value::list(wanted.members().front(), {});
        if (list.size() == 0)
            return std::nullopt;
        if (list.element_type().is_list())
            return run_elements(list, wanted & Type::any_list(), wanted.members());
        return run_elements(list, wanted, destinations(list.element_type()));
    }

    Outcome<std::optional<Value>> run_elements(
        Value const& list, Type wanted, std::vector<Type> const& candidates)
    {
        for (auto const type : candidates) {
            if (!wanted.has(type))
                continue;
            TRY(meter_.spend(list.size()));
            TRY(meter_.reserve(list.size() * sizeof(Value)));
            std::vector<Value> out;
            for (std::size_t i = 0; i < list.size() && out.size() == i; ++i) {
                auto element = TRY(run(list.at(i), type));
                if (element)
                    out.push_back(std::move(*element));
            }
            if (out.size() == list.size())
                return Value::list(type, std::move(out));
        }
        return std::nullopt;
    }

    HostFormat format_;
    Meter& meter_;
};

}

Type argument_type(Type given, Type wanted)
{
    if (wanted.has(given))
        return given;
    if (given == int_type)
        return wanted & float_type;
    if (given == path_type)
        return wanted & string_type;
    if (given == range_type)
        return wanted.has(int_type.list()) ? int_type.list() : wanted & string_type;
    if (!given.is_list())
        return {};
    if (given == empty_list_type)
        return wanted.meets(Type::any_list()) ? given : Type();
    return argument_type(given.elements(), wanted.elements()).list();
}

Outcome<Value> cast(Value value, Type type, Meter& meter)
{
    auto const given = value.type();
    if (given == type)
        return value;
    if (type == float_type)
        return Value::of(value.as_double());
    if (type == string_type)
        return Value::of(value.to_text());
    if (given == range_type)
        return coerce(value, type, HostFormat::posix, meter);
    TRY(meter.spend(value.size()));
    TRY(meter.reserve(value.size() * sizeof(Value)));
    std::vector<Value> out;
    out.reserve(value.size());
    for (std::size_t i = 0; i < value.size(); ++i)
        out.push_back(TRY(cast(value.at(i), type.elements(), meter)));
    return Value::list(type.elements(), std::move(out));
}

Outcome<Value> coerce(Value const& value, Type target, HostFormat format, Meter& meter)
{
    if (value.is(Kind::unresolved)) {
        auto const given = value.type();
        auto const fitting = Coercion::run_type(given, target);
        if (fitting.is_noreturn() && !given.is_noreturn())
            return bad_type("{} where {} is expected", to_string(given), to_string(target));
        return Value::unresolved(fitting);
    }
    auto found = TRY(Coercion(format, meter).run(value, target));
    if (found)
        return std::move(*found);
    auto const is_short = value.kind() != Kind::list;
    return bad_type("{}{} where {} is expected", to_string(value.type()),
        is_short && !value.is_null() ? " '" + std::string(excerpt(value.to_text())) + "'" : "",
        to_string(target));
}

std::optional<bool> parse_truth(std::string_view text)
{
    static constexpr std::array<std::string_view, 4> yes { "1", "true", "on", "yes" };
    static constexpr std::array<std::string_view, 4> no { "0", "false", "off", "no" };
    auto const word = to_lower(text);
    for (std::size_t i = 0; i < yes.size(); ++i) {
        if (word == yes.at(i))
            return true;
        if (word == no.at(i))
            return false;
    }
    return std::nullopt;
}

}
