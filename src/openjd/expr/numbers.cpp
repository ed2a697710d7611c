#include <openjd/expr/numbers.h>

#include <openjd/expr/unicode.h>
#include <openjd/text_rules.h>

#include <array>
#include <charconv>
#include <cmath>
#include <cstdlib>
#include <limits>

namespace sidereal::openjd::expr {

namespace {

constexpr std::int64_t int_min = std::numeric_limits<std::int64_t>::min();
constexpr double two_to_63 = 9223372036854775808.0;

tl::unexpected<Fault> overflow()
{
    return bad_value("the result is beyond 64 bits; an int is -2^63 to 2^63-1");
}

struct Division {
    std::int64_t quotient;
    std::int64_t remainder;
};

// b is not zero, and not -1 if a is the smallest int.
Division floor_divide(std::int64_t a, std::int64_t b)
{
    Division out { a / b, a % b };
    if (out.remainder != 0 && (out.remainder < 0) != (b < 0)) {
        --out.quotient;
        out.remainder += b;
    }
    return out;
}

Outcome<Value> int_power(std::int64_t base, std::int64_t exponent)
{
    if (exponent < 0) {
        if (base == 0)
            return bad_value("zero cannot be raised to a negative power");
        return finite(std::pow(static_cast<double>(base), static_cast<double>(exponent)));
    }
    std::int64_t result = 1;
    for (auto rest = exponent;;) {
        if ((rest & 1) != 0 && __builtin_mul_overflow(result, base, &result))
            return overflow();
        rest >>= 1;
        if (rest == 0)
            return Value::of(result);
        // Left over bits will use the square; 0, 1 and -1 square for ever.
        if (__builtin_mul_overflow(base, base, &base))
            return overflow();
    }
}

Outcome<Value> float_power(double base, double exponent)
{
    if (base == 0 && exponent < 0)
        return bad_value("zero cannot be raised to a negative power");
    if (base < 0 && exponent != std::floor(exponent))
        return bad_value("{} ** {} has no real result: a negative number takes whole powers only",
            float_text(base), float_text(exponent));
    return finite(std::pow(base, exponent));
}

// The remainder is exact and the quotient comes from it, so that a large quotient is not rounded
// first.
Outcome<Value> float_floor_divide(double a, double b, bool wants_remainder)
{
    auto remainder = std::fmod(a, b);
    auto quotient = (a - remainder) / b;
    if (remainder != 0 && (remainder < 0) != (b < 0)) {
        remainder += b;
        quotient -= 1;
    }
    if (wants_remainder)
        return finite(remainder);
    auto whole = std::floor(quotient);
    if (quotient - whole > 0.5)
        whole += 1;
    return to_int(whole);
}

double int_quotient(std::int64_t a, std::int64_t b)
{
    constexpr std::int64_t exact = std::int64_t { 1 } << 53;
    if (-exact <= a && a <= exact && -exact <= b && b <= exact)
        return static_cast<double>(a) / static_cast<double>(b);
    return static_cast<double>(static_cast<long double>(a) / static_cast<long double>(b));
}

int compare_mixed(std::int64_t a, double b)
{
    if (b >= two_to_63)
        return -1;
    if (b < -two_to_63)
        return 1;
    auto const floor = std::floor(b);
    auto const whole = static_cast<std::int64_t>(floor);
    if (a != whole)
        return a < whole ? -1 : 1;
    return b > floor ? -1 : 0;
}

// Half even at 10^power, where `more` says that the number lies a little above `number`.
Outcome<Value> round_at(std::int64_t number, std::int64_t power, bool more)
{
    if (power == 0)
        return Value::of(number);
    if (power > 19)
        return Value::of(std::int64_t { 0 });
    __extension__ using Wide = __int128;
    Wide unit = 1;
    for (std::int64_t i = 0; i < power; ++i)
        unit *= 10;
    Wide below = number / unit * unit;
    if (below > number)
        below -= unit;
    auto const twice = 2 * (number - below);
    auto const is_odd = (below / unit) % 2 != 0;
    if (twice > unit || (twice == unit && (more || is_odd)))
        below += unit;
    auto const result = static_cast<std::int64_t>(below);
    if (result != below)
        return overflow();
    return Value::of(result);
}

}

std::string float_text(double number)
{
    std::array<char, 40> buffer {};
    auto const end = std::to_chars(
        buffer.data(), buffer.data() + buffer.size(), number, std::chars_format::scientific);
    std::string_view const digits(buffer.data(), static_cast<std::size_t>(end.ptr - buffer.data()));
    auto const exponent = std::atoi(digits.substr(digits.find('e') + 1).data());
    if (exponent < -4 || exponent >= 16)
        return std::string(digits);
    auto const fixed = std::to_chars(
        buffer.data(), buffer.data() + buffer.size(), number, std::chars_format::fixed);
    std::string out(buffer.data(), fixed.ptr);
    if (out.find('.') == std::string::npos)
        out += ".0";
    return out;
}

std::optional<std::string> plain_number(std::string_view text)
{
    auto const trimmed = strip_blanks(text);
    std::string out;
    for (std::size_t at = 0; at < trimmed.size();) {
        auto const point = decode_utf8(trimmed, at);
        auto const digit = decimal_value(point);
        if (digit)
            out += static_cast<char>('0' + *digit);
        else if (point < 0x80 && point != '_')
            out += static_cast<char>(point);
        else
            return std::nullopt;
    }
    return out;
}

int compare_numbers(Value const& a, Value const& b)
{
    if (a.is(Kind::integer) && b.is(Kind::integer))
        return a.integer() < b.integer() ? -1 : a.integer() > b.integer() ? 1 : 0;
    if (a.is(Kind::integer))
        return compare_mixed(a.integer(), b.number());
    if (b.is(Kind::integer))
        return -compare_mixed(b.integer(), a.number());
    return a.number() < b.number() ? -1 : a.number() > b.number() ? 1 : 0;
}

Outcome<Value> finite(double number)
{
    if (std::isnan(number))
        return bad_value("the result is not a number");
    if (std::isinf(number))
        return bad_value("the result is too large for a float");
    return Value::of(number);
}

Outcome<Value> to_int(double whole)
{
    if (!(whole >= -two_to_63 && whole < two_to_63))
        return overflow();
    return Value::of(static_cast<std::int64_t>(whole));
}

Outcome<Value> calculate(Arithmetic operation, std::int64_t a, std::int64_t b)
{
    std::int64_t result = 0;
    switch (operation) {
    case Arithmetic::add:
        if (__builtin_add_overflow(a, b, &result))
            return overflow();
        return Value::of(result);
    case Arithmetic::subtract:
        if (__builtin_sub_overflow(a, b, &result))
            return overflow();
        return Value::of(result);
    case Arithmetic::multiply:
        if (__builtin_mul_overflow(a, b, &result))
            return overflow();
        return Value::of(result);
    case Arithmetic::power: return int_power(a, b);
    default: break;
    }
    if (b == 0) {
        return bad_value("{} by zero", operation == Arithmetic::modulo ? "modulo" : "division");
    }
    if (operation == Arithmetic::divide)
        return finite(int_quotient(a, b));
    if (b == -1) {
        if (operation == Arithmetic::modulo)
            return Value::of(std::int64_t { 0 });
        return negate(Value::of(a));
    }
    auto const division = floor_divide(a, b);
    return Value::of(operation == Arithmetic::modulo ? division.remainder : division.quotient);
}

Outcome<Value> calculate(Arithmetic operation, double a, double b)
{
    switch (operation) {
    case Arithmetic::add: return finite(a + b);
    case Arithmetic::subtract: return finite(a - b);
    case Arithmetic::multiply: return finite(a * b);
    case Arithmetic::power: return float_power(a, b);
    default: break;
    }
    if (b == 0)
        return bad_value("{} by zero", operation == Arithmetic::modulo ? "modulo" : "division");
    if (operation == Arithmetic::divide)
        return finite(a / b);
    return float_floor_divide(a, b, operation == Arithmetic::modulo);
}

Outcome<Value> negate(Value const& number)
{
    if (number.is(Kind::floating))
        return Value::of(-number.number());
    if (number.integer() == int_min)
        return overflow();
    return Value::of(-number.integer());
}

Outcome<Value> round_to_int(double number) { return to_int(std::nearbyint(number)); }

Outcome<Value> round_decimals(double number, std::int64_t digits)
{
    // 400 for what stands before the point and the sign.
    std::string text(static_cast<std::size_t>(digits) + 400, '\0');
    auto const end = std::to_chars(text.data(), text.data() + text.size(), number,
        std::chars_format::fixed, static_cast<int>(digits));
    text.resize(static_cast<std::size_t>(end.ptr - text.data()));
    double rounded = 0;
    std::from_chars(text.data(), text.data() + text.size(), rounded);
    if (!std::isfinite(rounded))
        return finite(rounded);
    if (rounded == 0 && text.starts_with('-'))
        text.erase(0, 1);
    return Value::of(rounded, text);
}

Outcome<Value> round_tens(std::int64_t number, std::int64_t power)
{
    return round_at(number, power, false);
}

Outcome<Value> round_tens(double number, std::int64_t power)
{
    if (power == 0)
        return round_to_int(number);
    auto const floor = std::floor(number);
    auto const whole = TRY(to_int(floor));
    return round_at(whole.integer(), power, number > floor);
}

}
