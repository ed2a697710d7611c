#include <cli/help.h>

#include <cli/commands.h>
#include <cli/output.h>

#include <fmt/format.h>

#include <algorithm>
#include <optional>
#include <utility>

namespace sidereal::cli {

namespace {

constexpr std::size_t widest_term = 24;

struct Row {
    std::string term;
    std::string text;
};

// Terms on the left, texts beside them; a long term has a line of its own.
std::string two_columns(std::string_view title, std::vector<Row> const& rows)
{
    if (rows.empty())
        return {};
    std::size_t width = 0;
    for (auto const& row : rows) {
        if (row.term.size() <= widest_term)
            width = std::max(width, row.term.size());
    }
    auto const indent = 2 + width + 2;
    auto page = fmt::format("\n{}:\n", title);
    for (auto const& [term, text] : rows) {
        page += fmt::format("  {}", padded(term, width));
        page += term.size() <= width ? "  " : "\n" + std::string(indent, ' ');
        page += wrapped(text, { indent, indent }) + "\n";
    }
    return page;
}

// The command's first word behind the group, if it stands in it.
std::optional<std::string_view> word_in(std::string_view group, Command const& command)
{
    std::string_view rest = command.name;
    if (!group.empty()) {
        if (!rest.starts_with(group) || rest.substr(group.size(), 1) != " ")
            return std::nullopt;
        rest.remove_prefix(group.size() + 1);
    }
    return rest.substr(0, rest.find(' '));
}

bool is_positional(Option const& option) { return !option.name.starts_with('-'); }

std::string term_of(Option const& option)
{
    auto term = option.name;
    if (auto const comma = term.find(','); comma != std::string::npos)
        term.insert(comma + 1, " ");
    if (!option.value_name.empty() && !is_positional(option))
        term += " " + option.value_name;
    return term;
}

std::string default_of(Option const& option)
{
    if (option.required)
        return {};
    if (auto* const* text = std::get_if<std::string*>(&option.target))
        return **text;
    if (auto* const* whole = std::get_if<std::int64_t*>(&option.target))
        return std::to_string(**whole);
    if (auto* const* number = std::get_if<double*>(&option.target))
        return fmt::format("{}", **number);
    return {};
}

std::string text_of(Option const& option)
{
    auto text = option.help;
    // A default that the command tells itself stays last.
    auto const end = std::min(text.find(" (default: "), text.size());
    if (!option.choices.empty()
        && fmt::format("{}", fmt::join(option.choices, "|")) != option.value_name)
        text.insert(end, fmt::format(": {}", fmt::join(option.choices, ", ")));
    if (auto const value = default_of(option); !value.empty())
        text += fmt::format(" (default: {})", value);
    return text;
}

std::string usage(Command const& command, std::vector<Option> const& options)
{
    auto line = fmt::format("Usage: sidereal {}", command.name);
    for (auto const& option : options) {
        if (option.required && !is_positional(option))
            line += fmt::format(" {} {}", option.name, option.value_name);
    }
    line += " [OPTIONS]";
    for (auto const& option : options) {
        if (is_positional(option))
            line += option.required ? " " + option.name : " [" + option.name + "]";
    }
    return line + "\n";
}

}

std::string help_page(Command const& command, std::vector<Option> const& options)
{
    std::vector<Row> positionals;
    std::vector<Row> rows;
    for (auto const& option : options)
        (is_positional(option) ? positionals : rows)
            .push_back({ term_of(option), text_of(option) });
    rows.push_back({ "-h, --help", "this page" });
    auto page = usage(command, options) + "\n" + wrapped(command.help) + "\n";
    page += two_columns("Arguments", positionals) + two_columns("Options", rows);
    auto const several = command.example.find('\n') != std::string::npos;
    return page + fmt::format("\n{}:\n  {}\n", several ? "Examples" : "Example", command.example);
}

std::string help_overview(std::string_view group, std::vector<Command> const& commands)
{
    std::vector<Row> rows;
    for (auto const& command : commands) {
        if (group.empty())
            rows.push_back({ command.name, command.help });
        else if (auto const word = word_in(group, command))
            rows.push_back({ std::string(*word), command.help });
    }
    auto const path = group.empty() ? "sidereal" : fmt::format("sidereal {}", group);
    auto page = fmt::format("Usage: {} COMMAND\n\n{}\n", path,
        group.empty() ? "Sidereal, a render farm in one binary" : group_help(group));
    page += two_columns("Commands", rows);
    std::vector<Row> options { { "-h, --help", "this page; of a command: all it takes" } };
    if (group.empty())
        options.push_back({ "--version", "the version of this program" });
    page += two_columns("Options", options);
    if (group.empty())
        page += "\nExamples:\n  sidereal up --agents 2\n"
                "  sidereal job submit examples/hello --watch\n";
    return page;
}

std::vector<std::string> words_after(std::string_view group, std::vector<Command> const& commands)
{
    std::vector<std::string> words;
    for (auto const& command : commands) {
        auto const word = word_in(group, command);
        if (word && (words.empty() || words.back() != *word))
            words.emplace_back(*word);
    }
    return words;
}

}
