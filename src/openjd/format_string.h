#pragma once

#include <openjd/expr/expression.h>

#include <cstddef>
#include <cstdint>
#include <set>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace sidereal::openjd {

// What may stand in {{ }}.
enum class Dialect : std::uint8_t {
    names, // a dotted name, in the base specification
    expressions, // anything that the extension EXPR knows
};

// What a list of texts takes for one of its items: null for none, or several in a list, each as the
// text that it is.
inline constexpr expr::Type items_of_text = expr::string_type.or_null()
    | (expr::string_type | expr::path_type | expr::int_type | expr::float_type | expr::bool_type
        | expr::range_type)
          .list();
// Of a value of that type.
std::vector<std::string> texts_of(expr::Value const& items);

// Text with {{ references }}, read once and resolved often. Faults count the bytes of the whole
// text.
class FormatString {
public:
    FormatString() = default;
    static expr::Outcome<FormatString> parse(
        std::string_view text, Dialect dialect = Dialect::names);
    static FormatString literal(std::string text);

    // If all of the text is one reference, its value, fitted to what the place takes: null leaves
    // an optional field out, a list among `args` becomes several. Otherwise a string, in which null
    // is nothing. Unresolved if a part of it is. What it uses is taken off the context's budget.
    expr::Outcome<expr::Value> resolve(
        expr::Context& context, expr::Type target = expr::string_type) const;

    // Everything that is wrong with it where only the types of some names are known.
    std::vector<expr::Fault> check(expr::Context& context, expr::Type target) const;

    bool is_literal() const { return references_.empty(); }
    // Nothing but one reference: what it stands for need not be text.
    bool is_one_reference() const;
    // Every name that is referred to, with what is behind its dots.
    std::set<std::string> names() const;
    std::size_t references() const { return references_.size(); }
    // Of what stands in its braces, where that is more than a name.
    std::size_t expression_bytes() const;
    // As it was written.
    std::string const& text() const { return text_; }

    bool operator==(FormatString const& other) const = default;

private:
    struct Reference {
        // Of the braces in the text.
        std::uint32_t begin { 0 };
        std::uint32_t end { 0 };
        std::variant<std::string, expr::Expression> content;

        bool operator==(Reference const&) const = default;
    };

    static expr::Outcome<Reference> parse_reference(
        std::string_view text, std::size_t open, Dialect dialect);
    static expr::Outcome<expr::Value> look_up(
        Reference const& reference, expr::Context& context, expr::Type const* target);

    std::string text_;
    std::vector<Reference> references_;
};

}
