#include <openjd/expr/dispatch.h>

#include <openjd/expr/coerce.h>
#include <openjd/expr/library.h>
#include <openjd/text_rules.h>

#include <algorithm>
#include <array>

namespace sidereal::openjd::expr {

namespace {

constexpr std::size_t max_arguments = 4;

// The types that the arguments become for an overload; nothing if they do not fit it.
struct Fit {
    std::array<Type, max_arguments> types;
    Type result;
};

enum class Strictness : std::uint8_t {
    exact,
    coerced,
};

std::optional<Fit> fit(
    Overload const& overload, std::span<Type const> given, Receiver receiver, Strictness strictness)
{
    if (overload.parameters.size() != given.size())
        return std::nullopt;
    Fit out;
    for (std::size_t i = 0; i < given.size(); ++i) {
        auto const wanted = overload.parameters[i];
        auto const as_it_is = strictness == Strictness::exact
            || (i == 0 && receiver == Receiver::first_argument);
        out.types.at(i) = as_it_is ? given[i] & wanted : argument_type(given[i], wanted);
        if (out.types.at(i).is_noreturn())
            return std::nullopt;
    }
    out.result = overload.result(std::span(out.types).first(given.size()));
    // Only a function that never returns gives nothing; else the types do not go together.
    if (out.result.is_noreturn() && overload.gives != Gives::its_type)
        return std::nullopt;
    return out;
}

struct Choice {
    Overload const* overload { nullptr };
    Fit fit;
};

Choice choose(Function const& function, std::span<Type const> given, Receiver receiver)
{
    for (auto const strictness : { Strictness::exact, Strictness::coerced }) {
        for (auto const& overload : function.overloads) {
            if (auto const found = fit(overload, given, receiver, strictness))
                return { &overload, *found };
        }
    }
    return {};
}

bool is_operator(Function const& function)
{
    return !is_identifier(function.name) || function.name == "not";
}

std::string type_list(std::span<Type const> types)
{
    std::string out;
    for (auto const type : types)
        out += (out.empty() ? "" : ", ") + to_string(type);
    return out;
}

bool takes(Function const& function, std::size_t count)
{
    return std::any_of(function.overloads.begin(), function.overloads.end(),
        [count](auto const& overload) { return overload.parameters.size() == count; });
}

std::string signatures(Function const& function)
{
    std::string out;
    for (auto const& overload : function.overloads)
        out += (out.empty() ? "" : " or ") + ("(" + type_list(overload.parameters) + ")");
    return out;
}

tl::unexpected<Fault> no_overload(
    Function const& function, std::span<Type const> given, Receiver receiver)
{
    if (is_operator(function)) {
        if (given.size() == 1)
            return bad_type("'{}' cannot be used with {}", function.name, to_string(given[0]));
        return bad_type("'{}' cannot be used with {} and {}", function.name, to_string(given[0]),
            to_string(given[1]));
    }
    if (receiver == Receiver::first_argument
        && choose(function, given, Receiver::any_argument).overload)
        return bad_type("{} has no method {}(); write {}(value, ...) to have it converted",
            to_string(given[0]), function.name, function.name);
    return bad_type("{}() does not take ({}); it takes {}", function.name, type_list(given),
        signatures(function));
}

// Every combination of what unresolved arguments may turn out to be; one that fits is enough.
class Inference {
public:
    Inference(Function const& function, Receiver receiver, std::span<Value const> arguments)
        : function_(function)
        , receiver_(receiver)
        , arguments_(arguments)
    {
    }

    Outcome<Value> run(Meter& meter)
    {
        for (auto const& argument : arguments_) {
            if (argument.type().is_noreturn())
                return Value::unresolved({});
        }
        TRY(try_from(0, meter));
        if (!fits_) {
            for (std::size_t i = 0; i < arguments_.size(); ++i)
                types_.at(i) = arguments_[i].type();
            return no_overload(function_, std::span(types_).first(arguments_.size()), receiver_);
        }
        return Value::unresolved(result_);
    }

private:
    Outcome<void> try_from(std::size_t index, Meter& meter)
    {
        if (index == arguments_.size()) {
            TRY(meter.spend(1));
            auto const given = std::span(types_).first(index);
            auto const choice = choose(function_, given, receiver_);
            if (choice.overload != nullptr) {
                fits_ = true;
                result_ |= choice.fit.result;
            }
            return {};
        }
        for (auto const type : arguments_[index].type().members()) {
            types_.at(index) = type;
            TRY(try_from(index + 1, meter));
        }
        return {};
    }

    Function const& function_;
    Receiver receiver_;
    std::span<Value const> arguments_;
    std::array<Type, max_arguments> types_;
    bool fits_ { false };
    Type result_;
};

}

Type Overload::result(std::span<Type const> arguments) const
{
    switch (gives) {
    case Gives::its_type: return type;
    case Gives::first: return arguments[0];
    case Gives::element: return arguments[0].elements();
    case Gives::flat:
        return arguments[0].elements().is_list() ? arguments[0].elements() : arguments[0];
    case Gives::joined: return common_type(arguments[0], arguments[1]);
    }
    return {};
}

Function const* find_function(std::string_view name) { return library().find(name); }

Function const* find_property(std::string_view name)
{
    return library().find("." + std::string(name));
}

std::string unknown_function(std::string_view name, bool is_method)
{
    if (is_method && find_property(name) != nullptr)
        return fmt::format("'{}' is a property: write .{} without brackets", name, name);
    return fmt::format("there is no function '{}'{}", excerpt(name),
        did_you_mean(name, library().callable_names()));
}

Outcome<Value> apply(
    Function const& function, std::span<Value> arguments, Receiver receiver, Runtime& runtime)
{
    TRY(runtime.meter.spend(1));
    if (!takes(function, arguments.size()))
        return bad_type("{}() does not take {} argument{}; it takes {}", function.name,
            arguments.size(), arguments.size() == 1 ? "" : "s", signatures(function));
    std::array<Type, max_arguments> types;
    auto const given = std::span(types).first(arguments.size());
    for (std::size_t i = 0; i < given.size(); ++i) {
        if (arguments[i].is(Kind::unresolved))
            return Inference(function, receiver, arguments).run(runtime.meter);
        given[i] = arguments[i].type();
    }
    auto const choice = choose(function, given, receiver);
    if (choice.overload == nullptr)
        return no_overload(function, given, receiver);
    for (std::size_t i = 0; i < given.size(); ++i) {
        if (given[i] != choice.fit.types.at(i))
            arguments[i] = TRY(
                cast(std::move(arguments[i]), choice.fit.types.at(i), runtime.meter));
    }
    return choice.overload->run(arguments, runtime);
}

}
