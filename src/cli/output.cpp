#include <cli/output.h>

#include <base/verify.h>

#include <sys/ioctl.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdlib>
#include <utility>

namespace sidereal::cli {

namespace {

bool is_character_start(char byte) { return (static_cast<unsigned char>(byte) & 0xc0) != 0x80; }

std::string_view variable(char const* name)
{
    auto const* value = std::getenv(name);
    return value ? value : "";
}

std::string_view sequence(Color color)
{
    switch (color) {
    case Color::none: return "";
    case Color::dim: return "\x1b[2m";
    case Color::bold: return "\x1b[1m";
    case Color::green: return "\x1b[32m";
    case Color::yellow: return "\x1b[33m";
    case Color::red: return "\x1b[31m";
    case Color::blue: return "\x1b[34m";
    }
    VERIFY_NOT_REACHED();
}

}

bool is_terminal(std::FILE* out) { return ::isatty(::fileno(out)) == 1; }

bool colors_wanted(std::FILE* out)
{
    return is_terminal(out) && variable("NO_COLOR").empty() && variable("TERM") != "dumb";
}

bool unicode_wanted()
{
    for (auto const* name : { "LC_ALL", "LC_CTYPE", "LANG" }) {
        auto const value = variable(name);
        if (value.empty())
            continue;
        return value.find("UTF-8") != std::string_view::npos
            || value.find("utf8") != std::string_view::npos;
    }
    return false;
}

TerminalSize terminal_size(std::FILE* out)
{
    winsize size {};
    if (::ioctl(::fileno(out), TIOCGWINSZ, &size) != 0 || size.ws_col == 0 || size.ws_row == 0)
        return {};
    return { size.ws_col, size.ws_row };
}

std::size_t display_width(std::string_view text)
{
    return static_cast<std::size_t>(std::count_if(text.begin(), text.end(), is_character_start));
}

std::string shorten(std::string_view text, std::size_t width)
{
    if (display_width(text) <= width)
        return std::string(text);
    if (width == 0)
        return {};
    std::size_t characters = 0;
    std::size_t bytes = 0;
    while (bytes < text.size()) {
        if (is_character_start(text[bytes]) && ++characters == width)
            break;
        ++bytes;
    }
    return std::string(text.substr(0, bytes)) + (unicode_wanted() ? "…" : "~");
}

std::string printable(std::string_view text)
{
    std::string shown(text);
    for (auto& letter : shown) {
        auto const byte = static_cast<unsigned char>(letter);
        if (byte < 0x20 || byte == 0x7f)
            letter = ' ';
    }
    return shown;
}

std::string padded(std::string_view text, std::size_t width)
{
    auto const taken = display_width(text);
    return std::string(text) + std::string(width > taken ? width - taken : 0, ' ');
}

std::string paint(std::string_view text, Color color)
{
    if (color == Color::none || text.empty())
        return std::string(text);
    return fmt::format("{}{}\x1b[0m", sequence(color), text);
}

std::string paint_for(std::FILE* out, std::string_view text, Color color)
{
    return colors_wanted(out) ? paint(text, color) : std::string(text);
}

Color color_of_state(std::string_view state)
{
    static constexpr std::array<std::pair<std::string_view, Color>, 16> table { {
        { "succeeded", Color::green },
        { "running", Color::blue },
        { "present", Color::green },
        { "failed", Color::red },
        { "unreachable", Color::red },
        { "lost", Color::red },
        { "stopped", Color::dim },
        { "canceled", Color::yellow },
        { "paused", Color::yellow },
        { "draining", Color::yellow },
        { "away", Color::yellow },
        { "falling asleep", Color::blue },
        { "asleep", Color::blue },
        { "waking", Color::yellow },
        { "queued", Color::dim },
        { "waiting", Color::dim },
    } };
    for (auto const& [name, color] : table) {
        if (name == state)
            return color;
    }
    return Color::none;
}

namespace {

// "USD (as of)" becomes usd_as_of.
std::string field_name(std::string_view title)
{
    std::string name;
    for (auto const letter : title) {
        auto const lower = letter >= 'A' && letter <= 'Z' ? static_cast<char>(letter + 32) : letter;
        if ((lower >= 'a' && lower <= 'z') || (lower >= '0' && lower <= '9'))
            name += lower;
        else if (!name.empty() && name.back() != '_')
            name += '_';
    }
    while (name.ends_with('_'))
        name.pop_back();
    return name;
}

std::string csv_text(std::string const& text)
{
    if (text.find_first_of(",\"\n") == std::string::npos)
        return text;
    std::string quoted = "\"";
    for (auto const letter : text) {
        quoted += letter;
        if (letter == '"')
            quoted += letter;
    }
    return quoted + "\"";
}

}

void Table::add(std::vector<Cell> cells)
{
    VERIFY(cells.size() == columns_.size());
    for (auto& cell : cells)
        cell.text = printable(cell.text);
    rows_.push_back(std::move(cells));
}

std::string Table::json() const
{
    JsonWriter json;
    json.begin_array();
    for (auto const& row : rows_) {
        json.begin_object();
        for (std::size_t i = 0; i < row.size(); ++i)
            json.field(field_name(columns_[i].title), std::string_view(row[i].text));
        json.end_object();
    }
    return json.end_array().take();
}

std::string Table::csv() const
{
    std::string out;
    for (std::size_t i = 0; i < columns_.size(); ++i)
        out += (i ? "," : "") + csv_text(field_name(columns_[i].title));
    out += "\n";
    for (auto const& row : rows_) {
        for (std::size_t i = 0; i < row.size(); ++i)
            out += (i ? "," : "") + csv_text(row[i].text);
        out += "\n";
    }
    return out;
}

std::string Table::draw(bool color) const
{
    std::vector<std::size_t> widths;
    for (auto const& column : columns_)
        widths.push_back(display_width(column.title));
    for (auto const& row : rows_) {
        for (std::size_t i = 0; i < row.size(); ++i)
            widths[i] = std::max(widths[i], display_width(row[i].text));
    }
    std::string out;
    auto const add_line = [&](auto const& cell_at) {
        std::string line;
        for (std::size_t i = 0; i < columns_.size(); ++i) {
            Cell const& cell = cell_at(i);
            std::string const gap(widths[i] - display_width(cell.text), ' ');
            auto const text = color ? paint(cell.text, cell.color) : cell.text;
            line += columns_[i].align == Align::right ? gap + text : text + gap;
            line += "  ";
        }
        line.erase(line.find_last_not_of(' ') + 1);
        out += line + "\n";
    };
    add_line([&](std::size_t i) { return Cell(columns_[i].title, Color::dim); });
    for (auto const& row : rows_)
        add_line([&](std::size_t i) -> Cell const& { return row[i]; });
    return out;
}

std::string human_bytes(double bytes)
{
    static constexpr std::array<char const*, 5> units { "B", "KiB", "MiB", "GiB", "TiB" };
    std::size_t unit = 0;
    while (bytes >= 1024 && unit + 1 < units.size()) {
        bytes /= 1024;
        ++unit;
    }
    return fmt::format("{:.{}f} {}", bytes, unit == 0 || bytes >= 100 ? 0 : 1, units[unit]);
}

std::string progress_bar(double fraction, std::size_t width, bool unicode)
{
    auto const clamped = std::isfinite(fraction) ? std::clamp(fraction, 0.0, 1.0) : 0.0;
    auto const full = static_cast<std::size_t>(clamped * static_cast<double>(width));
    std::string bar;
    for (std::size_t i = 0; i < width; ++i)
        bar += i < full ? (unicode ? "█" : "#") : (unicode ? "░" : ".");
    return bar;
}

std::string wrapped(std::string_view text, Margins margins)
{
    constexpr std::size_t page_width = 80;
    std::string out;
    auto column = margins.first;
    auto is_begun = false;
    while (!text.empty()) {
        auto const word = text.substr(0, text.find(' '));
        text.remove_prefix(std::min(text.size(), word.size() + 1));
        if (is_begun && column + 1 + display_width(word) > page_width) {
            out += "\n" + std::string(margins.rest, ' ');
            column = margins.rest;
        } else if (is_begun) {
            out += ' ';
            ++column;
        }
        out += word;
        column += display_width(word);
        is_begun = true;
    }
    return out;
}

void print_wrapped(std::FILE* out, std::string_view lead, std::string_view text)
{
    auto const width = display_width(lead);
    print(out, fmt::format("{}{}\n", lead, wrapped(text, { width, width })));
}

void print(std::FILE* out, std::string_view text)
{
    std::fwrite(text.data(), 1, text.size(), out);
    std::fflush(out);
}

void print_error(Error const& error, OutputFormat format)
{
    if (format == OutputFormat::table)
        return print(stderr, fmt::format("sidereal: {}\n", error.message));
    JsonWriter json;
    json.begin_object().key("error").begin_object();
    json.field("code", error_row(error.code).name).field("message", error.message);
    json.end_object().end_object();
    print(stderr, json.take() + "\n");
}

}
