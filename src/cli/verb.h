#pragma once

#include <cli/command.h>

#include <string>
#include <string_view>

// Commands that tell the brain to do one thing to one job or node, and say that it was done.
namespace sidereal::cli {

struct Verb {
    // "job" or "node", as in the API's path /v1/jobs/ID/pause.
    std::string_view noun;
    std::string_view name;
    // What is said of the thing afterwards.
    std::string_view done;
};

Result<int> run_verb(
    Verb const& verb, std::string const& id, std::string body, Context const& context);

// One that takes the thing and nothing else.
Command plain_verb(Verb const& verb, std::string help, std::string example);

// JOB or NODE.
Option thing_option(std::string_view noun, std::string* target);

}
