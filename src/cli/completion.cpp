#include <cli/completion.h>

#include <cli/commands.h>
#include <cli/output.h>

#include <fmt/ranges.h>

#include <map>
#include <memory>
#include <set>
#include <utility>

namespace sidereal::cli {

namespace {

struct Words {
    // Commands and fixed words: "" -> job node up, "job" -> list submit, "completion" -> bash zsh.
    std::set<std::string> choices;
    std::set<std::string> options;
    bool takes_file { false };
};

// "" and each group and command to what may follow it; "job list --state" to the option's values.
using Places = std::map<std::string, Words>;

bool is_option_place(std::string_view place) { return place.find('-') != std::string_view::npos; }

bool names_file(Option const& option)
{
    static std::set<std::string> const known { "DIR", "FILE", "PATH" };
    return known.contains(option.value_name);
}

void add_option_words(Places& places, std::string const& command, Option const& option)
{
    std::string names = option.name;
    while (!names.empty()) {
        auto const comma = names.find(',');
        auto const name = names.substr(0, comma);
        names = comma == std::string::npos ? "" : names.substr(comma + 1);
        auto const is_option = name.starts_with('-');
        if (is_option)
            places[command].options.insert(name);
        if (is_option && std::holds_alternative<bool*>(option.target))
            continue;
        auto& words = places[is_option ? command + " " + name : command];
        words.choices.insert(option.choices.begin(), option.choices.end());
        words.takes_file = words.takes_file || names_file(option);
    }
}

Places places_of(std::vector<Command> const& commands)
{
    Places places;
    for (auto const& command : commands) {
        auto const space = command.name.find(' ');
        places[""].choices.insert(command.name.substr(0, space));
        if (space != std::string::npos)
            places[command.name.substr(0, space)].choices.insert(command.name.substr(space + 1));
        std::vector<Option> options;
        std::string format;
        std::optional<std::string> url;
        auto const run = command.declare(options);
        for (auto& option : common_options(command, format, url))
            options.push_back(std::move(option));
        for (auto const& option : options)
            add_option_words(places, command.name, option);
    }
    places[""].options.insert("--version");
    for (auto& [place, words] : places) {
        if (!is_option_place(place))
            words.options.insert("--help");
    }
    return places;
}

std::string arm(std::string const& place, Words const& words)
{
    return fmt::format("    \"{}\")\n        choices=\"{}\" options=\"{}\" files={} ;;\n", place,
        fmt::join(words.choices, " "), fmt::join(words.options, " "),
        words.takes_file ? "yes" : "");
}

// Both shells run the same body; they differ in where the words are and how choices are offered.
std::string body(Places const& places, std::string_view typed, std::string_view previous,
    std::string_view current)
{
    std::string commands;
    std::string values;
    std::string nexts;
    for (auto const& [place, words] : places) {
        (is_option_place(place) ? values : nexts) += arm(place, words);
        if (!is_option_place(place) && !place.empty())
            commands += fmt::format("{}\"{}\"", commands.empty() ? "" : " | ", place);
    }
    return fmt::format(R"(    local command="" word choices="" options="" files=""
    for word in {}; do
        word="${{command:+$command }}$word"
        case "$word" in
        {}) command="$word" ;;
        esac
    done
    case "$command {}" in
{}    *)
    case "$command" in
{}    esac ;;
    esac
    [[ {} != -* ]] || choices=$options
    [[ -n $choices || -n $files ]] || choices=$options
)",
        typed, commands, previous, values, nexts, current);
}

}

std::string bash_completion(std::vector<Command> const& commands)
{
    // Without a match bash offers files.
    return fmt::format(R"(# bash completion for sidereal: source <(sidereal completion bash)
_sidereal() {{
{}    COMPREPLY=($(compgen -W "$choices" -- "${{COMP_WORDS[COMP_CWORD]}}"))
}}
complete -o default -F _sidereal sidereal
)",
        body(places_of(commands), R"("${COMP_WORDS[@]:1:COMP_CWORD-1}")",
            "${COMP_WORDS[COMP_CWORD-1]}", "${COMP_WORDS[COMP_CWORD]}"));
}

std::string zsh_completion(std::vector<Command> const& commands)
{
    return fmt::format(R"(#compdef sidereal
# zsh completion for sidereal: source <(sidereal completion zsh), or the file _sidereal.
_sidereal() {{
{}    compadd -- ${{=choices}}
    [[ -z $files ]] || _files
}}
if [[ ${{funcstack[1]}} == _sidereal ]]; then
    _sidereal "$@"
else
    (( $+functions[compdef] )) || {{ autoload -Uz compinit && compinit; }}
    compdef _sidereal sidereal
fi
)",
        body(places_of(commands), R"("${(@)words[2,CURRENT-1]}")", "${words[CURRENT-1]}",
            "${words[CURRENT]}"));
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
