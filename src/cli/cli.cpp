#include <cli/cli.h>

#include <cli/commands.h>
#include <cli/completion.h>
#include <cli/help.h>
#include <cli/output.h>
#include <cli/version.h>
#include <openjd/text_rules.h>

#include <CLI/CLI.hpp>

#include <algorithm>
#include <iterator>
#include <memory>
#include <utility>

namespace sidereal::cli {

namespace {

// A command's place in the CLI11 tree.
struct Leaf {
    CLI::App* app { nullptr };
    Run run;
    std::shared_ptr<Context> context;
    std::shared_ptr<std::string> format;
};

std::string choice_fault(Option const& option, std::string const& text)
{
    std::vector<std::string_view> const known(option.choices.begin(), option.choices.end());
    if (std::find(known.begin(), known.end(), text) != known.end())
        return {};
    return fmt::format("expected one of {}, not '{}'{}", openjd::comma_list(known), text,
        openjd::did_you_mean(text, known));
}

bool is_whole(Option const& option)
{
    return std::holds_alternative<std::int64_t*>(option.target)
        || std::holds_alternative<std::optional<std::int64_t>*>(option.target);
}

bool is_number(Option const& option)
{
    return is_whole(option) || std::holds_alternative<double*>(option.target)
        || std::holds_alternative<std::optional<double>*>(option.target);
}

std::string number_fault(Option const& option, std::string const& text)
{
    auto const kind = is_whole(option) ? "a whole number" : "a number";
    auto const number = is_whole(option) ? std::optional<double>(openjd::parse_int(text))
                                         : openjd::parse_float(text);
    if (number && !(option.min && *number < *option.min) && !(option.max && *number > *option.max))
        return {};
    auto const from = option.min ? fmt::format(" from {}", *option.min) : "";
    auto const to = option.max ? fmt::format(" up to {}", *option.max) : "";
    return fmt::format("expected {}{}{}, not '{}'", kind, from, to, text);
}

void add_option(CLI::App& app, Option const& option)
{
    auto* added = std::visit(
        [&](auto* target) {
            if constexpr (std::is_same_v<decltype(target), bool*>)
                return app.add_flag(option.name, *target, option.help);
            else
                return app.add_option(option.name, *target, option.help);
        },
        option.target);
    // Each value has its own -p; without this the first one would swallow what follows.
    if (std::holds_alternative<std::vector<std::string>*>(option.target))
        added->allow_extra_args(false);
    added->required(option.required);
    if (!option.value_name.empty())
        added->type_name(option.value_name);
    if (is_number(option))
        added->check([option](std::string const& text) { return number_fault(option, text); });
    if (!option.choices.empty())
        added->check([option](std::string const& text) { return choice_fault(option, text); });
}

void set_help(CLI::App& app, std::string page)
{
    app.formatter_fn([page = std::move(page)](
                         CLI::App const*, std::string const&, CLI::AppFormatMode) { return page; });
}

CLI::App& group_of(CLI::App& root, std::string const& name, std::vector<Command> const& commands)
{
    for (auto* existing : root.get_subcommands({})) {
        if (existing->get_name() == name)
            return *existing;
    }
    auto* group = root.add_subcommand(name);
    group->require_subcommand(1);
    set_help(*group, help_overview(name, commands));
    return *group;
}

Leaf add_command(CLI::App& root, Command const& command, std::vector<Command> const& commands)
{
    auto* parent = &root;
    auto name = command.name;
    if (auto const space = name.find(' '); space != std::string::npos) {
        parent = &group_of(root, name.substr(0, space), commands);
        name = name.substr(space + 1);
    }
    Leaf leaf;
    leaf.app = parent->add_subcommand(name);
    leaf.context = std::make_shared<Context>();
    leaf.format = std::make_shared<std::string>("table");
    std::vector<Option> options;
    leaf.run = command.declare(options);
    for (auto& option : common_options(command, *leaf.format, leaf.context->url))
        options.push_back(std::move(option));
    for (auto const& option : options)
        add_option(*leaf.app, option);
    set_help(*leaf.app, help_page(command, options));
    return leaf;
}

// Before the options are parsed, since parsing itself may fail.
OutputFormat format_asked_for(int argc, char** argv)
{
    for (int i = 1; i < argc; ++i) {
        std::string_view const argument = argv[i];
        if (argument == "--output=json")
            return OutputFormat::json;
        if (argument == "--output" && i + 1 < argc && std::string_view(argv[i + 1]) == "json")
            return OutputFormat::json;
    }
    return OutputFormat::table;
}

int finish(Result<int> const& result, OutputFormat format)
{
    if (result)
        return *result;
    print_error(result.error(), format);
    return error_row(result.error().code).exit_code;
}

CLI::App const& deepest(CLI::App const& root)
{
    auto const* app = &root;
    while (!app->get_subcommands().empty())
        app = app->get_subcommands().front();
    return *app;
}

// "sidereal job submit"
std::string path_of(CLI::App const& app)
{
    auto const* parent = app.get_parent();
    return parent ? path_of(*parent) + " " + app.get_name() : app.get_name();
}

// What the words after `app` may be: its options or, in a group, its commands.
std::vector<std::string> expected_words(
    CLI::App const& app, std::string_view unknown, std::vector<Command> const& commands)
{
    auto const is_group = app.get_require_subcommand_min() > 0;
    if (is_group && !unknown.starts_with('-'))
        return words_after(app.get_parent() ? app.get_name() : "", commands);
    std::vector<std::string> words;
    for (auto const* option : app.get_options()) {
        for (auto const& name : option->get_lnames())
            words.push_back("--" + name);
    }
    return words;
}

std::string fault_of(
    CLI::App const& app, CLI::ParseError const& stop, std::vector<Command> const& commands)
{
    auto const left = app.remaining();
    auto const unknown = left.empty() ? std::string_view {} : std::string_view(left.front());
    auto const words = expected_words(app, unknown, commands);
    std::vector<std::string_view> const known(words.begin(), words.end());
    auto const is_group = app.get_require_subcommand_min() > 0;
    if (unknown.starts_with('-')) {
        auto const name = unknown.substr(0, unknown.find('='));
        return fmt::format("there is no option '{}'{}", name, openjd::did_you_mean(name, known));
    }
    if (!unknown.empty() && is_group)
        return fmt::format(
            "there is no command '{}'{}", unknown, openjd::did_you_mean(unknown, known));
    if (!unknown.empty())
        return fmt::format("'{}' is one argument too many", unknown);
    if (is_group)
        return fmt::format("a command is missing: expected {}", openjd::comma_list(known));
    std::string message = stop.what();
    if (stop.get_name() == "ArgumentMismatch")
        return message.substr(0, message.find(':')) + " needs a value";
    // Values of options are checked before; what is left is a flag.
    if (stop.get_name() == "ConversionError")
        return "a flag takes no value: " + message.substr(message.find(':') + 2);
    return message;
}

// CLI11 speaks by exceptions: help pages and faults both end here.
int finish_parse(CLI::App const& root, CLI::ParseError const& stop,
    std::vector<Command> const& commands, OutputFormat format)
{
    if (stop.get_exit_code() == 0)
        return root.exit(stop);
    auto const& app = deepest(root);
    auto const fault = fault_of(app, stop, commands);
    return finish(fail(ErrorCode::invalid_input, "{} '{} --help'",
                      fault + (fault.ends_with('?') ? " See" : "; see"), path_of(app)),
        format);
}

}

namespace {

// The commands of a group stand side by side, whoever brings them; the rest of `first` leads.
std::vector<Command> together(std::vector<Command> first, std::vector<Command> then)
{
    auto const group_of = [](Command const& command) {
        return std::string_view(command.name).substr(0, command.name.find(' '));
    };
    std::vector<Command> all;
    for (auto& command : first) {
        auto const last = std::find_if(then.rbegin(), then.rend(),
            [&](Command const& other) { return group_of(other) == group_of(command); });
        if (last == then.rend())
            all.push_back(std::move(command));
        else
            then.insert(last.base(), std::move(command));
    }
    std::move(then.begin(), then.end(), std::back_inserter(all));
    return all;
}

}

int run(int argc, char** argv, std::vector<Command> app_commands)
{
    // The public openjd has a short flag of two letters, which CLI11 takes for two flags.
    static char task_parameter[] = "--task-param";
    for (int i = 2; i < argc; ++i) {
        if (std::string_view(argv[1]) == "openjd" && std::string_view(argv[i]) == "-tp")
            argv[i] = task_parameter;
    }
    auto commands = together(std::move(app_commands), own_commands());
    commands.push_back(completion_command(commands));

    CLI::App root({}, "sidereal");
    root.require_subcommand(1);
    root.set_version_flag("--version", fmt::format("sidereal {}", version));
    set_help(root, help_overview({}, commands));
    std::vector<Leaf> leaves;
    for (auto const& command : commands)
        leaves.push_back(add_command(root, command, commands));
    auto const asked_format = format_asked_for(argc, argv);
    try {
        root.parse(argc, argv);
    } catch (CLI::ParseError const& stop) {
        return finish_parse(root, stop, commands, asked_format);
    }
    for (auto& leaf : leaves) {
        if (!leaf.app->parsed())
            continue;
        auto& context = *leaf.context;
        context.format = *leaf.format == "json" ? OutputFormat::json : OutputFormat::table;
        return finish(leaf.run(context), context.format);
    }
    return finish(
        fail(ErrorCode::invalid_input, "no command given: see 'sidereal --help'"), asked_format);
}

}
