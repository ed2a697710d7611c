#pragma once

#include <base/json.h>
#include <base/result.h>
#include <cli/command.h>

#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <string>
#include <string_view>
#include <vector>

// What people and scripts read: aligned tables, colours, errors.
namespace sidereal::cli {

enum class Color : std::uint8_t {
    none,
    dim,
    bold,
    green,
    yellow,
    red,
    blue,
};

// On a terminal that shows colours, unless NO_COLOR (no-color.org) is set.
bool colors_wanted(std::FILE* out);
bool is_terminal(std::FILE* out);
// Whether the locale says UTF-8, so that bars may be drawn with blocks.
bool unicode_wanted();
struct TerminalSize {
    std::size_t columns { 80 };
    std::size_t lines { 24 };
};
// The default where it is not known.
TerminalSize terminal_size(std::FILE* out);

// How many columns the text takes, when each character takes one; colour sequences must not be in
// it.
std::size_t display_width(std::string_view text);
// At most that many characters; the last one is then an ellipsis.
std::string shorten(std::string_view text, std::size_t width);
// With spaces for control characters: what a program printed must not steer somebody's terminal.
std::string printable(std::string_view text);
std::string padded(std::string_view text, std::size_t width);
std::string paint(std::string_view text, Color color);
// The same where `out` is to be coloured, else the text as it is.
std::string paint_for(std::FILE* out, std::string_view text, Color color);
// The colour that a state of a job, step, attempt or node has everywhere.
Color color_of_state(std::string_view state);

struct Cell {
    // NOLINTNEXTLINE(google-explicit-constructor): a row of cells is written as a row of texts.
    Cell(std::string content, Color shade = Color::none)
        : text(std::move(content))
        , color(shade)
    {
    }
    // NOLINTNEXTLINE(google-explicit-constructor)
    Cell(char const* content)
        : text(content)
    {
    }

    std::string text;
    Color color { Color::none };
};

enum class Align : std::uint8_t {
    left,
    right,
};

struct Column {
    std::string title;
    Align align { Align::left };
};

class Table {
public:
    explicit Table(std::vector<Column> columns)
        : columns_(std::move(columns))
    {
    }

    // As many cells as there are columns.
    void add(std::vector<Cell> cells);
    bool empty() const { return rows_.empty(); }
    std::string draw(bool color) const;
    // An array of objects with the titles, in lower case, as names; each value is a text.
    std::string json() const;
    // RFC 4180, with a line of titles.
    std::string csv() const;

private:
    std::vector<Column> columns_;
    std::vector<std::vector<Cell>> rows_;
};

// "3.2 GiB"
std::string human_bytes(double bytes);

// A bar of that many columns; fraction 0..1.
std::string progress_bar(double fraction, std::size_t width, bool unicode);

// Lines of at most 80 columns, broken between words. The text begins in column `first`, and the
// lines below it in column `rest`; the first one's indentation is the caller's.
struct Margins {
    std::size_t first { 0 };
    std::size_t rest { 0 };
};
std::string wrapped(std::string_view text, Margins margins = {});
// Begins a line with `lead` and hangs the text beside it, or below by two columns more.
void print_wrapped(std::FILE* out, std::string_view lead, std::string_view text);

void print(std::FILE* out, std::string_view text);
// `sidereal: <message>`, or {"error":{...}} for scripts, on stderr.
void print_error(Error const& error, OutputFormat format);

}
