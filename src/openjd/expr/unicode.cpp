#include <openjd/expr/unicode.h>

#include <openjd/expr/unicode_tables.h>

#include <algorithm>

namespace sidereal::openjd::expr {

namespace {

constexpr char32_t capital_sigma = 0x3A3;
constexpr char32_t small_sigma = 0x3C3;
constexpr char32_t final_sigma = 0x3C2;

bool is_between(char32_t point, char32_t first, char32_t last)
{
    return point >= first && point <= last;
}

template<typename Row>
Row const* find_row(std::span<Row const> rows, char32_t point)
{
    auto const after = std::upper_bound(rows.begin(), rows.end(), point,
        [](char32_t wanted, Row const& row) { return wanted < row.first; });
    if (after == rows.begin())
        return nullptr;
    auto const& row = *std::prev(after);
    return point <= row.last && (point - row.first) % row.step == 0 ? &row : nullptr;
}

bool is_in(std::span<tables::Span const> rows, char32_t point)
{
    return find_row(rows, point) != nullptr;
}

bool has_ascii_trait(char32_t point, Trait trait)
{
    auto const is_upper = is_between(point, 'A', 'Z');
    auto const is_lower = is_between(point, 'a', 'z');
    auto const is_digit = is_between(point, '0', '9');
    switch (trait) {
    case Trait::alphabetic: return is_upper || is_lower;
    case Trait::digit: return is_digit;
    case Trait::alphanumeric: return is_upper || is_lower || is_digit;
    case Trait::blank: return is_between(point, 9, 13) || is_between(point, 0x1C, ' ');
    case Trait::upper: return is_upper;
    case Trait::lower: return is_lower;
    case Trait::title: return false;
    case Trait::printable: return is_between(point, ' ', '~');
    }
    return false;
}

bool is_cased(char32_t point)
{
    return has_trait(point, Trait::upper) || has_trait(point, Trait::lower)
        || has_trait(point, Trait::title);
}

bool is_case_ignorable(char32_t point)
{
    if (point < 0x80)
        return point == '\'' || point == '.' || point == ':' || point == '^' || point == '`';
    return is_in(tables::case_ignorable, point);
}

void append_cased(std::string& out, char32_t point, tables::Casing const& casing)
{
    auto const& rows = casing.expansions;
    auto const found = std::lower_bound(rows.begin(), rows.end(), point,
        [](tables::Expansion const& row, char32_t wanted) { return row.point < wanted; });
    if (found != rows.end() && found->point == point) {
        for (auto const* more = found->text; *more != 0; ++more)
            append_utf8(out, *more);
        return;
    }
    auto const* row = find_row(casing.shifts, point);
    append_utf8(out,
        row == nullptr ? point
                       : static_cast<char32_t>(static_cast<std::int32_t>(point) + row->distance));
}

void append_upper(std::string& out, char32_t point)
{
    if (point < 0x80)
        out += static_cast<char>(is_between(point, 'a', 'z') ? point - 32 : point);
    else
        append_cased(out, point, tables::upper_casing);
}

void append_title(std::string& out, char32_t point)
{
    if (point < 0x80)
        append_upper(out, point);
    else
        append_cased(out, point, tables::title_casing);
}

// Walks through a text and knows what a small sigma must look like: it ends a word if a cased
// letter stands before it and none after it, whatever marks are between.
class Walk {
public:
    explicit Walk(std::string_view text)
        : text_(text)
    {
    }

    bool next()
    {
        if (at_ > 0 && !is_case_ignorable(point_))
            is_after_cased_ = is_cased(point_);
        if (at_ >= text_.size())
            return false;
        point_ = decode_utf8(text_, at_);
        return true;
    }

    char32_t point() const { return point_; }

    void append_lower(std::string& out) const
    {
        if (point_ < 0x80)
            out += static_cast<char>(is_between(point_, 'A', 'Z') ? point_ + 32 : point_);
        else if (point_ == capital_sigma)
            append_utf8(out, is_after_cased_ && ends_here() ? final_sigma : small_sigma);
        else
            append_cased(out, point_, tables::lower_casing);
    }

private:
    bool ends_here() const
    {
        for (auto at = at_; at < text_.size();) {
            auto const point = decode_utf8(text_, at);
            if (!is_case_ignorable(point))
                return !is_cased(point);
        }
        return true;
    }

