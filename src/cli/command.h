#pragma once

#include <base/result.h>

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <variant>
#include <vector>

// How a command says what it takes and what it does, as data. One file (cli/cli.cpp) turns it into
// a CLI11 tree, help pages and completions, so that no command needs to know CLI11.
namespace sidereal::cli {

// Where a value from the command line goes. What stands there before is the default; an optional
// stays empty when the option is not given, a vector takes each time it is given.
using Target
    = std::variant<bool*, std::string*, std::int64_t*, double*, std::optional<std::string>*,
        std::optional<std::int64_t>*, std::optional<double>*, std::vector<std::string>*>;

struct Option {
    // "--priority", "-p,--parameter" with the short form first, or "TARGET" for a positional one.
    std::string name;
    Target target;
    std::string help;
    // What stands for the value in the help page: "N", "NAME=VALUE".
    std::string value_name {};
    bool required { false };
    // Of numbers.
    std::optional<double> min {};
    std::optional<double> max {};
    // If there are any, nothing else is taken.
    std::vector<std::string> choices {};
};

enum class OutputFormat : std::uint8_t {
    table,
    json,
};

// What every command is given besides its own options.
struct Context {
    OutputFormat format { OutputFormat::table };
    // As given with --url; use cli::find_server (cli/client.h) to know whom to talk to.
    std::optional<std::string> url;
};

// Runs the command once its targets are filled in; gives the exit code.
using Run = std::function<Result<int>(Context const&)>;

enum class Speaks : std::uint8_t {
    // Takes --url and talks to a brain.
    to_brain,
    to_nobody,
};

struct Command {
    // With its group, if any: "job submit".
    std::string name;
    std::string help;
    // One or more lines for the end of the help page.
    std::string example;
    Speaks speaks { Speaks::to_brain };
    // Adds options and returns what runs; the targets live as long as the returned function, e.g.
    // in a shared_ptr<Flags> that it captures.
    std::function<Run(std::vector<Option>&)> declare;
    // Whether it takes the common --output, or brings one of its own.
    enum class Output : std::uint8_t { common, own } output { Output::common };
};

}
