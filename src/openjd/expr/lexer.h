#pragma once

#include <openjd/expr/fault.h>

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace sidereal::openjd::expr {

enum class TokenKind : std::uint8_t {
    end,
    name, // keywords too: only the place tells
    integer,
    floating,
    string,
    symbol, // operators and brackets
};

struct Token {
    TokenKind kind { TokenKind::end };
    std::uint32_t begin { 0 };
    std::uint32_t end { 0 };
    // As written; of a number without the underscores.
    std::string_view text;
    // The index of a string's content.
    std::uint32_t content { 0 };
};

struct Tokens {
    std::vector<Token> list; // ends with TokenKind::end
    std::vector<std::string> contents;
};

Outcome<Tokens> read_tokens(std::string_view text);

// How many bytes the string literal at the front takes, quotes and prefix included; 0 if there is
// none, npos if it is not closed.
std::size_t string_literal_size(std::string_view text);

}
