#include <openjd/expr/regex_dialect.h>

#include <openjd/expr/unicode.h>
#include <openjd/text_rules.h>

#include <array>
#include <charconv>

namespace sidereal::openjd::expr {

namespace {

// What \d, \s and \w stand for within brackets, in Python's reading.
constexpr std::string_view digit_class = "\\p{Nd}";
constexpr std::string_view blank_class = "\\t-\\r\\x1c-\\x20\\x{85}\\p{Z}";
constexpr std::string_view word_class = "\\p{L}\\p{N}_";
constexpr std::string_view no_digit_class = "\\P{Nd}";
// RE2 has no complement within brackets, so these are spelled out.
constexpr std::string_view no_blank_class
    = "\\x00-\\x08\\x0e-\\x1b\\x21-\\x{84}\\x{86}-\\x{9f}\\x{a1}-\\x{167f}\\x{1681}-\\x{1fff}"
      "\\x{200b}-\\x{2027}\\x{202a}-\\x{202e}\\x{2030}-\\x{205e}\\x{2060}-\\x{2fff}"
      "\\x{3001}-\\x{10ffff}";
constexpr std::string_view no_word_class
    = "\\p{M}\\p{S}\\p{Z}\\p{C}\\p{Pd}\\p{Ps}\\p{Pe}\\p{Pi}\\p{Pf}\\p{Po}\\x{203f}\\x{2040}"
      "\\x{2054}\\x{fe33}\\x{fe34}\\x{fe4d}-\\x{fe4f}\\x{ff3f}";

bool is_digit(char c) { return c >= '0' && c <= '9'; }

class Translator {
public:
    explicit Translator(std::string_view pattern)
        : pattern_(pattern)
    {
    }

    Outcome<std::string> run()
    {
        if (pattern_.empty())
            return bad_value("the pattern is empty");
        while (at_ < pattern_.size())
            TRY(one());
        return std::move(out_);
    }

private:
    char now() const { return at_ < pattern_.size() ? pattern_[at_] : '\0'; }
    bool is_next(std::string_view text) const { return pattern_.substr(at_).starts_with(text); }

    tl::unexpected<Fault> unsupported(std::string_view what) const
    {
        return bad_value("pattern '{}': {} at character {}", excerpt(pattern_), what,
            count_code_points(pattern_.substr(0, at_)) + 1);
    }

    Outcome<void> one()
    {
        switch (now()) {
        case '\\': return escape(false);
        case '[': return char_class();
        case '(': return group();
        case '{': return repetition();
        case '}':
        case ']': out_ += '\\'; break;
        default: break;
        }
        out_ += pattern_[at_++];
        return {};
    }

