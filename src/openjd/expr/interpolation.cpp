#include <openjd/expr/interpolation.h>

#include <openjd/expr/coerce.h>
#include <openjd/text_rules.h>

#include <algorithm>

namespace sidereal::openjd::expr {

namespace {

constexpr std::size_t max_parts = 1000;
constexpr std::size_t max_text_bytes = 1U << 20;

tl::unexpected<Fault> brace_fault(std::size_t at, std::string message)
{
    auto const place = static_cast<std::uint32_t>(at);
    return tl::unexpected<Fault>(
        Fault { std::move(message), FaultKind::syntax, true, place, place + 2, place });
}

tl::unexpected<Fault> shifted(Fault fault, std::uint32_t by)
{
    fault.begin += by;
    fault.end += by;
    fault.caret += by;
    return tl::unexpected(std::move(fault));
}

}

Outcome<Interpolation> Interpolation::parse(std::string_view text)
{
    if (text.size() > max_text_bytes)
        return fault(FaultKind::syntax, "the text has more than {} bytes", max_text_bytes);
    Interpolation out;
    out.text_ = text;
    for (std::size_t at = 0; at < text.size();) {
        if (out.parts_.size() + 2 > max_parts)
            return fault(FaultKind::syntax, "more than {} expressions in one text", max_parts / 2);
        auto const open = text.find("{{", at);
        auto const plain = text.substr(at, std::min(open, text.size()) - at);
        if (auto const stray = plain.find("}}"); stray != std::string_view::npos)
            return brace_fault(at + stray, "'}}' without '{{'");
        if (!plain.empty())
            out.parts_.push_back({ static_cast<std::uint32_t>(at), std::string(plain) });
        if (open == std::string_view::npos)
            break;
        auto const begin = open + 2;
        auto const close = find_expression_end(text, begin);
        if (close == std::string_view::npos)
            return brace_fault(open, "'{{' without '}}'");
        auto const start = static_cast<std::uint32_t>(begin);
        auto expression = Expression::parse(text.substr(begin, close - begin));
        if (!expression)
            return shifted(std::move(expression).error(), start);
        out.parts_.push_back({ start, std::move(*expression) });
        at = close + 2;
    }
    return out;
}

Outcome<Value> Interpolation::resolve(Context const& context, Type target) const
{
    std::string text;
    bool is_known = true;
    for (auto const& part : parts_) {
        auto const* expression = std::get_if<Expression>(&part.content);
        if (expression == nullptr) {
            text += std::get<std::string>(part.content);
            continue;
        }
        auto const wanted = is_one_expression() ? std::optional(target) : std::nullopt;
        auto value = expression->evaluate(context, wanted);
        if (!value)
            return shifted(std::move(value).error(), part.at);
        if (is_one_expression())
            return value;
        is_known = is_known && !value->is(Kind::unresolved);
        if (is_known && !value->is_null())
            text += value->to_text();
        if (text.size() > context.budget.bytes)
            return fault(FaultKind::budget, "the text grows beyond {} bytes", context.budget.bytes);
    }
    Meter meter(context.budget);
    auto const value = is_known ? Value::of(std::move(text)) : Value::unresolved(string_type);
    return coerce(value, target, context.path_format, meter);
}

bool Interpolation::is_literal() const
{
    return std::all_of(parts_.begin(), parts_.end(),
        [](Part const& part) { return std::holds_alternative<std::string>(part.content); });
}

bool Interpolation::is_one_expression() const { return parts_.size() == 1 && !is_literal(); }

std::set<std::string> Interpolation::names() const
{
    std::set<std::string> out;
    for (auto const& part : parts_) {
        if (auto const* expression = std::get_if<Expression>(&part.content))
            out.merge(expression->names());
    }
    return out;
}

std::set<std::string> Interpolation::loop_variables() const
{
    std::set<std::string> out;
    for (auto const& part : parts_) {
        if (auto const* expression = std::get_if<Expression>(&part.content))
            out.merge(expression->loop_variables());
    }
    return out;
}

}