    std::string_view text_;
    std::size_t at_ { 0 };
    char32_t point_ { 0 };
    bool is_after_cased_ { false };
};

}

char32_t decode_utf8(std::string_view text, std::size_t& at)
{
    auto const lead = static_cast<unsigned char>(text[at++]);
    if (lead < 0x80)
        return lead;
    auto const more = lead >= 0xF0 ? 3 : lead >= 0xE0 ? 2 : 1;
    char32_t point = lead & (0x3FU >> more);
    for (int i = 0; i < more && at < text.size(); ++i)
        point = (point << 6) | (static_cast<unsigned char>(text[at++]) & 0x3FU);
    return point;
}

void append_utf8(std::string& text, char32_t point)
{
    auto const tail = [&text, point](unsigned shift) {
        text += static_cast<char>(0x80U | ((point >> shift) & 0x3FU));
    };
    if (point < 0x80) {
        text += static_cast<char>(point);
    } else if (point < 0x800) {
        text += static_cast<char>(0xC0U | (point >> 6));
        tail(0);
    } else if (point < 0x10000) {
        text += static_cast<char>(0xE0U | (point >> 12));
        tail(6);
        tail(0);
    } else {
        text += static_cast<char>(0xF0U | (point >> 18));
        tail(12);
        tail(6);
        tail(0);
    }
}

bool has_trait(char32_t point, Trait trait)
{
    if (point < 0x80)
        return has_ascii_trait(point, trait);
    switch (trait) {
    case Trait::alphabetic: return is_in(tables::alphabetic, point);
    case Trait::digit: return is_in(tables::digit, point);
    case Trait::alphanumeric:
        return is_in(tables::alphabetic, point) || is_in(tables::numeric, point);
    case Trait::blank: return is_in(tables::blank, point);
    case Trait::upper: return is_in(tables::upper, point);
    case Trait::lower: return is_in(tables::lower, point);
    case Trait::title: return is_in(tables::title, point);
    case Trait::printable: return !is_in(tables::unprintable, point);
    }
    return false;
}

std::optional<int> decimal_value(char32_t point)
{
    if (point < 0x80)
        return is_between(point, '0', '9') ? std::optional(static_cast<int>(point - '0'))
                                           : std::nullopt;
    auto const& zeros = tables::decimal_zeros;
    auto const after = std::upper_bound(zeros.begin(), zeros.end(), point);
    if (after == zeros.begin() || point - *std::prev(after) > 9)
        return std::nullopt;
    return static_cast<int>(point - *std::prev(after));
}

std::string_view strip_blanks(std::string_view text)
{
    std::size_t begin = text.size();
    std::size_t end = 0;
    for (std::size_t at = 0; at < text.size();) {
        auto const start = at;
        if (has_trait(decode_utf8(text, at), Trait::blank))
            continue;
        begin = std::min(begin, start);
        end = at;
    }
    return begin < end ? text.substr(begin, end - begin) : std::string_view();
}

std::string to_upper(std::string_view text)
{
    std::string out;
    out.reserve(text.size());
    for (std::size_t at = 0; at < text.size();)
        append_upper(out, decode_utf8(text, at));
    return out;
}

std::string to_lower_case(std::string_view text)
{
    std::string out;
    out.reserve(text.size());
    for (Walk walk(text); walk.next();)
        walk.append_lower(out);
    return out;
}

std::string to_title(std::string_view text)
{
    std::string out;
    out.reserve(text.size());
    bool is_in_word = false;
    for (Walk walk(text); walk.next();) {
        if (is_in_word)
            walk.append_lower(out);
        else
            append_title(out, walk.point());
        is_in_word = is_cased(walk.point());
    }
    return out;
}

std::string capitalize(std::string_view text)
{
    std::string out;
    out.reserve(text.size());
    for (Walk walk(text); walk.next();) {
        if (out.empty())
            append_title(out, walk.point());
        else
            walk.append_lower(out);
    }
    return out;
}

}
