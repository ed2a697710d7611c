#pragma once

#include <openjd/expr/expression.h>

#include <set>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace sidereal::openjd::expr {

// A format string of a template that uses the EXPR extension: text with {{ expressions }} in it.
// Faults count the bytes of the whole string.
class Interpolation {
public:
    static Outcome<Interpolation> parse(std::string_view text);

    // If all of the string is one expression, its value, fitted to what the place takes: null
    // leaves an optional field out, a list among `args` becomes several. Otherwise a string, in
    // which null is nothing. Unresolved if a part of it is.
    Outcome<Value> resolve(Context const& context, Type target) const;

    bool is_literal() const;
    // Nothing but one expression: the place's type is the expression's to fill.
    bool is_one_expression() const;
    // Every name that is referred to, with what is behind its dots.
    std::set<std::string> names() const;
    std::set<std::string> loop_variables() const;
    std::string const& text() const { return text_; }

    bool operator==(Interpolation const& other) const { return text_ == other.text_; }

private:
    struct Part {
        // Where it begins in the text; of an expression, behind its braces.
        std::uint32_t at { 0 };
        std::variant<std::string, Expression> content;
    };

    std::string text_;
    std::vector<Part> parts_;
};

}
