#include <openjd/path_mapping.h>

#include <base/json.h>
#include <openjd/template_fields.h>
#include <openjd/text_rules.h>

#include <algorithm>
#include <array>
#include <optional>
#include <utility>

namespace sidereal::openjd {

namespace {

constexpr std::string_view rules_version = "pathmapping-1.0";
constexpr std::array<std::string_view, 3> format_names { "POSIX", "WINDOWS", "URI" };

// A path cut into what compares as one piece: its root, then its components.
using Parts = std::vector<std::string_view>;

void add_components(Parts& parts, std::string_view rest, std::string_view separators)
{
    while (!rest.empty()) {
        auto const end = std::min(rest.find_first_of(separators), rest.size());
        auto const part = rest.substr(0, end);
        if (!part.empty() && part != ".")
            parts.push_back(part);
        rest.remove_prefix(std::min(end + 1, rest.size()));
    }
}

std::size_t windows_root(std::string_view path)
{
    auto const is_slash = [](char c) { return c == '/' || c == '\\'; };
    bool const drive = path.size() >= 3 && path[1] == ':' && is_slash(path[2])
        && is_identifier(path.substr(0, 1));
    if (drive)
        return 2;
    return path.size() >= 2 && is_slash(path[0]) && is_slash(path[1]) ? 2 : 0;
}

// Nothing if it is not absolute.
std::optional<Parts> parts_of(std::string_view path, PathFormat format)
{
    Parts parts;
    if (format == PathFormat::posix) {
        if (!path.starts_with('/'))
            return std::nullopt;
        parts.push_back("/");
        add_components(parts, path, "/");
        return parts;
    }
    if (format == PathFormat::uri) {
        auto const colon = path.find("://");
        if (colon == std::string_view::npos || colon == 0)
            return std::nullopt;
        parts.push_back(path.substr(0, colon));
        add_components(parts, path.substr(colon + 3), "/");
        return parts;
    }
    auto const root = windows_root(path);
    if (root == 0)
        return std::nullopt;
    parts.push_back(path[1] == ':' ? path.substr(0, root) : "//");
    add_components(parts, path.substr(root), "/\\");
    return parts;
}

bool same_part(std::string_view a, std::string_view b, PathFormat format)
{
    return format == PathFormat::windows ? to_lower(a) == to_lower(b) : a == b;
}

std::optional<std::string> apply(PathRule const& rule, std::string_view path)
{
    auto const source = parts_of(rule.source, rule.format);
    auto const parts = parts_of(path, rule.format);
    if (!source || !parts || parts->size() < source->size())
        return std::nullopt;
    for (std::size_t i = 0; i < source->size(); ++i) {
        if (!same_part((*source)[i], (*parts)[i], rule.format))
            return std::nullopt;
    }
    auto out = rule.destination;
    for (auto i = source->size(); i < parts->size(); ++i) {
        if (!out.ends_with('/'))
            out += '/';
        out += (*parts)[i];
    }
    bool const folder = path.ends_with('/')
        || (rule.format == PathFormat::windows && path.ends_with('\\'));
    if (folder && !out.ends_with('/'))
        out += '/';
    return out;
}

std::optional<PathRule> read_rule(Place const& place)
{
    Fields const fields(place, { "source_path_format", "source_path", "destination_path" });
    PathRule rule;
    auto const text = [&](std::string_view name) -> std::string {
        auto const field = fields.need(name);
        if (!field)
            return {};
        return read_text(*field, { 1, 1U << 16, TextRule::Controls::refused }).value_or("");
    };
    std::optional<std::size_t> format;
    if (auto const field = fields.need("source_path_format"))
        format = read_word(*field, { format_names.begin(), format_names.end() });
    rule.source = text("source_path");
    rule.destination = text("destination_path");
    if (!format)
        return std::nullopt;
    rule.format = static_cast<PathFormat>(*format);
    if (!rule.source.empty() && !parts_of(rule.source, rule.format))
        place.fault("'{}' is no absolute path of the format {}", excerpt(rule.source),
            format_names[*format]);
    return rule;
}

}

Checked<PathRules> parse_path_rules(std::string_view text, std::string_view file_name)
{
    auto const document = TRY(parse_document(text, file_name));
    FaultList faults(file_name, Limits().faults);
    Fields const fields(Place(faults, document, {}), { "version", "path_mapping_rules" });
    if (auto const version = fields.need("version"))
        read_word(*version, { rules_version });
    PathRules rules;
    if (auto const list = fields.need("path_mapping_rules")) {
        for (auto const& item : read_list(*list, { 0, 10'000 })) {
            if (auto rule = read_rule(item))
                rules.push_back(std::move(*rule));
        }
    }
    if (!faults.empty())
        return tl::unexpected(faults.take());
    std::stable_sort(rules.begin(), rules.end(),
        [](auto const& a, auto const& b) { return a.source.size() > b.source.size(); });
    return rules;
}

std::string to_json(PathRules const& rules)
{
    if (rules.empty())
        return "{}";
    JsonWriter json;
    json.begin_object().field("version", rules_version);
    json.key("path_mapping_rules").begin_array();
    for (auto const& rule : rules) {
        json.begin_object();
        json.field("source_path_format", format_names[static_cast<std::size_t>(rule.format)]);
        json.field("source_path", rule.source).field("destination_path", rule.destination);
        json.end_object();
    }
    json.end_array().end_object();
    return json.take();
}

std::string map_path(PathRules const& rules, std::string_view path)
{
    for (auto const& rule : rules) {
        if (auto mapped = apply(rule, path))
            return std::move(*mapped);
    }
    return std::string(path);
}

}
