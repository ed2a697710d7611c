#pragma once

#include <openjd/expr/context.h>
#include <openjd/format_string.h>
#include <openjd/job.h>
#include <openjd/parameter.h>
#include <openjd/template_fields.h>

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace sidereal::openjd {

// The names that a format string may use at one place of a template; mostly only their types are
// known. Inner scopes see the names of those that they lie in, which must outlive them.
struct Scope {
    expr::Names names;
    // Where this is, for messages: "when the job is made".
    std::string_view where;
    // What apply_path_mapping() can do.
    expr::Host host { expr::Host::none };

    void add(std::string_view prefix, std::string_view name, expr::Type type);
    Scope inner() const;
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

    Scopes inner() const { return { job.inner(), host.inner() }; }
};
Scopes scopes_of(std::vector<DeclaredParameter> const& parameters);

// Complains if the text uses what the scope does not have, or gives what the place does not take.
void check_references(
    Place const& place, FormatString const& string, Scope const& scope, expr::Type target);
// Reads, measures and checks; nothing if the string itself cannot be read.
std::optional<FormatString> read_scoped(Place const& place, Scope const& scope,
    TextRule const& rule, expr::Type target = expr::string_type);

// A string where a number may stand, as FEATURE_BUNDLE_1 has it: nothing if it may not be one.
std::optional<Reference> read_number_text(
    Place const& place, Scope const& scope, expr::Type target);

// One let binding of the list; adds its name with what is known of its value.
struct ReadLet {
    expr::LetBinding binding;
    Place place;
};
std::vector<ReadLet> read_lets(Place const& list, Scope& scope, Limits const& limits);

}
