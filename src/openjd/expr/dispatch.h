#pragma once

#include <openjd/expr/context.h>
#include <openjd/expr/fault.h>
#include <openjd/expr/meter.h>
#include <openjd/expr/regex.h>
#include <openjd/expr/type.h>
#include <openjd/expr/value.h>

#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace sidereal::openjd::expr {

// What a function may use while it runs.
struct Runtime {
    Context const& context;
    Meter& meter;
    Regexes& regexes;
};

using Arguments = std::span<Value const>;
using Implementation = Outcome<Value> (*)(Arguments arguments, Runtime& runtime);

// What an overload gives where its signature does not say it outright.
enum class Gives : std::uint8_t {
    its_type,
    first, // the type of the first argument
    element, // what the list given first holds
    flat, // a list of lists without its inner brackets
    joined, // the common type of the first two
};

struct Overload {
    std::vector<Type> parameters;
    Gives gives { Gives::its_type };
    Type type;
    Implementation run;

    // Of arguments that fit the parameters; noreturn if they do not go together.
    Type result(std::span<Type const> arguments) const;
};

struct Function {
    // Operators have functions too, named as they are written.
    std::string name;
    std::vector<Overload> overloads;
    // Known only where the task runs.
    bool host_only { false };
};

// Null if there is none.
Function const* find_function(std::string_view name);
// Of p.name and the like.
Function const* find_property(std::string_view name);
std::string unknown_function(std::string_view name, bool is_method);

enum class Receiver : std::uint8_t {
    any_argument,
    // Of a method: its type is not changed to fit.
    first_argument,
};

// Picks the overload that fits the arguments as they are, or else the first one that they can be
// made to fit, and runs it. With an unresolved argument only the type of the result is found.
Outcome<Value> apply(
    Function const& function, std::span<Value> arguments, Receiver receiver, Runtime& runtime);

}
