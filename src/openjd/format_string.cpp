#include <openjd/format_string.h>

#include <openjd/expr/coerce.h>
#include <openjd/text_rules.h>

#include <algorithm>
#include <utility>

namespace sidereal::openjd {

namespace {

using expr::Fault;
using expr::FaultKind;
using expr::Outcome;
using expr::Value;

constexpr std::size_t max_references = 500;
constexpr std::size_t max_text_bytes = 1U << 20;
constexpr std::size_t max_expression_bytes = 256U << 10;

bool is_dotted_name(std::string_view text)
{
    for (;;) {
        auto const dot = text.find('.');
        if (!is_identifier(text.substr(0, dot)))
            return false;
        if (dot == std::string_view::npos)
            return true;
        text.remove_prefix(dot + 1);
    }
}

tl::unexpected<Fault> fault_at(
    std::size_t begin, std::size_t end, std::string message, FaultKind kind = FaultKind::syntax)
{
    auto const from = static_cast<std::uint32_t>(begin);
    return tl::unexpected<Fault>(
        Fault { std::move(message), kind, true, from, static_cast<std::uint32_t>(end), from });
}

tl::unexpected<Fault> shifted(Fault fault, std::uint32_t by)
{
    fault.begin += by;
    fault.end += by;
    fault.caret += by;
    return tl::unexpected(std::move(fault));
}

}

std::vector<std::string> texts_of(Value const& items)
{
    std::vector<std::string> out;
    if (items.is(expr::Kind::string))
        out.push_back(items.text());
    for (std::size_t i = 0; items.is(expr::Kind::list) && i < items.size(); ++i)
        out.push_back(items.at(i).to_text());
    return out;
}

Outcome<FormatString::Reference> FormatString::parse_reference(
    std::string_view text, std::size_t open, Dialect dialect)
{
    auto const begin = open + 2;
    auto const close = dialect == Dialect::names ? text.find("}}", begin)
                                                 : expr::find_expression_end(text, begin);
    if (close == std::string_view::npos)
        return fault_at(open, begin, "'{{' without '}}'");
    auto const inner = text.substr(begin, close - begin);
    Reference out { static_cast<std::uint32_t>(open), static_cast<std::uint32_t>(close + 2), {} };
    if (dialect == Dialect::expressions) {
        auto parsed = expr::Expression::parse(inner);
        if (!parsed)
            return shifted(std::move(parsed).error(), static_cast<std::uint32_t>(begin));
        out.content = std::move(*parsed);
        return out;
    }
    auto const name = trim(inner);
    if (!is_dotted_name(name))
        return fault_at(open, close + 2,
            fmt::format("'{}' is no name such as Param.Frame; only a name may stand in {{{{ }}}} "
                        "without the extension EXPR",
                excerpt(name)));
    out.content = std::string(name);
    return out;
}

Outcome<FormatString> FormatString::parse(std::string_view text, Dialect dialect)
{
    FormatString out;
    std::size_t expression_bytes = 0;
    for (std::size_t at = 0; at < text.size();) {
        auto const open = text.find("{{", at);
        auto const plain = text.substr(at, std::min(open, text.size()) - at);
        if (auto const stray = plain.find("}}"); stray != std::string_view::npos)
            return fault_at(at + stray, at + stray + 2, "'}}' without '{{'");
        if (open == std::string_view::npos)
            break;
        if (text.size() > max_text_bytes)
            return expr::fault(
                FaultKind::syntax, "a text with references has at most {} bytes", max_text_bytes);
        if (out.references_.size() == max_references)
            return expr::fault(
                FaultKind::syntax, "more than {} references in one string", max_references);
        out.references_.push_back(TRY(parse_reference(text, open, dialect)));
        auto const& last = out.references_.back();
        at = last.end;
        expression_bytes += last.end - last.begin;
        if (expression_bytes > max_expression_bytes)
            return expr::fault(FaultKind::syntax,
                "the expressions in one string have more than {} bytes", max_expression_bytes);
    }
    out.text_ = text;
    return out;
}

FormatString FormatString::literal(std::string text)
{
    FormatString out;
    out.text_ = std::move(text);
    return out;
}

Outcome<Value> FormatString::look_up(
    Reference const& reference, expr::Context& context, expr::Type const* target)
{
    auto const begin = reference.begin + 2;
    if (auto const* expression = std::get_if<expr::Expression>(&reference.content)) {
        auto value = expression->evaluate_within(
            context, target ? std::optional(*target) : std::nullopt);
        return value ? std::move(value) : shifted(std::move(value).error(), begin);
    }
    auto const& name = std::get<std::string>(reference.content);
    auto const* value = context.names ? context.names->find(name) : nullptr;
    if (!value)
        return fault_at(reference.begin, reference.end,
            fmt::format("'{}' has no value here", excerpt(name)), FaultKind::name);
    if (!target)
        return *value;
    expr::Meter meter(context.budget);
    auto fitted = expr::coerce(*value, *target, context.path_format, meter);
    if (fitted)
        return fitted;
    return fault_at(
        reference.begin, reference.end, std::move(fitted.error().message), fitted.error().kind);
}

Outcome<Value> FormatString::resolve(expr::Context& context, expr::Type target) const
{
    if (is_one_reference())
        return look_up(references_.front(), context, &target);
    std::string text;
    bool is_known = true;
    std::size_t at = 0;
    for (auto const& reference : references_) {
        text.append(text_, at, reference.begin - at);
        at = reference.end;
        auto const value = TRY(look_up(reference, context, nullptr));
        is_known = is_known && !value.is(expr::Kind::unresolved);
        if (is_known && !value.is_null())
            text += value.to_text();
        if (text.size() > context.budget.bytes)
            return expr::fault(
                FaultKind::budget, "the text grows beyond {} bytes", context.budget.bytes);
    }
    text.append(text_, at);
    expr::Meter meter(context.budget);
    auto const value = is_known ? Value::of(std::move(text)) : Value::unresolved(expr::string_type);
    return expr::coerce(value, target, context.path_format, meter);
}

std::vector<Fault> FormatString::check(expr::Context& context, expr::Type target) const
{
    std::vector<Fault> out;
    for (auto const& reference : references_) {
        auto value = look_up(reference, context, is_one_reference() ? &target : nullptr);
        if (!value)
            out.push_back(std::move(value).error());
    }
    if (!out.empty() || is_one_reference())
        return out;
    expr::Meter meter(context.budget);
    auto const text = Value::unresolved(expr::string_type);
    if (auto fitted = expr::coerce(text, target, context.path_format, meter); !fitted)
        out.push_back(std::move(fitted).error());
    return out;
}

bool FormatString::is_one_reference() const
{
    return references_.size() == 1 && references_[0].begin == 0
        && references_[0].end == text_.size();
}

std::size_t FormatString::expression_bytes() const
{
    std::size_t out = 0;
    for (auto const& reference : references_) {
        if (auto const* expression = std::get_if<expr::Expression>(&reference.content))
            out += expression->text().size();
    }
    return out;
}

std::set<std::string> FormatString::names() const
{
    std::set<std::string> out;
    for (auto const& reference : references_) {
        if (auto const* expression = std::get_if<expr::Expression>(&reference.content))
            out.merge(expression->names());
        else
            out.insert(std::get<std::string>(reference.content));
    }
    return out;
}

}
