#include <openjd/path_mapping.h>

#include <base/json.h>
#include <openjd/expr/pure_path.h>
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

bool is_absolute(PathRule const& rule)
{
    auto const format = rule.format == PathFormat::windows ? expr::HostFormat::windows
                                                           : expr::HostFormat::posix;
    auto const path = expr::PurePath::parse(rule.source, format);
    return path.is_absolute() && path.is_uri == (rule.format == PathFormat::uri);
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
    if (!rule.source.empty() && !is_absolute(rule))
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
        if (auto mapped = expr::apply_rule(rule, path, expr::HostFormat::posix))
            return std::move(*mapped);
    }
    return std::string(path);
}

}
