#pragma once

#include <openjd/expr/context.h>
#include <openjd/expr/fault.h>
#include <openjd/expr/value.h>

#include <memory>
#include <optional>
#include <set>
#include <string>
#include <string_view>

namespace sidereal::openjd::expr {

struct Tree;

// What an evaluation has used, by the measure of Budget.
struct Usage {
    std::uint64_t operations { 0 };
    std::uint64_t peak_bytes { 0 };
    std::uint64_t work { 0 };
};

// An expression of the EXPR extension, parsed once and evaluated as often as its names get other
// values. Checking it is evaluating it with names whose values are unresolved: the result is then
// an unresolved value of the expression's type. Copies share the parsed form; evaluation changes
// nothing, so that threads may share it too.
class Expression {
public:
    static Outcome<Expression> parse(std::string_view text);

    // `target` is what the place of the result takes; nothing, if it takes what comes.
    Outcome<Value> evaluate(Context const& context, std::optional<Type> target = std::nullopt,
        Usage* usage = nullptr) const;
    // The same for one of many expressions that share a budget: takes what it used off `context`.
    Outcome<Value> evaluate_within(
        Context& context, std::optional<Type> target = std::nullopt) const;

    std::string const& text() const;
    // Every name outside loops with what is behind its dots, such as Param.File.stem.
    std::set<std::string> names() const;
    // Functions and methods.
    std::set<std::string> functions() const;
    // Of all loops.
    std::set<std::string> loop_variables() const;
    // The name, if the expression is one and nothing else: {{Param.Frame}} without the extension.
    std::optional<std::string> sole_name() const;

    bool operator==(Expression const& other) const { return text() == other.text(); }

private:
    explicit Expression(std::shared_ptr<Tree const> tree)
        : tree_(std::move(tree))
    {
    }

    std::shared_ptr<Tree const> tree_;
};

// Where the expression that begins at `from`, behind "{{", has its "}}": not in a string or
// comment. npos if it has none.
std::size_t find_expression_end(std::string_view text, std::size_t from);

// name = expression
struct LetBinding {
    std::string name;
    Expression value;
};
Outcome<LetBinding> parse_let(std::string_view text);

}
