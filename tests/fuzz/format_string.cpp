#include <fuzz/fuzz.h>

#include <openjd/format_string.h>

void sidereal::fuzz::take(std::string_view input)
{
    auto const parsed = openjd::FormatString::parse(input);
    if (!parsed) {
        VERIFY(!parsed.error().message.empty());
        return;
    }
    auto const again = openjd::FormatString::parse(parsed->text());
    VERIFY(again && *again == *parsed);
    VERIFY(parsed->resolve_known({}) == *parsed);
    VERIFY(parsed->is_literal() == parsed->names().empty());
    openjd::Symbols symbols;
    for (auto const& name : parsed->names())
        symbols.emplace(name, "{{ value }}");
    auto const resolved = parsed->resolve(symbols);
    VERIFY(resolved);
    if (parsed->is_literal())
        VERIFY(*resolved == parsed->text());
    else
        VERIFY(!parsed->resolve({}));
}
