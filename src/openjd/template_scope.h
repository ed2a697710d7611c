#pragma once

#include <openjd/format_string.h>
#include <openjd/job.h>
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

// The names known at the two stages of a place in the template: when the job is made, and when its
// actions run.
struct Scopes {
    Scope job;
    Scope host;
};
Scopes scopes_of(std::vector<DeclaredParameter> const& parameters);

// Complains about every name of the string that the scope does not have.
void check_names(Place const& place, FormatString const& string, Scope const& scope);
// Reads, measures and checks; nothing if the string itself cannot be read.
std::optional<FormatString> read_scoped(
    Place const& place, Scope const& scope, TextRule const& rule);

// A string where a number may stand, as FEATURE_BUNDLE_1 has it: nothing if it may not be one.
std::optional<Reference> read_number_text(Place const& place, Scope const& scope);

}