    Outcome<void> escape(bool is_in_class)
    {
        auto const c = at_ + 1 < pattern_.size() ? pattern_[at_ + 1] : '\0';
        if (at_ + 1 >= pattern_.size())
            return unsupported("a backslash ends the pattern");
        switch (c) {
        case 'd':
        case 'D':
        case 's':
        case 'S':
        case 'w':
        case 'W': return shorthand(c, is_in_class);
        case 'x': return code_point(2);
        case 'u': return code_point(4);
        case 'U': return code_point(8);
        case 'b':
        case 'B':
        case 'A':
            if (is_in_class)
                return unsupported("an anchor in brackets");
            break;
        case 'Z':
        case 'z': return unsupported("\\Z and \\z are not supported, $ is the end");
        case 'p':
        case 'P': return unsupported("\\p is not supported; \\d, \\s and \\w know Unicode");
        case 'a':
        case 'f':
        case 'n':
        case 'r':
        case 't':
        case 'v': break;
        default:
            if (is_digit(c) || c == 'k' || c == 'g')
                return unsupported("references to groups are not supported");
            if ((c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '<' || c == '>')
                return unsupported("an escape sequence that is not known");
        }
        return literal_escape();
    }

    Outcome<void> literal_escape()
    {
        auto end = at_ + 1;
        auto const point = decode_utf8(pattern_, end);
        if (point < 0x80)
            out_ += '\\';
        out_ += pattern_.substr(at_ + 1, end - at_ - 1);
        at_ = end;
        return {};
    }

    Outcome<void> shorthand(char letter, bool is_in_class)
    {
        auto const is_negated = letter < 'a';
        auto const kind = letter | 0x20;
        auto const content = kind == 'd' ? digit_class : kind == 's' ? blank_class : word_class;
        at_ += 2;
        if (!is_in_class) {
            out_ += is_negated ? "[^" : "[";
            out_ += content;
            out_ += ']';
            return {};
        }
        auto const ends_range = out_.ends_with("-") && !out_.ends_with("[-")
            && !out_.ends_with("[^-");
        if (ends_range || (now() == '-' && !is_next("-]")))
            return unsupported("a class cannot be the end of a range");
        if (!is_negated)
            out_ += content;
        else
            out_ += kind == 'd' ? no_digit_class : kind == 's' ? no_blank_class : no_word_class;
        return {};
    }

    Outcome<void> code_point(std::size_t digits)
    {
        auto const text = pattern_.substr(at_ + 2, digits);
        std::uint32_t point = 0;
        auto const read = std::from_chars(text.data(), text.data() + text.size(), point, 16);
        if (text.size() != digits || read.ptr != text.data() + digits)
            return unsupported(digits == 2 ? "\\x needs two hexadecimal digits"
                    : digits == 4          ? "\\u needs four hexadecimal digits"
                                           : "\\U needs eight hexadecimal digits");
        if (point > 0x10FFFF)
            return unsupported("no Unicode character");
        out_ += fmt::format("\\x{{{:x}}}", point);
        at_ += 2 + digits;
        return {};
    }

    Outcome<void> char_class()
    {
        out_ += pattern_[at_++];
        if (now() == '^')
            out_ += pattern_[at_++];
        bool is_first = true;
        for (; is_first || now() != ']'; is_first = false) {
            if (at_ >= pattern_.size())
                return unsupported("'[' without ']'");
            if (now() == '[')
                return unsupported("'[' within brackets must be written \\[");
            for (auto const operation : { "&&", "--", "~~", "||" }) {
                if (is_next(operation))
                    return unsupported("sets of characters cannot be combined");
            }
            if (now() == '\\') {
                TRY(escape(true));
                continue;
            }
            if (now() == ']')
                out_ += '\\';
            out_ += pattern_[at_++];
        }
        out_ += pattern_[at_++];
        return {};
    }

    Outcome<void> group()
    {
        if (!is_next("(?")) {
            out_ += pattern_[at_++];
            return {};
        }
        static constexpr std::array<std::pair<std::string_view, std::string_view>, 8> refused { {
            { "(?=", "looking ahead is not supported" },
            { "(?!", "looking ahead is not supported" },
            { "(?<=", "looking behind is not supported" },
            { "(?<!", "looking behind is not supported" },
            { "(?<", "a group is named (?P<name>...)" },
            { "(?P=", "references to groups are not supported" },
            { "(?(", "conditions are not supported" },
            { "(?#", "comments are not supported" },
        } };
        for (auto const& [text, why] : refused) {
            if (is_next(text))
                return unsupported(why);
        }
        if (is_next("(?:"))
            return copy(3);
        if (is_next("(?P<"))
            return named_group();
        return flags();
    }

    Outcome<void> copy(std::size_t count)
    {
        out_ += pattern_.substr(at_, count);
        at_ += count;
        return {};
    }

    Outcome<void> named_group()
    {
        auto const end = pattern_.find('>', at_);
        auto const name = pattern_.substr(at_ + 4, end - at_ - 4);
        if (end == std::string_view::npos || !is_identifier(name))
            return unsupported("the name of a group has letters, digits and _");
        return copy(end + 1 - at_);
    }

    // (?i) at the beginning, (?i:...) anywhere, with i, m and s; u is always on.
    Outcome<void> flags()
    {
        auto const is_at_start = at_ == starting_flags_end_;
        auto const end = pattern_.find_first_of(":)", at_ + 2);
        if (end == std::string_view::npos)
            return unsupported("'(?' without ')'");
        auto letters = pattern_.substr(at_ + 2, end - at_ - 2);
        if (letters.empty() || letters.find_first_not_of("imsu-") != std::string_view::npos)
            return unsupported("only the flags i, m and s are supported");
        auto const is_bare = pattern_[end] == ')';
        if (is_bare && (!is_at_start || letters.find('-') != std::string_view::npos))
            return unsupported("flags stand at the beginning, or hold for a group: (?i:...)");
        out_ += "(?";
        bool has_flag = false;
        for (auto const letter : letters) {
            if (letter != 'u') {
                out_ += letter;
                has_flag = true;
            }
        }
        at_ = end + 1;
        if (is_bare)
            starting_flags_end_ = at_;
        if (is_bare && !has_flag)
            out_.resize(out_.size() - 2);
        else
            out_ += is_bare ? ')' : ':';
        return {};
    }

    Outcome<void> repetition()
    {
        auto const end = pattern_.find('}', at_);
        auto const counts = pattern_.substr(at_ + 1, end - at_ - 1);
        auto const comma = counts.find(',');
        auto const least = counts.substr(0, comma);
        auto const most = comma == std::string_view::npos ? least : counts.substr(comma + 1);
        auto const is_number = [](std::string_view text) {
            return text.find_first_not_of("0123456789") == std::string_view::npos;
        };
        if (end == std::string_view::npos || least.empty() || !is_number(least) || !is_number(most))
            return unsupported("'{' begins no {n}, {n,} or {n,m}; a brace alone is \\{");
        return copy(end + 1 - at_);
    }

    std::string_view pattern_;
    std::size_t at_ { 0 };
    std::size_t starting_flags_end_ { 0 };
    std::string out_;
};

}

Outcome<std::string> translate_pattern(std::string_view pattern)
{
    return Translator(pattern).run();
}

}
