#pragma once

#include <openjd/format_string.h>
#include <openjd/parameter.h>
#include <openjd/template_fields.h>

#include <set>
#include <string>
#include <string_view>
#include <vector>

namespace sidereal::openjd {

// The names that a format string may use at one place of a template.
struct Scope {
    std::set<std::string, std::less<>> names;
    // Where this is, for messages: "when the job is made".
    std::string_view where;

    void add(std::string_view prefix, std::string_view name);
};

struct DeclaredParameter {
    std::string name;
    ParameterType type { ParameterType::string };
    // A definition whose type could not be read; its value counts as visible everywhere.
    bool type_known { true };
};

// When the job is made: Param.* but for PATH, RawParam.*.
Scope job_scope(std::vector<DeclaredParameter> const& parameters);
// While a session runs: Param.*, RawParam.*, Session.*.
Scope session_scope(std::vector<DeclaredParameter> const& parameters);

// Complains about every name of the string that the scope does not have.
void check_names(Place const& place, FormatString const& string, Scope const& scope);
// Reads, measures and checks; nothing if the string itself cannot be read.
std::optional<FormatString> read_scoped(
    Place const& place, Scope const& scope, TextRule const& rule);

}
