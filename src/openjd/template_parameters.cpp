#include <openjd/template_reader.h>

#include <openjd/parameter_value.h>

#include <algorithm>
#include <limits>
#include <set>

namespace sidereal::openjd {

namespace {

constexpr auto int64_max = std::numeric_limits<std::int64_t>::max();

// A value of a parameter inside its definition, default, allowed value or bound, as its text.
std::optional<std::string> read_value(Place const& place, ParameterType type)
{
    auto const& node = place.node();
    auto const value = value_of(node, type);
    if (!value) {
        place.complain(value.error().message);
        return std::nullopt;
    }
    if (node.kind == Node::Kind::string)
        return is_number(type) ? std::string(trim(node.text)) : node.text;
    auto text = parameter_text(node);
    return text ? std::optional(std::move(*text)) : std::nullopt;
}

void read_number_bounds(Fields const& fields, ParameterType type, ValueRules& out)
{
    if (auto const place = fields.get("minValue"))
        out.min_value = read_value(*place, type);
    auto const most = fields.get("maxValue");
    if (!most)
        return;
    out.max_value = read_value(*most, type);
    if (!out.min_value || !out.max_value)
        return;
    auto const lower = value_of(*out.min_value, type);
    auto const upper = value_of(*out.max_value, type);
    if (lower && upper && expr::compare(*lower, *upper).value_or(0) > 0)
        most->fault("{} is less than minValue, {}", *out.max_value, *out.min_value);
}

void read_length_bounds(Fields const& fields, ParameterType type, ValueRules& out)
{
    bool const is_list = item_type(type).has_value();
    if (auto const place = fields.get("minLength"))
        out.min_length = read_int(*place, type == ParameterType::range ? 1 : 0, int64_max);
    auto const most = fields.get("maxLength");
    if (!most)
        return;
    out.max_length = read_int(*most, is_list ? 0 : 1, int64_max);
    if (out.min_length && out.max_length && *out.max_length < *out.min_length)
        most->fault("{} is less than minLength, {}", *out.max_length, *out.min_length);
}

// Whether a value obeys the rules as read so far.
bool check_against(Place const& place, ParameterDefinition const& definition,
    std::string const& text, Limits const& limits)
{
    auto const checked = check_value(definition, text, limits);
    if (!checked)
        place.complain(checked.error().message);
    return checked.has_value();
}

void read_allowed(Fields const& fields, ParameterType type, Limits const& limits, ValueRules& out)
{
    auto const& node = fields.place().node();
    if (auto const* const allowed = node.find("allowedValues");
        allowed && allowed->kind == Node::Kind::null)
        fields.place().complain_at(allowed->line, allowed->column,
            "allowedValues must be a list with at least one value; leave it out to allow all");
    auto const place = fields.get("allowedValues");
    if (!place)
        return;
    ParameterDefinition so_far;
    so_far.type = type;
    so_far.rules[0] = out;
    for (auto const& item : read_list(*place, { 1, int64_max })) {
        auto text = read_value(item, type);
        if (text && check_against(item, so_far, *text, limits))
            out.allowed_values.push_back(std::move(*text));
    }
}

Fields item_fields(Place const& place, ParameterType type)
{
    if (is_number(type))
        return Fields(place, { "allowedValues", "minValue", "maxValue" });
    if (item_type(type))
        return Fields(place, { "minLength", "maxLength", "item" });
    return Fields(place, { "allowedValues", "minLength", "maxLength" });
}

// The rules of one level, then those of its items.
void read_rules(Fields const& fields, ParameterType type, Limits const& limits, std::size_t level,
    ParameterDefinition& out)
{
    auto& rules = out.rules.at(level);
    if (is_number(type))
        read_number_bounds(fields, type, rules);
    else if (type != ParameterType::boolean)
        read_length_bounds(fields, type, rules);
    if (is_number(type) || type == ParameterType::string || type == ParameterType::path)
        read_allowed(fields, type, limits, rules);
    auto const item = item_type(type);
    if (!item || *item == ParameterType::boolean)
        return;
    if (auto const place = fields.get("item"))
        read_rules(item_fields(*place, *item), *item, limits, level + 1, out);
}

Fields definition_fields(Place const& place, ParameterType type)
{
    switch (type) {
    case ParameterType::integer:
    case ParameterType::floating:
        return Fields(place,
            { "name", "type", "description", "default", "allowedValues", "minValue", "maxValue",
                "userInterface" });
    case ParameterType::path:
        return Fields(place,
            { "name", "type", "description", "default", "allowedValues", "minLength", "maxLength",
                "objectType", "dataFlow", "userInterface" });
    case ParameterType::string:
        return Fields(place,
            { "name", "type", "description", "default", "allowedValues", "minLength", "maxLength",
                "userInterface" });
    case ParameterType::boolean:
        return Fields(place, { "name", "type", "description", "default", "userInterface" });
    case ParameterType::range:
    case ParameterType::boolean_list:
        return Fields(place,
            { "name", "type", "description", "default", "minLength", "maxLength",
                "userInterface" });
    case ParameterType::path_list:
        return Fields(place,
            { "name", "type", "description", "default", "minLength", "maxLength", "item",
                "objectType", "dataFlow", "userInterface" });
    default:
        return Fields(place,
            { "name", "type", "description", "default", "minLength", "maxLength", "item",
                "userInterface" });
    }
}

// The type decides which other fields there may be.
std::optional<ParameterType> read_type(Place const& place)
{
    bool const extended = place.declares(Extension::expr);
    auto const* const node = place.node().find("type");
    std::string_view const known = extended
        ? "STRING, PATH, INT, FLOAT, BOOL, RANGE_EXPR, LIST[...]"
        : "STRING, PATH, INT, FLOAT";
    if (!node || node->kind == Node::Kind::null) {
        place.fault("the field 'type' is missing; allowed: {}", known);
        return std::nullopt;
    }
    auto const type = read_parameter_type(place, node->text);
    if (type && node->kind == Node::Kind::string && (extended || !needs_expressions(*type)))
        return type;
    bool const is_later = parse_parameter_type(to_upper(node->text)).has_value();
    place.complain_at(node->line, node->column,
        fmt::format("'{}' is no type; allowed: {}{}", excerpt(node->text), known,
            is_later ? "; it belongs to the extension EXPR: list it under 'extensions' to use it"
                     : ""));
    return std::nullopt;
}

ParameterDefinition read_definition(Place const& place, ParameterType type, Limits const& limits)
{
    auto const fields = definition_fields(place, type);
    ParameterDefinition out;
    out.type = type;
    out.line = place.node().line;
    out.column = place.node().column;
    if (auto const name = fields.need("name"))
        out.name = read_identifier(*name, limits).value_or("");
    out.description = read_description(fields, limits);
    if (auto const object = fields.get("objectType"))
        out.object_type = read_word(*object, { "FILE", "DIRECTORY" }) == std::size_t { 0 }
            ? PathObject::file
            : PathObject::directory;
    if (auto const flow = fields.get("dataFlow"))
        out.data_flow = static_cast<DataFlow>(
            read_word(*flow, { "NONE", "IN", "OUT", "INOUT" }).value_or(0));
    read_rules(fields, type, limits, 0, out);
    if (auto const given = fields.get("default")) {
        out.default_text = read_value(*given, type);
        if (out.default_text)
            check_against(*given, out, *out.default_text, limits);
    }
    read_user_interface(fields, limits, out);
    return out;
}

}

std::optional<ParameterType> read_parameter_type(Place const& place, std::string_view text)
{
    return parse_parameter_type(
        place.declares(Extension::expr) ? to_upper(text) : std::string(text));
}

ReadParameters read_parameters(Place const& list, Limits const& limits)
{
    ReadParameters out;
    std::set<std::string, std::less<>> seen;
    for (auto const& item : read_list(list, { 1, limits.job_parameters })) {
        if (item.node().kind != Node::Kind::map) {
            item.expected("an object");
            continue;
        }
        auto const type = read_type(item);
        auto const* const name = item.node().find("name");
        if (name && is_identifier(name->text)) {
            out.declared.push_back(
                { name->text, type.value_or(ParameterType::string), type.has_value() });
            if (!seen.insert(name->text).second)
                item.complain_at(name->line, name->column,
                    fmt::format("a parameter '{}' is defined above already", excerpt(name->text)));
        }
        if (type)
            out.definitions.push_back(read_definition(item, *type, limits));
    }
    return out;
}

}
