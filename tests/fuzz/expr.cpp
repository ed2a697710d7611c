#include <fuzz/fuzz.h>

#include <openjd/expr/expression.h>
#include <openjd/expr/quoting.h>

// An expression, or a let binding, of names with and without values. Budgets are small: what counts
// is that every way out is taken, not how long it takes to get there.
void sidereal::fuzz::take(std::string_view input)
{
    using namespace openjd::expr;
    auto const end = find_expression_end(input, 0);
    VERIFY(end == std::string_view::npos || input.substr(end).starts_with("}}"));
    (void)parse_let(input);
    auto const parsed = Expression::parse(input);
    if (!parsed) {
        VERIFY(!parsed.error().message.empty());
        VERIFY(!render(parsed.error(), input).empty());
        return;
    }
    Names names;
    names.values = {
        { "P.i", Value::of(std::int64_t { 7 }) },
        { "P.f", Value::of(0.5, "0.50") },
        { "P.s", Value::of("h\xC3\xA9llo 10") },
        { "P.p", Value::path("/a/b_01.x") },
        { "P.r", Value::of(*openjd::IntRange::parse("1-9:2")) },
        { "P.l", Value::integers({ 3, 1, 2 }) },
        { "T.i", Value::unresolved(int_type) },
        { "T.a", Value::unresolved(Type::any()) },
    };
    sidereal::openjd::PathRules const rules {
        { sidereal::openjd::PathFormat::windows, "C:\\a", "/b" },
    };
    for (auto const format : { HostFormat::posix, HostFormat::windows }) {
        Context context { .names = &names, .path_format = format, .host = Host::here };
        context.path_rules = &rules;
        context.budget = { 20'000, 4U << 20 };
        Usage usage;
        auto const value = parsed->evaluate(context, std::nullopt, &usage);
        VERIFY(usage.peak_bytes <= context.budget.bytes || !value);
        if (!value) {
            VERIFY(!render(value.error(), input).empty());
            continue;
        }
        // One that is known later has no text yet.
        if (value->kind() != Kind::unresolved) {
            VERIFY(quote_python(*value).size() <= text_bound(*value));
            VERIFY(quote_json(*value).size() <= text_bound(*value));
        }
        auto const again = parsed->evaluate(context, value->type());
        VERIFY(again.has_value() && *again == *value);
    }
}
