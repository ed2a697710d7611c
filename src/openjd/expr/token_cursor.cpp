#include <openjd/expr/token_cursor.h>

#include <openjd/text_rules.h>

#include <array>
#include <utility>

namespace sidereal::openjd::expr {

namespace {

// Why what Python has and this language has not cannot stand there.
std::string_view unsupported(Token const& token)
{
    static constexpr std::array<std::pair<std::string_view, std::string_view>, 17> table { {
        { "lambda", "functions cannot be defined in an expression" },
        { "await", "there is nothing to await in an expression" },
        { "yield", "an expression cannot yield" },
        { "async", "loops are not asynchronous" },
        { "is", "'is' is not supported; compare with == or !=" },
        { "{", "there are no dictionaries or sets; use a list" },
        { "}", "'}' without '{'" },
        { ":=", "names cannot be assigned in an expression; use let" },
        { "=", "names cannot be assigned and arguments have no names; == compares" },
        { "&", "bit operations are not supported; 'and' joins conditions" },
        { "|", "bit operations are not supported; 'or' joins conditions" },
        { "^", "bit operations are not supported; ** is the power" },
        { "~", "bit operations are not supported; 'not' negates a condition" },
        { "<<", "bit operations are not supported; multiply with 2 ** n" },
        { ">>", "bit operations are not supported; divide with // 2 ** n" },
        { "@", "there are no matrices" },
        { "for", "a loop stands in brackets: [x for x in list]" },
    } };
    if (token.kind != TokenKind::name && token.kind != TokenKind::symbol)
        return {};
    for (auto const& [text, why] : table) {
        if (token.text == text)
            return why;
    }
    return {};
}

}

tl::unexpected<Fault> TokenCursor::syntax_at(Token const& token, std::string message)
{
    return tl::unexpected<Fault>(Fault { std::move(message), FaultKind::syntax, true, token.begin,
        std::max(token.end, token.begin + 1), token.begin });
}

tl::unexpected<Fault> TokenCursor::syntax(std::string message) const
{
    return syntax_at(now(), std::move(message));
}

tl::unexpected<Fault> TokenCursor::unexpected(std::string_view wanted) const
{
    if (auto const why = unsupported(now()); !why.empty())
        return syntax(std::string(why));
    if (now().kind == TokenKind::end)
        return syntax(fmt::format("the expression ends where {} is expected", wanted));
    return syntax(fmt::format("'{}' where {} is expected", excerpt(now().text), wanted));
}

}
