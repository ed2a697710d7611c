#include <openjd/expr/lexer.h>

#include <base/control_characters.h>
#include <openjd/expr/unicode.h>
#include <openjd/expr/unicode_names.h>
#include <openjd/text_rules.h>

#include <array>
#include <charconv>

namespace sidereal::openjd::expr {

namespace {

bool is_digit(char c) { return c >= '0' && c <= '9'; }
bool is_letter(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_'; }
bool is_blank(char c) { return c == ' ' || c == '\t' || c == '\n' || c == '\r' || c == '\f'; }

bool is_digit_of(char c, int base)
{
    if (base == 16)
        return is_digit(c) || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F');
    return c >= '0' && c < '0' + base;
}

struct Quotes {
    std::size_t prefix; // 0, or 1 for r
    std::size_t width; // 1 or 3
    char quote;
};

std::optional<Quotes> opening_quotes(std::string_view text)
{
    std::size_t const prefix = text.starts_with('r') || text.starts_with('R') ? 1 : 0;
    if (text.size() <= prefix || (text[prefix] != '\'' && text[prefix] != '"'))
        return std::nullopt;
    auto const rest = text.substr(prefix);
    auto const is_triple = rest.size() >= 3 && rest[1] == rest[0] && rest[2] == rest[0];
    return Quotes { prefix, is_triple ? 3U : 1U, rest[0] };
}

tl::unexpected<Fault> at_place(std::size_t begin, std::size_t end, std::string message)
{
    auto const from = static_cast<std::uint32_t>(begin);
    return tl::unexpected<Fault>(Fault {
        std::move(message), FaultKind::syntax, true, from, static_cast<std::uint32_t>(end), from });
}

class Lexer {
public:
    explicit Lexer(std::string_view text)
        : text_(text)
    {
    }

    Outcome<Tokens> read()
    {
        for (;;) {
            skip_blanks();
            if (at_ >= text_.size())
                break;
            TRY(read_one());
        }
        add(TokenKind::end, at_);
        return std::move(tokens_);
    }

private:
    void add(TokenKind kind, std::size_t end)
    {
        tokens_.list.push_back({ kind, static_cast<std::uint32_t>(at_),
            static_cast<std::uint32_t>(end), text_.substr(at_, end - at_), 0 });
        at_ = end;
    }

    void skip_blanks()
    {
        while (at_ < text_.size()) {
            if (text_[at_] == '#')
                at_ = std::min(text_.find('\n', at_), text_.size());
            else if (is_blank(text_[at_]))
                ++at_;
            else
                return;
        }
    }

    Outcome<void> read_one()
    {
        auto const c = text_[at_];
        if (opening_quotes(text_.substr(at_)))
            return read_string();
        if (is_letter(c))
            return read_name();
        if (is_digit(c) || (c == '.' && at_ + 1 < text_.size() && is_digit(text_[at_ + 1])))
            return read_number();
        return read_symbol();
    }

    Outcome<void> read_name()
    {
        auto end = at_;
        while (end < text_.size() && (is_letter(text_[end]) || is_digit(text_[end])))
            ++end;
        if (end < text_.size() && (text_[end] == '\'' || text_[end] == '"') && end - at_ <= 2) {
            auto const prefix = text_.substr(at_, end - at_);
            return at_place(at_, end,
                fmt::format("a string cannot begin with {}; only r for raw strings is known",
                    excerpt(prefix)));
        }
        add(TokenKind::name, end);
        return {};
    }

    Outcome<void> read_symbol()
    {
        static constexpr std::array<std::string_view, 30> known { "**", "//",
            "<=", ">=", "==", "!=", "<<", ">>", ":=", "->", "+", "-", "*", "/", "%", "(", ")", "[",
            "]", ",", ".", ":", "<", ">", "=", "{", "}", "&", "|", "^" };
        for (auto const symbol : known) {
            if (text_.substr(at_).starts_with(symbol)) {
                add(TokenKind::symbol, at_ + symbol.size());
                return {};
            }
        }
        if (text_[at_] == '~' || text_[at_] == '@') {
            add(TokenKind::symbol, at_ + 1);
            return {};
        }
        auto end = at_;
        decode_utf8(text_, end);
        return at_place(at_, end,
            fmt::format("'{}' has no meaning in an expression",
                has_control_characters(text_.substr(at_, end - at_), LineBreaks::refused)
                    ? "a control character"
                    : text_.substr(at_, end - at_)));
    }

    // --- numbers ---

    // Digits with single underscores between them; the place behind.
    std::size_t digits(std::size_t from, int base) const
    {
        auto end = from;
        while (end < text_.size()) {
            auto const joins = text_[end] == '_' && end > from && end + 1 < text_.size()
                && is_digit_of(text_[end + 1], base);
            if (!joins && !is_digit_of(text_[end], base))
                break;
            ++end;
        }
        return end;
    }

    Outcome<void> read_number()
    {
        auto const start = at_;
        auto const second = at_ + 1 < text_.size() ? text_[at_ + 1] | 0x20 : 0;
        if (text_[at_] == '0' && (second == 'x' || second == 'o' || second == 'b')) {
            auto const base = second == 'x' ? 16 : second == 'o' ? 8 : 2;
            auto from = at_ + 2;
            if (from < text_.size() && text_[from] == '_')
                ++from;
            auto const end = digits(from, base);
            if (end == from)
                return at_place(start, end,
                    fmt::format("'{}' is no number: digits of base {} must follow",
                        text_.substr(start, end - start), base));
            return finish_number(TokenKind::integer, end);
        }
        auto end = digits(at_, 10);
        auto const whole = text_.substr(at_, end - at_);
        auto kind = TokenKind::integer;
        if (end < text_.size() && text_[end] == '.') {
            kind = TokenKind::floating;
            end = digits(end + 1, 10);
        }
        if (end < text_.size() && (text_[end] | 0x20) == 'e') {
            auto from = end + 1;
            if (from < text_.size() && (text_[from] == '+' || text_[from] == '-'))
                ++from;
            auto const exponent_end = digits(from, 10);
            if (exponent_end > from) {
                kind = TokenKind::floating;
                end = exponent_end;
            }
        }
        if (kind == TokenKind::integer && whole.size() > 1 && whole[0] == '0'
            && whole.find_first_not_of("0_") != std::string_view::npos)
            return at_place(start, end,
                fmt::format("'{}' begins with a zero; an octal number is written 0o{}", whole,
                    whole.substr(whole.find_first_not_of("0_"))));
        return finish_number(kind, end);
    }

    Outcome<void> finish_number(TokenKind kind, std::size_t end)
    {
        if (end < text_.size() && (is_letter(text_[end]) || is_digit(text_[end])))
            return at_place(
                at_, end + 1, fmt::format("'{}' is no number", text_.substr(at_, end + 1 - at_)));
        add(kind, end);
        return {};
    }

    // --- strings ---

    Outcome<void> read_string()
    {
        auto const quotes = *opening_quotes(text_.substr(at_));
        auto const size = string_literal_size(text_.substr(at_));
        if (size == std::string_view::npos)
            return at_place(at_, at_ + quotes.prefix + quotes.width,
                fmt::format("this string is not closed; {} is missing",
                    std::string(quotes.width, quotes.quote)));
        auto const from = at_ + quotes.prefix + quotes.width;
        auto const end = at_ + size - quotes.width;
        std::string content;
        if (quotes.prefix == 1)
            content = text_.substr(from, end - from);
        else
            content = TRY(unescape(from, end));
        add(TokenKind::string, at_ + size);
        tokens_.list.back().content = static_cast<std::uint32_t>(tokens_.contents.size());
        tokens_.contents.push_back(std::move(content));
        return {};
    }

    Outcome<std::string> unescape(std::size_t from, std::size_t end)
    {
        std::string out;
        for (auto at = from; at < end;) {
            if (text_[at] != '\\') {
                out += text_[at++];
                continue;
            }
            at = TRY(escape(at, end, out));
        }
        return out;
    }

    // The place behind the escape sequence at `at`.
    Outcome<std::size_t> escape(std::size_t at, std::size_t end, std::string& out)
    {
        static constexpr std::string_view letters = "\\'\"abfnrtv";
        static constexpr std::string_view meanings = "\\'\"\a\b\f\n\r\t\v";
        auto const c = text_[at + 1];
        if (auto const found = letters.find(c); found != std::string_view::npos) {
            out += meanings[found];
            return at + 2;
        }
        switch (c) {
        case '\n': return at + 2;
        case 'x': return numeric(at, at + 4, end, out);
        case 'u': return numeric(at, at + 6, end, out);
        case 'U': return numeric(at, at + 10, end, out);
        case 'N': return named(at, end, out);
        default: break;
        }
        if (is_digit_of(c, 8))
            return octal(at, end, out);
        // As in Python, what is no escape sequence stands for itself.
        out += '\\';
        out += c;
        return at + 2;
    }

    Outcome<std::size_t> octal(std::size_t at, std::size_t end, std::string& out)
    {
        auto next = at + 1;
        char32_t point = 0;
        for (; next < end && next < at + 4 && is_digit_of(text_[next], 8); ++next)
            point = point * 8 + static_cast<char32_t>(text_[next] - '0');
        append_utf8(out, point);
        return next;
    }

    // \N{GREEK SMALL LETTER ALPHA}
    Outcome<std::size_t> named(std::size_t at, std::size_t end, std::string& out)
    {
        auto const close = text_.substr(0, end).find('}', at);
        if (at + 2 >= end || text_[at + 2] != '{' || close == std::string_view::npos)
            return at_place(at, at + 2, "'\\N' needs the name of a character: \\N{BULLET}");
        auto const name = text_.substr(at + 3, close - at - 3);
        auto const point = character_named(name);
        if (!point)
            return at_place(
                at, close + 1, fmt::format("no character is named '{}'", excerpt(name)));
        append_utf8(out, *point);
        return close + 1;
    }

    Outcome<std::size_t> numeric(
        std::size_t at, std::size_t next, std::size_t end, std::string& out)
    {
        auto const shown = text_.substr(at, std::min(next, end) - at);
        auto const* const first = text_.data() + at + 2;
        auto const* const last = text_.data() + std::min(next, end);
        std::uint32_t point = 0;
        auto const read = std::from_chars(first, last, point, 16);
        if (next > end || read.ptr != last)
            return at_place(at, at + shown.size(),
                fmt::format("'{}' needs {} hexadecimal digits", shown, next - at - 2));
        if (point > 0x10FFFF || (point >= 0xD800 && point <= 0xDFFF))
            return at_place(
                at, at + shown.size(), fmt::format("'{}' is no Unicode character", shown));
        append_utf8(out, point);
        return next;
    }

    std::string_view text_;
    std::size_t at_ { 0 };
    Tokens tokens_;
};

}

std::size_t string_literal_size(std::string_view text)
{
    auto const quotes = opening_quotes(text);
    if (!quotes)
        return 0;
    std::string const closing(quotes->width, quotes->quote);
    for (auto at = quotes->prefix + quotes->width; at < text.size();) {
        if (text.substr(at).starts_with(closing))
            return at + quotes->width;
        if (text[at] == '\n' && quotes->width == 1)
            return std::string_view::npos;
        // In raw strings too a backslash keeps the quote behind it from closing.
        at += text[at] == '\\' ? 2U : 1U;
    }
    return std::string_view::npos;
}

Outcome<Tokens> read_tokens(std::string_view text) { return Lexer(text).read(); }

}
