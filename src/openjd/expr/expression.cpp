#include <openjd/expr/expression.h>

#include <openjd/expr/evaluator.h>
#include <openjd/expr/lexer.h>
#include <openjd/expr/parser.h>
#include <openjd/text_rules.h>

#include <algorithm>

namespace sidereal::openjd::expr {

namespace {

constexpr std::size_t max_let_name = 512;

}

Outcome<Expression> Expression::parse(std::string_view text)
{
    return Expression(std::make_shared<Tree const>(TRY(parse_tree(text))));
}

Outcome<Value> Expression::evaluate(
    Context const& context, std::optional<Type> target, Usage* usage) const
{
    Evaluator evaluator(*tree_, context);
    auto value = evaluator.run(target);
    if (usage != nullptr)
        *usage = { evaluator.meter().operations(), evaluator.meter().peak_bytes(),
            evaluator.meter().work() };
    return value;
}

Outcome<Value> Expression::evaluate_within(Context& context, std::optional<Type> target) const
{
    Usage usage;
    auto value = evaluate(context, target, &usage);
    context.budget.operations -= std::min(usage.operations, context.budget.operations);
    context.budget.work -= std::min(usage.work, context.budget.work);
    return value;
}

std::string const& Expression::text() const { return tree_->text; }

std::set<std::string> Expression::names() const
{
    std::set<std::string> out;
    for (auto const& name : tree_->names)
        out.insert(name.text);
    return out;
}

std::set<std::string> Expression::functions() const
{
    std::set<std::string> out;
    for (auto const* function : tree_->functions)
        out.insert(function->name);
    return out;
}

std::set<std::string> Expression::loop_variables() const
{
    return { tree_->locals.begin(), tree_->locals.end() };
}

std::optional<std::string> Expression::sole_name() const
{
    auto const& root = tree_->nodes[tree_->root];
    if (root.kind != NodeKind::name)
        return std::nullopt;
    return tree_->names[root.index].text;
}

std::size_t find_expression_end(std::string_view text, std::size_t from)
{
    for (auto at = from; at < text.size();) {
        auto const rest = text.substr(at);
        if (rest.starts_with("}}"))
            return at;
        if (rest[0] == '#') {
            at = std::min(text.find('\n', at), text.find("}}", at));
            continue;
        }
        // A quote that nothing closes is the parser's to complain about.
        auto const size = rest[0] == '\'' || rest[0] == '"' ? string_literal_size(rest) : 0;
        at += size == 0 || size == std::string_view::npos ? 1 : size;
    }
    return std::string_view::npos;
}

Outcome<LetBinding> parse_let(std::string_view text)
{
    auto const equals = text.find('=');
    if (equals == std::string_view::npos)
        return fault(FaultKind::syntax, "'=' is missing; a binding is written name = expression");
    auto const name = trim(text.substr(0, equals));
    if (!is_user_identifier(name) || is_keyword(name) || name.size() > max_let_name)
        return fault(FaultKind::syntax,
            "'{}' is no name for a binding; it begins with a small letter or _ and goes on with "
            "letters, digits and _, {} characters at most",
            excerpt(name), max_let_name);
    auto value = Expression::parse(text.substr(equals + 1));
    if (!value) {
        auto fault = std::move(value).error();
        auto const shift = static_cast<std::uint32_t>(equals + 1);
        fault.begin += shift;
        fault.end += shift;
        fault.caret += shift;
        return tl::unexpected(std::move(fault));
    }
    return LetBinding { std::string(name), std::move(*value) };
}

}
