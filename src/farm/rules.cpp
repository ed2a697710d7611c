#include <farm/rules.h>

#include <farm/document_fields.h>

#include <algorithm>

namespace sidereal::farm {

namespace {

using openjd::Fields;
using openjd::Place;

std::vector<std::string_view> const tier_words { "idle", "low", "normal", "high", "urgent" };
std::vector<std::string_view> const counted_words { "task", "node", "user" };
std::vector<std::string_view> const mode_words { "enforced", "advisory", "disabled" };

constexpr std::size_t most_rules = 10'000;

// A word of the list as the enum whose values stand in the same order.
template<typename Enum>
void read_enum(Fields const& fields, std::string_view name,
    std::vector<std::string_view> const& words, Enum& target)
{
    auto const place = fields.get(name);
    if (auto const word = place ? openjd::read_word(*place, words) : std::nullopt)
        target = static_cast<Enum>(*word);
}

void check_project_name(Place const& place, std::string_view name)
{
    if (name.starts_with('/') || name.ends_with('/') || name.find("//") != std::string_view::npos)
        place.complain("a project's name has no empty parts: film or film/seq010");
}

ProjectRule read_project(Place const& place)
{
    Fields const fields(place, { "name", "weight", "guaranteed_vcpus", "max_vcpus", "max_tier" });
    ProjectRule project;
    project.name = read_name(fields, "name");
    check_project_name(place, project.name);
    read_amount(fields, "weight", project.weight);
    read_amount(fields, "guaranteed_vcpus", project.guaranteed_vcpus);
    read_amount(fields, "max_vcpus", project.max_vcpus);
    read_enum(fields, "max_tier", tier_words, project.max_tier);
    if (project.max_vcpus && *project.max_vcpus < project.guaranteed_vcpus)
        place.complain("max_vcpus is below guaranteed_vcpus");
    return project;
}

LimitRule read_limit(Place const& place)
{
    Fields const fields(
        place, { "name", "seats", "counted_by", "mode", "soft_seats", "exit_codes" });
    LimitRule limit;
    limit.name = read_name(fields, "name");
    if (fields.need("seats"))
        read_amount(fields, "seats", limit.seats);
    read_enum(fields, "counted_by", counted_words, limit.counted_by);
    read_enum(fields, "mode", mode_words, limit.mode);
    read_amount(fields, "soft_seats", limit.soft_seats);
    if (auto const codes = fields.get("exit_codes"))
        for (auto const& code : openjd::read_list(*codes, { 1, 100 }))
            if (auto const number = openjd::read_int(code, 1, 255))
                limit.exit_codes.push_back(static_cast<int>(*number));
    return limit;
}

PowerRule read_power(Place const& place, PowerRule::Kind kind)
{
    auto const* const rating = kind == PowerRule::Kind::circuit ? "breaker_w" : "cooling_w";
    Fields const fields(place, { "name", rating, "nodes" });
    PowerRule power;
    power.kind = kind;
    power.name = read_name(fields, "name");
    if (fields.need(rating))
        read_amount(fields, rating, power.rated_w);
    if (fields.need("nodes"))
        power.nodes = read_names(fields, "nodes");
    return power;
}

template<typename Rule, typename Read>
std::vector<Rule> read_rules(Fields const& fields, std::string_view name, Read const& read)
{
    std::vector<Rule> rules;
    auto const list = fields.get(name);
    if (!list)
        return rules;
    for (auto const& item : openjd::read_list(*list, { 0, most_rules })) {
        auto rule = read(item);
        auto const twice = std::any_of(
            rules.begin(), rules.end(), [&](Rule const& known) { return known.name == rule.name; });
        if (twice)
            item.fault("'{}' is there twice", rule.name);
        rules.push_back(std::move(rule));
    }
    return rules;
}

Rules read_all(Place const& root)
{
    Fields const fields(root, { "projects", "limits", "circuits", "rooms" });
    Rules rules;
    rules.projects = read_rules<ProjectRule>(fields, "projects", read_project);
    rules.limits = read_rules<LimitRule>(fields, "limits", read_limit);
    for (auto const& [name, kind] : { std::pair("circuits", PowerRule::Kind::circuit),
             std::pair("rooms", PowerRule::Kind::room) }) {
        auto const of_kind = read_rules<PowerRule>(
            fields, name, [kind = kind](Place const& place) { return read_power(place, kind); });
        rules.power.insert(rules.power.end(), of_kind.begin(), of_kind.end());
    }
    return rules;
}

template<typename Rule>
Rule const* find_rule(std::vector<Rule> const& rules, std::string_view name)
{
    auto const found = std::find_if(
        rules.begin(), rules.end(), [&](Rule const& rule) { return rule.name == name; });
    return found == rules.end() ? nullptr : &*found;
}

}

ProjectRule const* Rules::project(std::string_view name) const { return find_rule(projects, name); }
LimitRule const* Rules::limit(std::string_view name) const { return find_rule(limits, name); }

openjd::Checked<Rules> parse_rules(std::string_view text, std::string_view file_name)
{
    return read_whole<Rules>(text, file_name, read_all);
}

}
