#include <openjd/template_reader.h>

#include <algorithm>
#include <array>
#include <set>

namespace sidereal::openjd {

namespace {

constexpr auto int64_max = std::numeric_limits<std::int64_t>::max();

bool is_number(ParameterType type)
{
    return type == ParameterType::integer || type == ParameterType::floating;
}

// A value of a parameter inside its definition: default, allowed value or bound.
std::optional<std::string> read_value(Place const& place, ParameterType type)
{
    auto const& node = place.node();
    if (!is_number(type)) {
        if (node.kind == Node::Kind::string)
            return node.text;
        place.expected("a string (in quotes, if it looks like something else)");
        return std::nullopt;
    }
    bool const integer = type == ParameterType::integer;
    auto const wanted = integer ? "a whole number in the 64-bit range" : "a finite number";
    bool const kind_fits = node.kind == Node::Kind::integer || node.kind == Node::Kind::string
        || (!integer && node.kind == Node::Kind::floating);
    if (!kind_fits) {
        place.expected(wanted);
        return std::nullopt;
    }
    auto const text = node.kind == Node::Kind::string ? std::string(trim(node.text))
                                                      : node.as_text();
    bool const readable = integer ? parse_int(text).has_value() : parse_float(text).has_value();
    if (!readable) {
        place.fault("'{}' is not {}", excerpt(text), wanted);
        return std::nullopt;
    }
    return text;
}

void read_number_bounds(Fields const& fields, ParameterDefinition& out)
{
    if (auto const place = fields.get("minValue"))
        out.min_value = read_value(*place, out.type);
    auto const most = fields.get("maxValue");
    if (!most)
        return;
    out.max_value = read_value(*most, out.type);
    if (!out.min_value || !out.max_value)
        return;
    bool const crossed = out.type == ParameterType::integer
        ? *parse_int(*out.min_value) > *parse_int(*out.max_value)
        : *parse_float(*out.min_value) > *parse_float(*out.max_value);
    if (crossed)
        most->fault("{} is less than minValue, {}", *out.max_value, *out.min_value);
}

void read_length_bounds(Fields const& fields, ParameterDefinition& out)
{
    if (auto const place = fields.get("minLength"))
        out.min_length = read_int(*place, 0, int64_max);
    auto const most = fields.get("maxLength");
    if (!most)
        return;
    out.max_length = read_int(*most, 1, int64_max);
    if (out.min_length && out.max_length && *out.max_length < *out.min_length)
        most->fault("{} is less than minLength, {}", *out.max_length, *out.min_length);
}

// Whether a value obeys the definition's constraints as read so far.
bool check_against(Place const& place, ParameterDefinition const& definition,
    std::string const& text, Limits const& limits)
{
    auto const checked = check_value(definition, text, limits);
    if (!checked)
        place.complain(checked.error().message);
    return checked.has_value();
}

void read_allowed_and_default(Fields const& fields, Limits const& limits, ParameterDefinition& out)
{
    auto const& node = fields.place().node();
    if (auto const* const allowed = node.find("allowedValues");
        allowed && allowed->kind == Node::Kind::null)
        fields.place().complain_at(allowed->line, allowed->column,
            "allowedValues must be a list with at least one value; leave it out to allow all");
    if (auto const place = fields.get("allowedValues")) {
        std::vector<std::string> allowed;
        for (auto const& item : read_list(*place, { 1, int64_max })) {
            auto text = read_value(item, out.type);
            if (text && check_against(item, out, *text, limits))
                allowed.push_back(std::move(*text));
        }
        out.allowed_values = std::move(allowed);
    }
    if (auto const place = fields.get("default")) {
        out.default_text = read_value(*place, out.type);
        if (out.default_text)
            check_against(*place, out, *out.default_text, limits);
    }
}

bool is_file_pattern(std::string_view pattern)
{
    if (pattern == "*" || pattern == "*.*")
        return true;
    if (!pattern.starts_with("*.") || pattern.size() == 2)
        return false;
    // No wildcards, path separators or characters with a meaning in shells and file systems.
    return pattern.substr(2).find_first_of("*?[]{}\\/:;\"'`<>|&$#%@!~()^=\n\r\t")
        == std::string::npos;
}

std::optional<FileFilter> read_file_filter(Place const& place, Limits const& limits)
{
    Fields const fields(place, { "label", "patterns" });
    FileFilter out;
    if (auto const label = fields.need("label"))
        out.label
            = read_text(*label, { 1, limits.label, TextRule::Controls::refused }).value_or("");
    auto const patterns = fields.need("patterns");
    if (!patterns)
        return std::nullopt;
    for (auto const& item : read_list(*patterns, { 1, limits.file_patterns })) {
        auto pattern = read_text(item, { 1, limits.file_pattern, TextRule::Controls::refused });
        if (!pattern)
            continue;
        if (!is_file_pattern(*pattern))
            item.fault("'{}' is no file pattern; allowed: *, *.* and *.ext", excerpt(*pattern));
        out.patterns.push_back(std::move(*pattern));
    }
    return out;
}

std::vector<std::string_view> controls_of(ParameterType type)
{
    switch (type) {
    case ParameterType::string:
        return { "LINE_EDIT", "MULTILINE_EDIT", "DROPDOWN_LIST", "CHECK_BOX", "HIDDEN" };
    case ParameterType::path:
        return { "CHOOSE_INPUT_FILE", "CHOOSE_OUTPUT_FILE", "CHOOSE_DIRECTORY", "DROPDOWN_LIST",
            "HIDDEN" };
    case ParameterType::integer:
    case ParameterType::floating: return { "SPIN_BOX", "DROPDOWN_LIST", "HIDDEN" };
    case ParameterType::integer_chunk: break;
    }
    return {};
}

bool is_check_box_pair(std::vector<std::string> const& allowed)
{
    static constexpr std::array<std::pair<std::string_view, std::string_view>, 4> pairs { {
        { "true", "false" },
        { "yes", "no" },
        { "on", "off" },
        { "1", "0" },
    } };
    if (allowed.size() != 2)
        return false;
    auto const first = to_lower(allowed[0]);
    auto const second = to_lower(allowed[1]);
    return std::any_of(pairs.begin(), pairs.end(), [&](auto const& pair) {
        return (pair.first == first && pair.second == second)
            || (pair.first == second && pair.second == first);
    });
}

void check_control(Place const& place, ParameterDefinition const& definition, Fields const& fields)
{
    auto const& control = definition.user_interface->control;
    bool const has_allowed = fields.place().node().find("allowedValues") != nullptr;
    bool const is_hidden = control == "HIDDEN";
    if (control == "DROPDOWN_LIST") {
        if (!has_allowed)
            place.complain("DROPDOWN_LIST needs allowedValues");
    } else if (control == "CHECK_BOX") {
        if (!is_check_box_pair(definition.allowed_values))
            place.complain(
                "CHECK_BOX needs two allowedValues: true and false, yes and no, on and off, "
                "or 1 and 0");
    } else if (has_allowed && !is_hidden) {
        place.fault("{} does not go with allowedValues; use DROPDOWN_LIST", control);
    }
    if (definition.type != ParameterType::path || fields.get("objectType") == std::nullopt)
        return;
    bool const file = definition.object_type == PathObject::file;
    if (control == "CHOOSE_DIRECTORY" && file)
        place.complain("CHOOSE_DIRECTORY does not go with objectType FILE");
    if (control.starts_with("CHOOSE_") && control.ends_with("_FILE") && !file)
        place.fault("{} does not go with objectType DIRECTORY", control);
}

void read_number_hints(Fields const& fields, ParameterType type, UserInterface& out)
{
    bool const spins = out.control.empty() || out.control == "SPIN_BOX";
    if (auto const place = fields.get("decimals")) {
        out.decimals = read_int(*place, 0, 100);
        if (!spins)
            place->fault("decimals goes with SPIN_BOX only, not with {}", out.control);
    }
    auto const place = fields.get("singleStepDelta");
    if (!place)
        return;
    if (!spins)
        place->fault("singleStepDelta goes with SPIN_BOX only, not with {}", out.control);
    bool const integer = type == ParameterType::integer;
    auto const text = read_value(*place, type);
    if (!text)
        return;
    out.single_step_delta = integer ? static_cast<double>(*parse_int(*text)) : *parse_float(*text);
    if (*out.single_step_delta <= 0)
        place->fault("{} must be greater than 0", *text);
}

void read_file_hints(Fields const& fields, Limits const& limits, UserInterface& out)
{
    bool const chooses_file = out.control.empty() || out.control.ends_with("_FILE");
    if (auto const place = fields.get("fileFilters")) {
        if (!chooses_file)
            place->fault("fileFilters goes with a choice of files only, not with {}", out.control);
        for (auto const& item : read_list(*place, { 1, limits.file_filters })) {
            if (auto filter = read_file_filter(item, limits))
                out.file_filters.push_back(std::move(*filter));
        }
    }
    if (auto const place = fields.get("fileFilterDefault")) {
        if (!chooses_file)
            place->fault(
                "fileFilterDefault goes with a choice of files only, not with {}", out.control);
        out.file_filter_default = read_file_filter(*place, limits);
    }
}

Fields user_interface_fields(Place const& place, ParameterType type)
{
    switch (type) {
    case ParameterType::string: return Fields(place, { "control", "label", "groupLabel" });
    case ParameterType::path:
        return Fields(
            place, { "control", "label", "groupLabel", "fileFilters", "fileFilterDefault" });
    case ParameterType::integer:
        return Fields(place, { "control", "label", "groupLabel", "singleStepDelta" });
    case ParameterType::floating:
    case ParameterType::integer_chunk: break;
    }
    return Fields(place, { "control", "label", "groupLabel", "singleStepDelta", "decimals" });
}

void read_user_interface(Fields const& definition, Limits const& limits, ParameterDefinition& out)
{
    auto const place = definition.get("userInterface");
    if (!place)
        return;
    auto const fields = user_interface_fields(*place, out.type);
    auto& hints = out.user_interface.emplace();
    TextRule const label_rule { 1, limits.label, TextRule::Controls::refused };
    if (auto const label = fields.get("label"))
        hints.label = read_text(*label, label_rule).value_or("");
    if (auto const label = fields.get("groupLabel"))
        hints.group_label = read_text(*label, label_rule).value_or("");
    if (auto const control = fields.get("control")) {
        auto const controls = controls_of(out.type);
        if (auto const index = read_word(*control, controls)) {
            hints.control = controls[*index];
            check_control(*control, out, definition);
        }
    }
    if (is_number(out.type))
        read_number_hints(fields, out.type, hints);
    if (out.type == ParameterType::path)
        read_file_hints(fields, limits, hints);
}

Fields definition_fields(Place const& place, ParameterType type)
{
    if (is_number(type))
        return Fields(place,
            { "name", "type", "description", "default", "allowedValues", "minValue", "maxValue",
                "userInterface" });
    if (type == ParameterType::path)
        return Fields(place,
            { "name", "type", "description", "default", "allowedValues", "minLength", "maxLength",
                "objectType", "dataFlow", "userInterface" });
    return Fields(place,
        { "name", "type", "description", "default", "allowedValues", "minLength", "maxLength",
            "userInterface" });
}

// The type decides which other fields there may be.
std::optional<ParameterType> read_type(Place const& place)
{
    auto const* const node = place.node().find("type");
    if (!node || node->kind == Node::Kind::null) {
        place.fault("the field 'type' is missing; allowed: STRING, PATH, INT, FLOAT");
        return std::nullopt;
    }
    auto const type = parse_parameter_type(node->text);
    if (type && node->kind == Node::Kind::string)
        return type;
    static constexpr std::array<std::string_view, 2> extended { "BOOL", "RANGE_EXPR" };
    bool const known = node->text.starts_with("LIST[")
        || std::find(extended.begin(), extended.end(), node->text) != extended.end();
    place.complain_at(node->line, node->column,
        fmt::format("'{}' is no type; allowed: STRING, PATH, INT, FLOAT{}", excerpt(node->text),
            known ? "; it belongs to the extension EXPR" : ""));
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
    if (is_number(type))
        read_number_bounds(fields, out);
    else
        read_length_bounds(fields, out);
    read_allowed_and_default(fields, limits, out);
    read_user_interface(fields, limits, out);
    return out;
}

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
