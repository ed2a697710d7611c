#include <fuzz/fuzz.h>

#include <openjd/format_string.h>

// Text with names, then with expressions. What the base specification takes means the same in both.
void sidereal::fuzz::take(std::string_view input)
{
    using namespace openjd;
    for (auto const dialect : { Dialect::names, Dialect::expressions }) {
        auto const parsed = FormatString::parse(input, dialect);
        if (!parsed) {
            VERIFY(!expr::render(parsed.error(), input).empty());
            continue;
        }
        VERIFY(parsed->text() == input);
        expr::Names names;
        for (auto const& name : parsed->names())
            names.values.emplace(name, expr::Value::of("{{ value }}"));
        expr::Context context { .names = &names };
        context.budget = { 20'000, 4U << 20 };
        auto const resolved = parsed->resolve(context);
        if (parsed->is_literal())
            VERIFY(resolved && resolved->text() == input);
        else if (dialect == Dialect::names)
            VERIFY(resolved);
        expr::Context nothing;
        if (dialect == Dialect::names && !parsed->is_literal())
            VERIFY(!parsed->resolve(nothing));
    }
}
