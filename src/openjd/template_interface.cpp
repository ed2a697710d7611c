#include <openjd/template_reader.h>

#include <openjd/parameter_value.h>

#include <algorithm>
#include <array>

namespace sidereal::openjd {

namespace {

bool is_file_pattern(std::string_view pattern)
{
    if (pattern == "*" || pattern == "*.*")
        return true;
    if (!pattern.starts_with("*.") || pattern.size() == 2)
        return false;
    // No wildcards, path separators or characters that paths commonly may not have.
    return pattern.substr(2).find_first_of("*?[]{}\\/:\"'`<>|&$#%@!=") == std::string::npos;
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
    case ParameterType::boolean: return { "CHECK_BOX", "HIDDEN" };
    case ParameterType::range: return { "LINE_EDIT", "HIDDEN" };
    case ParameterType::string_list: return { "LINE_EDIT_LIST", "HIDDEN" };
    case ParameterType::path_list:
        return { "CHOOSE_INPUT_FILE_LIST", "CHOOSE_OUTPUT_FILE_LIST", "CHOOSE_DIRECTORY_LIST",
            "HIDDEN" };
    case ParameterType::integer_list:
    case ParameterType::floating_list: return { "SPIN_BOX_LIST", "HIDDEN" };
    case ParameterType::boolean_list: return { "CHECK_BOX_LIST", "HIDDEN" };
    case ParameterType::integer_list_list: return { "HIDDEN" };
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
    if (needs_expressions(definition.type))
        return;
    auto const& control = definition.user_interface->control;
    bool const has_allowed = fields.place().node().find("allowedValues") != nullptr;
    bool const is_hidden = control == "HIDDEN";
    if (control == "DROPDOWN_LIST") {
        if (!has_allowed)
            place.complain("DROPDOWN_LIST needs allowedValues");
    } else if (control == "CHECK_BOX") {
        if (!is_check_box_pair(definition.rules[0].allowed_values))
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

// Where none is given, the other fields say which control is meant.
std::string_view control_in_force(Fields const& fields, ParameterDefinition const& definition)
{
    auto const& given = definition.user_interface->control;
    if (!given.empty())
        return given;
    if (fields.place().node().find("allowedValues"))
        return "DROPDOWN_LIST";
    if (is_number(item_type(definition.type).value_or(definition.type)))
        return "SPIN_BOX";
    return definition.object_type == PathObject::file ? "CHOOSE_INPUT_FILE" : "CHOOSE_DIRECTORY";
}

void read_number_hints(
    Fields const& fields, ParameterType type, std::string_view control, UserInterface& out)
{
    bool const spins = control.starts_with("SPIN_BOX");
    if (auto const place = fields.get("decimals")) {
        out.decimals = read_int(*place, 0, 100);
        if (!spins)
            place->fault("decimals goes with a choice of numbers only, not with {}", control);
    }
    auto const place = fields.get("singleStepDelta");
    if (!place)
        return;
    if (!spins)
        place->fault("singleStepDelta goes with a choice of numbers only, not with {}", control);
    auto const delta = value_of(place->node(), type);
    if (!delta)
        return place->complain(delta.error().message);
    out.single_step_delta = delta->as_double();
    if (*out.single_step_delta <= 0)
        place->fault("{} must be greater than 0", delta->to_text());
}

void read_file_hints(
    Fields const& fields, Limits const& limits, std::string_view control, UserInterface& out)
{
    bool const chooses_file = control.find("_FILE") != std::string_view::npos;
    if (auto const place = fields.get("fileFilters")) {
        if (!chooses_file)
            place->fault("fileFilters goes with a choice of files only, not with {}", control);
        for (auto const& item : read_list(*place, { 1, limits.file_filters })) {
            if (auto filter = read_file_filter(item, limits))
                out.file_filters.push_back(std::move(*filter));
        }
    }
    if (auto const place = fields.get("fileFilterDefault")) {
        if (!chooses_file)
            place->fault(
                "fileFilterDefault goes with a choice of files only, not with {}", control);
        out.file_filter_default = read_file_filter(*place, limits);
    }
}

Fields user_interface_fields(Place const& place, ParameterType type)
{
    switch (type) {
    case ParameterType::path:
    case ParameterType::path_list:
        return Fields(
            place, { "control", "label", "groupLabel", "fileFilters", "fileFilterDefault" });
    case ParameterType::integer:
    case ParameterType::integer_list:
        return Fields(place, { "control", "label", "groupLabel", "singleStepDelta" });
    case ParameterType::floating:
    case ParameterType::floating_list:
        return Fields(place, { "control", "label", "groupLabel", "singleStepDelta", "decimals" });
    default: return Fields(place, { "control", "label", "groupLabel" });
    }
}

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
    auto const scalar = item_type(out.type).value_or(out.type);
    auto const control = control_in_force(definition, out);
    if (is_number(scalar))
        read_number_hints(fields, scalar, control, hints);
    if (holds_paths(out.type))
        read_file_hints(fields, limits, control, hints);
}

}
