#include <fuzz/fuzz.h>

#include <openjd/directive.h>

#include <cmath>

void sidereal::fuzz::take(std::string_view input)
{
    using Kind = openjd::Directive::Kind;
    auto const directive = openjd::parse_directive(input);
    if (!directive)
        return;
    if (directive->kind == Kind::progress)
        VERIFY(directive->percent >= 0 && directive->percent <= 100);
    if (directive->kind == Kind::set_env || directive->kind == Kind::unset_env)
        VERIFY(!directive->name.empty() && directive->name.find('=') == std::string::npos);
    if (directive->kind == Kind::malformed)
        VERIFY(!directive->text.empty());
}
