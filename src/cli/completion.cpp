#include <cli/completion.h>

#include <cli/commands.h>
#include <cli/output.h>

#include <map>
#include <memory>
#include <set>
#include <utility>

namespace sidereal::cli {

namespace {

struct Words {
    // What may follow a command or a group: "" -> job node up, "job" -> submit list.
    std::map<std::string, std::set<std::string>> after;
    // What an option of a command takes: "job list --state" -> queued running.
    std::map<std::string, std::vector<std::string>> values;
};

void add_option_words(Words& words, std::string const& command, Option const& option)
{
    std::string names = option.name;
    while (!names.empty()) {
        auto const comma = names.find(',');
        auto const name = names.substr(0, comma);
        names = comma == std::string::npos ? "" : names.substr(comma + 1);
        if (name.starts_with('-')) {
            words.after[command].insert(name);
            if (!option.choices.empty())
                words.values[command + " " + name] = option.choices;
        } else {
            words.after[command].insert(option.choices.begin(), option.choices.end());
        }
    }
}

Words words_of(std::vector<Command> const& commands)
{
    Words words;
    for (auto const& command : commands) {
        auto const space = command.name.find(' ');
        words.after[""].insert(command.name.substr(0, space));
        if (space != std::string::npos)
            words.after[command.name.substr(0, space)].insert(command.name.substr(space + 1));
        std::vector<Option> options;
        std::string format;
        std::optional<std::string> url;
        auto const run = command.declare(options);
        for (auto& option : common_options(command, format, url))
            options.push_back(std::move(option));
        words.after[command.name].insert("--help");
        for (auto const& option : options)
            add_option_words(words, command.name, option);
    }
    return words;
}

template<typename List>
std::string joined(List const& list)
{
    std::string text;
    for (auto const& word : list)
        text += (text.empty() ? "" : " ") + word;
    return text;
}

// The arms that find the command among the words typed so far.
std::string command_arms(Words const& words)
{
    std::string arms;
    for (auto const& [command, next] : words.after) {
        if (!command.empty())
            arms += fmt::format("            \"{}\") command=\"{}\" ;;\n", command, command);
    }
    return arms;
}

std::string word_arms(Words const& words)
{
    std::string arms;
    for (auto const& [option, values] : words.values)
        arms += fmt::format("        \"{}\") choices=\"{}\" ;;\n", option, joined(values));
    return arms;
}

std::string next_arms(Words const& words)
{
    std::string arms;
    for (auto const& [command, next] : words.after)
        arms += fmt::format("        \"{}\") choices=\"{}\" ;;\n", command, joined(next));
    return arms;
}

// Both shells run the same body; they differ in where the words are and how choices are offered.
std::string body(Words const& words, std::string_view typed, std::string_view previous)
{
    return fmt::format(R"(    local command="" word choices=""
    for word in {}; do
        case "${{command:+$command }}$word" in
{}        esac
    done
    case "$command {}" in
{}    esac
    [[ -n $choices ]] || case "$command" in
{}    esac
)",
        typed, command_arms(words), previous, word_arms(words), next_arms(words));
}

}

std::string bash_completion(std::vector<Command> const& commands)
{
    return fmt::format(R"(# bash completion for sidereal: source <(sidereal completion bash)
_sidereal() {{
{}    COMPREPLY=($(compgen -W "$choices" -- "${{COMP_WORDS[COMP_CWORD]}}"))
}}
complete -o default -F _sidereal sidereal
)",
        body(words_of(commands), R"("${COMP_WORDS[@]:1:COMP_CWORD-1}")",
            "${COMP_WORDS[COMP_CWORD-1]}"));
}

std::string zsh_completion(std::vector<Command> const& commands)
{
    return fmt::format(R"(#compdef sidereal
# zsh completion for sidereal: source <(sidereal completion zsh)
_sidereal() {{
{}    compadd -- ${{=choices}}
    [[ ${{words[CURRENT]}} == -* ]] || _files
}}
compdef _sidereal sidereal
)",
        body(words_of(commands), R"("${(@)words[2,CURRENT-1]}")", "${words[CURRENT-1]}"));
}

Command completion_command(std::vector<Command> commands)
{
    return { "completion", "a completion script for a shell", "source <(sidereal completion bash)",
        Speaks::to_nobody, [commands = std::move(commands)](std::vector<Option>& options) -> Run {
            auto const shell = std::make_shared<std::string>();
            options.push_back({ "SHELL", shell.get(), "bash or zsh", "bash|zsh", true, {}, {},
                { "bash", "zsh" } });
            return [shell, commands](Context const&) -> Result<int> {
                auto all = commands;
                all.push_back(completion_command({}));
                print(stdout, *shell == "bash" ? bash_completion(all) : zsh_completion(all));
                return 0;
            };
        } };
}

}
