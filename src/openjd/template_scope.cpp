#include <openjd/template_scope.h>

namespace sidereal::openjd {

namespace {

std::string reason(std::string_view name, Scope const& scope)
{
    if (name.starts_with("Param.")) {
        auto const raw = "Raw" + std::string(name);
        if (scope.names.contains(raw))
            return fmt::format("; the path is known on the node only, use {} here", raw);
    }
    std::vector<std::string_view> candidates(scope.names.begin(), scope.names.end());
    auto const hint = did_you_mean(name, candidates);
    if (!hint.empty())
        return hint;
    if (candidates.empty())
        return "; no name has one";
    if (candidates.size() > 20)
        return {};
    return "; known here: " + comma_list(candidates);
}

}

void Scope::add(std::string_view prefix, std::string_view name)
{
    names.insert(std::string(prefix) + std::string(name));
}

namespace {

// Param.* but for PATH, RawParam.*.
Scope job_scope(std::vector<DeclaredParameter> const& parameters)
{
    Scope scope { {}, "when the job is made" };
    for (auto const& parameter : parameters) {
        if (parameter.type != ParameterType::path || !parameter.type_known)
            scope.add("Param.", parameter.name);
        scope.add("RawParam.", parameter.name);
    }
    return scope;
}

// Param.*, RawParam.*, Session.*.
Scope session_scope(std::vector<DeclaredParameter> const& parameters)
{
    Scope scope { {}, "in a session" };
    for (auto const& parameter : parameters) {
        scope.add("Param.", parameter.name);
        scope.add("RawParam.", parameter.name);
    }
    for (auto const name : { "WorkingDirectory", "HasPathMappingRules", "PathMappingRulesFile" })
        scope.add("Session.", name);
    return scope;
}

}

Scopes scopes_of(std::vector<DeclaredParameter> const& parameters)
{
    return { job_scope(parameters), session_scope(parameters) };
}

void check_names(Place const& place, FormatString const& string, Scope const& scope)
{
    for (auto const& name : string.names()) {
        if (scope.names.contains(name))
            continue;
        auto const why = place.faults().full() ? std::string() : reason(name, scope);
        place.fault("'{}' has no value {}{}", excerpt(name), scope.where, why);
    }
}

std::optional<FormatString> read_scoped(
    Place const& place, Scope const& scope, TextRule const& rule)
{
    auto string = read_format(place);
    if (!string)
        return std::nullopt;
    check_names(place, *string, scope);
    // References may grow or shrink; only text without them has its length by now.
    auto shape = rule;
    if (!string->is_literal()) {
        shape.most = static_cast<std::size_t>(-1);
        shape.least = 0;
    }
    if (!obeys(place, place.node().text, shape))
        return std::nullopt;
    return string;
}

std::optional<Reference> read_number_text(Place const& place, Scope const& scope)
{
    if (!place.require(Extension::feature_bundle_1, "a number given as a string"))
        return std::nullopt;
    auto string = read_format(place);
    if (!string)
        return std::nullopt;
    check_names(place, *string, scope);
    return Reference { std::move(*string), place.node().line, place.node().column, place.path() };
}

}
