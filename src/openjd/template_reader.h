#pragma once

#include <openjd/template.h>
#include <openjd/template_fields.h>
#include <openjd/template_scope.h>

#include <optional>
#include <string_view>
#include <vector>

// The decoders of a template's parts. Each complains about what it finds and returns what it could
// read, so that one pass finds everything.
namespace sidereal::openjd {

struct ReadParameters {
    std::vector<ParameterDefinition> definitions;
    // Also those whose definition is faulty, so that their use is not a fault as well.
    std::vector<DeclaredParameter> declared;
};
ReadParameters read_parameters(Place const& list, Limits const& limits);
// As the document may spell it: in any case with EXPR.
std::optional<ParameterType> read_parameter_type(Place const& place, std::string_view text);
// `userInterface` of a parameter's definition.
void read_user_interface(Fields const& definition, Limits const& limits, ParameterDefinition& out);

// `scopes` are those of a session without the environment's own files.
Environment read_environment(Place const& place, Scopes const& scopes, Limits const& limits);
std::vector<Environment> read_environments(
    Place const& list, Scopes const& scopes, Limits const& limits);

// `script` of a step, or one of bash, python, cmd, powershell and node; `scopes` are those of its
// tasks without the step's own files.
void read_step_scripts(
    Fields const& step_fields, Scopes const& scopes, Limits const& limits, StepTemplate& step);

// `parameterSpace` of a step; adds the names it declares to `task`.
void read_parameter_space(
    Place const& place, Scope const& job, Limits const& limits, StepTemplate& step, Scope& task);

// An action's timeout and cancelation, by what they may refer to.
void read_action_limits(
    Fields const& fields, Scope const& scope, Duration notice, Limits const& limits, Action& out);

void read_host_requirements(
    Place const& place, Scope const& job, Limits const& limits, StepTemplate& step);

}
