#pragma once

#include <openjd/expr/lexer.h>

#include <algorithm>
#include <string>
#include <string_view>

namespace sidereal::openjd::expr {

// The tokens of an expression and how far the parser has come.
class TokenCursor {
public:
    explicit TokenCursor(Tokens tokens)
        : tokens_(std::move(tokens))
    {
    }

protected:
    Token const& now() const { return tokens_.list[at_]; }
    Token const& ahead(std::size_t count) const
    {
        return tokens_.list[std::min(at_ + count, tokens_.list.size() - 1)];
    }
    static bool is_symbol(Token const& token, std::string_view text)
    {
        return token.kind == TokenKind::symbol && token.text == text;
    }
    static bool is_word(Token const& token, std::string_view text)
    {
        return token.kind == TokenKind::name && token.text == text;
    }
    bool accept_symbol(std::string_view text)
    {
        auto const found = is_symbol(now(), text);
        at_ += found ? 1 : 0;
        return found;
    }
    bool accept_word(std::string_view text)
    {
        auto const found = is_word(now(), text);
        at_ += found ? 1 : 0;
        return found;
    }

    static tl::unexpected<Fault> syntax_at(Token const& token, std::string message);
    tl::unexpected<Fault> syntax(std::string message) const;
    // Says what is missing, or why what stands there cannot.
    tl::unexpected<Fault> unexpected(std::string_view wanted) const;

    Tokens tokens_;
    std::size_t at_ { 0 };
};

}
