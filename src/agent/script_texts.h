#pragma once

#include <base/result.h>
#include <openjd/job.h>

#include <string>
#include <string_view>
#include <vector>

namespace sidereal::agent {

// Works out the texts of one script for one run: what its own names stand for, and one budget for
// all of its expressions.
class ScriptTexts {
public:
    // What is around the script; both must outlive this.
    ScriptTexts(openjd::expr::Names const& outer, openjd::PathRules const& rules);
    ScriptTexts(ScriptTexts const&) = delete;
    ScriptTexts& operator=(ScriptTexts const&) = delete;

    openjd::expr::NameValues& values() { return names_.values; }
    Status bind(openjd::LetBindings const& lets);

    Result<std::string> text(openjd::FormatString const& string);
    // For a program's arguments or environment, which have no NUL in them.
    Result<std::string> word(openjd::FormatString const& string);
    // The program and its arguments: null leaves one out, a list becomes several.
    Result<std::vector<std::string>> command(openjd::Action const& action);
    // With its limits worked out.
    Result<openjd::Action> with_limits(openjd::Action action);

private:
    openjd::expr::Outcome<openjd::expr::Value> resolve(
        openjd::FormatString const& string, openjd::expr::Type type);

    openjd::expr::Names names_;
    openjd::expr::Context context_;
};

}
