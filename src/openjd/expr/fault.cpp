#include <openjd/expr/fault.h>

#include <openjd/text_rules.h>

#include <algorithm>

namespace sidereal::openjd::expr {

namespace {

constexpr std::size_t max_shown = 72;

bool continues_character(char byte) { return (static_cast<unsigned char>(byte) & 0xC0U) == 0x80; }

// Tabs and other control characters would move the caret away from what it points at.
std::string shown(std::string_view text)
{
    std::string out(text);
    for (auto& byte : out) {
        if (static_cast<unsigned char>(byte) < 0x20)
            byte = ' ';
    }
    return out;
}

struct Window {
    std::size_t from;
    std::size_t to;
};

// The line that holds the caret, or as much of it around the caret as fits.
Window line_around(std::string_view text, std::size_t caret)
{
    auto const before = text.substr(0, caret).rfind('\n');
    Window line { before == std::string_view::npos ? 0 : before + 1, text.find('\n', caret) };
    line.to = std::min(line.to, text.size());
    if (line.to - line.from <= max_shown)
        return line;
    auto const half = max_shown / 2;
    auto const last_start = line.to - max_shown;
    auto const wanted = caret > line.from + half ? caret - half : line.from;
    line.from = std::max(line.from, std::min(wanted, last_start));
    line.to = std::min(line.to, line.from + max_shown);
    while (line.from < caret && continues_character(text[line.from]))
        ++line.from;
    while (line.to > caret && line.to < text.size() && continues_character(text[line.to]))
        --line.to;
    return line;
}

}

std::string render(Fault const& fault, std::string_view text)
{
    if (!fault.placed || text.empty())
        return fault.message;
    auto const caret = std::min<std::size_t>(fault.caret, text.size());
    auto const line = line_around(text, caret);
    auto const begin = std::clamp<std::size_t>(fault.begin, line.from, line.to);
    auto const end = std::clamp<std::size_t>(fault.end, line.from, line.to);
    auto const width = [text](std::size_t from, std::size_t to) {
        return from < to ? count_code_points(text.substr(from, to - from)) : 0;
    };
    std::string marks(width(line.from, std::min(begin, caret)), ' ');
    marks.append(width(begin, caret), '~');
    marks += '^';
    auto const right = width(caret, end);
    if (right > 1)
        marks.append(right - 1, '~');
    return fault.message + "\n  " + shown(text.substr(line.from, line.to - line.from)) + "\n  "
        + marks;
}

Error to_error(Fault const& fault, std::string_view text)
{
    return Error { ErrorCode::invalid_input, render(fault, text) };
}

}
