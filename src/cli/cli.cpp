#include <cli/cli.h>

#include <cli/commands.h>
#include <cli/completion.h>
#include <cli/output.h>
#include <cli/version.h>

#include <CLI/CLI.hpp>

#include <cctype>
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
    std::string known;
    for (auto const& choice : option.choices) {
        if (choice == text)
            return {};
        known += (known.empty() ? "" : ", ") + choice;
    }
    return fmt::format("expected one of {}, not '{}'", known, text);
}

std::string range_fault(Option const& option, std::string const& text)
{
    double number = 0;
    if (!CLI::detail::lexical_cast(text, number))
        return fmt::format("expected a number, not '{}'", text);
    if ((option.min && number < *option.min) || (option.max && number > *option.max)) {
        auto const from = option.min ? fmt::format(" from {}", *option.min) : "";
        auto const to = option.max ? fmt::format(" up to {}", *option.max) : "";
        return fmt::format("expected a number{}{}, not {}", from, to, text);
    }
    return {};
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
    if (option.min || option.max)
        added->check([option](std::string const& text) { return range_fault(option, text); });
    if (!option.choices.empty())
        added->check([option](std::string const& text) { return choice_fault(option, text); });
}

CLI::App& group_of(CLI::App& root, std::string const& name)
{
    for (auto* existing : root.get_subcommands({})) {
        if (existing->get_name() == name)
            return *existing;
    }
    auto* group = root.add_subcommand(name, std::string(group_help(name)));
    group->require_subcommand(1);
    return *group;
}

Leaf add_command(CLI::App& root, Command const& command)
{
    auto* parent = &root;
    auto name = command.name;
    if (auto const space = name.find(' '); space != std::string::npos) {
        parent = &group_of(root, name.substr(0, space));
        name = name.substr(space + 1);
    }
    Leaf leaf;
    leaf.app = parent->add_subcommand(name, command.help);
    leaf.app->footer("Example:\n  " + command.example);
    leaf.context = std::make_shared<Context>();
    leaf.format = std::make_shared<std::string>("table");
    std::vector<Option> options;
    leaf.run = command.declare(options);
    for (auto& option : common_options(command, *leaf.format, leaf.context->url))
        options.push_back(std::move(option));
    for (auto const& option : options)
        add_option(*leaf.app, option);
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

CLI::App const* deepest(CLI::App const& root)
{
    auto const* app = &root;
    while (!app->get_subcommands().empty())
        app = app->get_subcommands().front();
    return app;
}

// CLI11 speaks by exceptions: help pages and faults both end here.
int finish_parse(CLI::App const& root, CLI::ParseError const& stop, OutputFormat format)
{
    if (stop.get_exit_code() == 0)
        return root.exit(stop);
    auto const* app = deepest(root);
    std::string path;
    for (auto const* part = app; part; part = part->get_parent())
        path = part->get_name() + (path.empty() ? "" : " ") + path;
    std::string message = stop.what();
    // An unknown word is no option of a group, so that CLI11 only misses the command.
    if (auto const words = app->remaining();
        !words.empty() && app->get_require_subcommand_min() > 0)
        message = fmt::format("there is no command '{}'", words.front());
    auto const is_sentence = message.size() > 1
        && std::islower(static_cast<unsigned char>(message[1]));
    if (is_sentence || message.starts_with("A "))
        message.front() = static_cast<char>(std::tolower(static_cast<unsigned char>(message[0])));
    if (message.starts_with("- "))
        message.erase(0, 2);
    return finish(fail(ErrorCode::invalid_input, "{}: see '{} --help'", message, path), format);
}

}

int run(int argc, char** argv, std::vector<Command> app_commands)
{
    auto commands = own_commands();
    commands.insert(commands.begin(), std::make_move_iterator(app_commands.begin()),
        std::make_move_iterator(app_commands.end()));
    commands.push_back(completion_command(commands));

    CLI::App root("Sidereal, a render farm manager", "sidereal");
    root.require_subcommand(1);
    root.set_version_flag("--version", std::string(version));
    root.footer("Example:\n  sidereal up --agents 2\n  sidereal job submit examples/film --watch");
    std::vector<Leaf> leaves;
    for (auto const& command : commands)
        leaves.push_back(add_command(root, command));
    auto const asked_format = format_asked_for(argc, argv);
    try {
        root.parse(argc, argv);
    } catch (CLI::ParseError const& stop) {
        return finish_parse(root, stop, asked_format);
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
