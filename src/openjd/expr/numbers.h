#pragma once

#include <openjd/expr/fault.h>
#include <openjd/expr/value.h>

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

// Arithmetic as Python has it, in 64 bits and without infinities.
namespace sidereal::openjd::expr {

// The shortest decimal that reads back as the same number, in Python's form: 1.0, 1e-05, 1e+16.
std::string float_text(double number);
// Decimal digits only, ASCII or other, a sign, blanks around; nothing for anything else.
std::optional<std::string> plain_number(std::string_view text);

// Of int or float, in any mix, without rounding either.
int compare_numbers(Value const& a, Value const& b);

enum class Arithmetic : std::uint8_t {
    add,
    subtract,
    multiply,
    divide,
    floor_divide,
    modulo,
    power,
};
Outcome<Value> calculate(Arithmetic operation, std::int64_t a, std::int64_t b);
Outcome<Value> calculate(Arithmetic operation, double a, double b);
Outcome<Value> negate(Value const& number);

// Infinities and numbers that are none become a fault.
Outcome<Value> finite(double number);
// The int that a float stands for after floor, ceil or round.
Outcome<Value> to_int(double whole);

// Ties to even, exactly: what counts is the number itself, not the decimals it is shown with.
Outcome<Value> round_to_int(double number);
// digits > 0; the result is spelled with all of them.
Outcome<Value> round_decimals(double number, std::int64_t digits);
// To tens, hundreds, ...: 10^power, power >= 0.
Outcome<Value> round_tens(std::int64_t number, std::int64_t power);
Outcome<Value> round_tens(double number, std::int64_t power);

}
