#include <openjd/template_scope.h>

#include <algorithm>
#include <utility>

namespace sidereal::openjd {

namespace {

std::string reason(std::string_view name, Scope const& scope)
{
    if (name.starts_with("Param.")) {
        auto const raw = "Raw" + std::string(name.substr(0, name.find('.', 6)));
        if (scope.host == expr::Host::none && scope.names.find(raw))
            return fmt::format("; the path is known on the node only, use {} here", raw);
    }
    auto const candidates = scope.names.all();
    auto const hint = did_you_mean(name, candidates);
    if (!hint.empty())
        return hint;
    if (candidates.empty())
        return "; no name has one";
    if (candidates.size() > 20)
        return {};
    return "; known here: " + comma_list(candidates);
}

// `text` is what the fault's place counts in.
void complain(Place const& place, expr::Fault fault, std::string_view text, Scope const& scope)
{
    if (place.faults().full())
        return place.complain(std::move(fault.message));
    if (fault.kind == expr::FaultKind::name) {
        auto name = text.substr(fault.begin, fault.end - fault.begin);
        if (name.starts_with("{{"))
            name = trim(name.substr(2, name.size() - 4));
        fault.message = fmt::format(
            "'{}' has no value {}{}", excerpt(name), scope.where, reason(name, scope));
    }
    // A place that is all of the text needs no caret.
    auto const is_all = fault.begin == 0 && fault.end == text.size();
    place.complain(is_all ? std::move(fault.message) : expr::render(fault, text));
}

expr::Context context_of(Place const& place, Scope const& scope)
{
    expr::Context context { .names = &scope.names };
    context.host = scope.host;
    context.budget = place.faults().budget();
    return context;
}

void add_parameter(Scope& scope, DeclaredParameter const& parameter)
{
    auto const any = expr::Type::any();
    auto const known = parameter.type_known;
    if (!known || scope.host != expr::Host::none || !holds_paths(parameter.type))
        scope.add("Param.", parameter.name, known ? value_type(parameter.type) : any);
    scope.add("RawParam.", parameter.name, known ? raw_type(parameter.type) : any);
}

}

void Scope::add(std::string_view prefix, std::string_view name, expr::Type type)
{
    names.values.insert_or_assign(
        std::string(prefix) + std::string(name), expr::Value::unresolved(type));
}

Scope Scope::inner() const
{
    Scope out;
    out.names.outer = &names;
    out.where = where;
    out.host = host;
    return out;
}

Scopes scopes_of(std::vector<DeclaredParameter> const& parameters)
{
    Scopes out;
    out.job.where = "when the job is made";
    out.host.where = "in a session";
    out.host.host = expr::Host::to_come;
    for (auto const& parameter : parameters) {
        add_parameter(out.job, parameter);
        add_parameter(out.host, parameter);
    }
    out.host.add("Session.", "WorkingDirectory", expr::path_type);
    out.host.add("Session.", "PathMappingRulesFile", expr::path_type);
    out.host.add("Session.", "HasPathMappingRules", expr::bool_type);
    return out;
}

void check_references(
    Place const& place, FormatString const& string, Scope const& scope, expr::Type target)
{
    if (string.is_literal() || place.faults().full())
        return;
    auto context = context_of(place, scope);
    auto faults = string.check(context, target);
    place.faults().set_budget(context.budget);
    for (auto& fault : faults)
        complain(place, std::move(fault), string.text(), scope);
}

std::optional<FormatString> read_scoped(
    Place const& place, Scope const& scope, TextRule const& rule, expr::Type target)
{
    auto string = read_format(place);
    if (!string)
        return std::nullopt;
    check_references(place, *string, scope, target);
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

std::optional<Reference> read_number_text(Place const& place, Scope const& scope, expr::Type target)
{
    if (!place.require(Extension::feature_bundle_1, "a number given as a string"))
        return std::nullopt;
    auto string = read_format(place);
    if (!string)
        return std::nullopt;
    check_references(place, *string, scope, target);
    return Reference { std::move(*string), place.node().line, place.node().column, place.path() };
}

namespace {

std::optional<expr::LetBinding> read_let(Place const& place, Scope& scope)
{
    if (place.node().kind != Node::Kind::string) {
        place.expected("a binding such as 'half = Param.Frames // 2'");
        return std::nullopt;
    }
    auto const& text = place.node().text;
    auto binding = expr::parse_let(text);
    if (!binding) {
        complain(place, std::move(binding).error(), text, scope);
        // So that its use is not a fault as well.
        auto const name = trim(std::string_view(text).substr(0, text.find('=')));
        if (is_identifier(name) && !scope.names.find(name))
            scope.add("", name, expr::Type::any());
        return std::nullopt;
    }
    if (scope.names.find(binding->name)) {
        place.fault("'{}' has a value here already; a binding may hide no other", binding->name);
        return std::nullopt;
    }
    auto context = context_of(place, scope);
    auto value = binding->value.evaluate_within(context);
    if (value)
        context.budget.bytes -= std::min<std::uint64_t>(value->bytes(), context.budget.bytes);
    place.faults().set_budget(context.budget);
    if (!value) {
        auto fault = std::move(value).error();
        auto const shift = static_cast<std::uint32_t>(text.find('=') + 1);
        fault.begin += shift;
        fault.end += shift;
        fault.caret += shift;
        complain(place, std::move(fault), text, scope);
        value = expr::Value::unresolved(expr::Type::any());
    }
    scope.names.values.emplace(binding->name, std::move(*value));
    return std::move(*binding);
}

}

std::vector<ReadLet> read_lets(Place const& list, Scope& scope, Limits const& limits)
{
    std::vector<ReadLet> out;
    for (auto const& item : read_list(list, { 1, limits.let_bindings })) {
        if (auto binding = read_let(item, scope))
            out.push_back({ std::move(*binding), item });
    }
    return out;
}

}
