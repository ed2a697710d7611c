#include <farm/rules.h>

#include <farm/document_fields.h>
#include <farm/farm.h>
#include <farm/limit_report.h>
#include <farm/log_rules.h>
#include <openjd/template.h>

#include <algorithm>

namespace sidereal::farm {

namespace {

using openjd::Fields;
using openjd::Place;

std::vector<std::string_view> const tier_words { "idle", "low", "normal", "high", "urgent" };
std::vector<std::string_view> const counted_words { "task", "node", "user" };
std::vector<std::string_view> const mode_words { "enforced", "advisory", "disabled" };

constexpr std::size_t most_rules = 10'000;
constexpr openjd::TextRule template_rule { 1, 1U << 20U, openjd::TextRule::Controls::allowed };
constexpr openjd::TextRule pattern_rule { 1, 1024, openjd::TextRule::Controls::refused };

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

void read_pools(Fields const& fields, ProjectRule& project)
{
    auto const pools = fields.get("pools");
    if (!pools)
        return;
    if (pools->node().kind != openjd::Node::Kind::map)
        return pools->expected("an object whose names are the pools'");
    for (std::size_t i = 0; i < pools->node().keys.size(); ++i) {
        auto const place = pools->member(i);
        Fields const parts(place, { "guaranteed_vcpus", "max_vcpus" });
        auto& share = project.pools[pools->node().keys[i].text];
        read_amount(parts, "guaranteed_vcpus", share.guaranteed_vcpus);
        read_amount(parts, "max_vcpus", share.max_vcpus);
        if (share.max_vcpus && *share.max_vcpus < share.guaranteed_vcpus)
            place.complain("max_vcpus is below guaranteed_vcpus");
    }
}

ProjectRule read_project(Place const& place)
{
    Fields const fields(
        place, { "name", "weight", "guaranteed_vcpus", "max_vcpus", "max_tier", "pools" });
    ProjectRule project;
    project.name = read_name(fields, "name");
    check_project_name(place, project.name);
    read_amount(fields, "weight", project.weight);
    read_amount(fields, "guaranteed_vcpus", project.guaranteed_vcpus);
    read_amount(fields, "max_vcpus", project.max_vcpus);
    read_enum(fields, "max_tier", tier_words, project.max_tier);
    read_pools(fields, project);
    if (project.max_vcpus && *project.max_vcpus < project.guaranteed_vcpus)
        place.complain("max_vcpus is below guaranteed_vcpus");
    return project;
}

LimitPoll read_poll(Place const& place)
{
    Fields const fields(place, { "command", "every_s", "pattern" });
    LimitPoll poll;
    if (fields.need("command"))
        poll.command = read_names(fields, "command");
    read_seconds(fields, "every_s", poll.every);
    auto const pattern = fields.need("pattern");
    poll.pattern = pattern ? openjd::read_text(*pattern, pattern_rule).value_or("") : "";
    if (auto const fault = fault_of_pattern(poll.pattern); pattern && !fault.empty())
        pattern->fault("{}", fault);
    return poll;
}

LimitRule read_limit(Place const& place)
{
    Fields const fields(place,
        { "name", "seats", "counted_by", "mode", "soft_seats", "exit_codes", "log_patterns",
            "poll" });
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
    limit.log_patterns = read_log_patterns(fields, "log_patterns");
    if (auto const poll = fields.get("poll"))
        limit.poll = read_poll(*poll);
    return limit;
}

PreemptionRule read_preemption(Place const& place)
{
    Fields const fields(place, { "from", "drain_s" });
    PreemptionRule preemption;
    if (fields.need("from"))
        read_enum(fields, "from", tier_words, preemption.from);
    if (preemption.from == Tier::idle)
        place.complain("from: there is no tier below idle whose work could be stopped");
    read_seconds(fields, "drain_s", preemption.drain);
    return preemption;
}

// Nobody can say what folder a relative path of the farm's own template would belong to.
void check_no_default_path(Place const& place, openjd::EnvironmentTemplate const& environment)
{
    for (auto const& parameter : environment.parameters) {
        if (parameter.type == openjd::ParameterType::path
            && !parameter.default_text.value_or("").empty())
            place.fault("parameter '{}' is a path with a default, which would be relative to the "
                        "template's folder, and the rules have none: leave it out, or use STRING",
                parameter.name);
    }
}

EnvironmentRule read_environment_rule(Place const& place)
{
    Fields const fields(place, { "name", "projects", "template" });
    EnvironmentRule environment;
    environment.name = read_name(fields, "name");
    environment.projects = read_names(fields, "projects");
    auto const text = fields.need("template");
    if (!text)
        return environment;
    environment.template_text = openjd::read_text(*text, template_rule).value_or("");
    if (environment.template_text.empty())
        return environment;
    auto const decoded = openjd::decode_environment_template(environment.template_text, "");
    if (decoded)
        check_no_default_path(*text, *decoded);
    else
        for (auto const& fault : decoded.error())
            text->fault("line {}, column {} of the template: {}{}{}", fault.line, fault.column,
                fault.path, fault.path.empty() ? "" : ": ", fault.message);
    return environment;
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

SleepRule read_sleep(Place const& place)
{
    Fields const fields(place, { "after_s", "keep_awake", "wake_s", "nodes" });
    SleepRule rule;
    read_seconds(fields, "after_s", rule.after);
    if (auto const least = fields.get("keep_awake"))
        if (auto const number = openjd::read_int(*least, 0, 1'000'000))
            rule.keep_awake = static_cast<std::uint64_t>(*number);
    read_seconds(fields, "wake_s", rule.wake);
    if (fields.need("nodes"))
        rule.nodes = read_names(fields, "nodes");
    return rule;
}

void read_step_part(Fields const& fields, Rules& rules)
{
    read_amount(fields, "step_part_of_node", rules.step_part_of_node);
    if (rules.step_part_of_node && *rules.step_part_of_node > 1)
        fields.get("step_part_of_node")->expected("a part of a node, at most 1");
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
    Fields const fields(root,
        { "projects", "limits", "circuits", "rooms", "preemption", "environments", "power",
            "step_part_of_node", "log_rules", "shipped_log_rules" });
    Rules rules;
    rules.projects = read_rules<ProjectRule>(fields, "projects", read_project);
    rules.limits = read_rules<LimitRule>(fields, "limits", read_limit);
    for (auto const& [name, kind] : { std::pair("circuits", PowerRule::Kind::circuit),
             std::pair("rooms", PowerRule::Kind::room) }) {
        auto const of_kind = read_rules<PowerRule>(
            fields, name, [kind = kind](Place const& place) { return read_power(place, kind); });
        rules.power.insert(rules.power.end(), of_kind.begin(), of_kind.end());
    }
    if (auto const preemption = fields.get("preemption"))
        rules.preemption = read_preemption(*preemption);
    rules.environments = read_rules<EnvironmentRule>(fields, "environments", read_environment_rule);
    if (auto const power = fields.get("power")) {
        Fields const parts(*power, { "sleep" });
        if (auto const sleeping = parts.get("sleep"))
            rules.sleeping = read_sleep(*sleeping);
    }
    read_step_part(fields, rules);
    for (auto const& limit : rules.limits)
        for (auto const& pattern : limit.log_patterns)
            rules.log_rules.push_back({ pattern, wire::Cause::no_licence, limit.name });
    for (auto& rule : read_log_rules(fields, "log_rules"))
        rules.log_rules.push_back(std::move(rule));
    read_flag(fields, "shipped_log_rules", rules.shipped_log_rules);
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

bool SleepRule::applies_to(std::string_view node) const
{
    return std::any_of(nodes.begin(), nodes.end(),
        [&](std::string const& pattern) { return name_matches(pattern, node); });
}

ProjectRule const* Rules::project(std::string_view name) const { return find_rule(projects, name); }
LimitRule const* Rules::limit(std::string_view name) const { return find_rule(limits, name); }

std::vector<openjd::TemplateText> Rules::environments_around(std::string_view project) const
{
    auto const owners = project_and_parents(project);
    std::vector<openjd::TemplateText> around;
    for (auto const& rule : environments) {
        auto const meant = std::any_of(
            rule.projects.begin(), rule.projects.end(), [&](std::string const& name) {
                return std::find(owners.begin(), owners.end(), name) != owners.end();
            });
        if (meant || rule.projects.empty())
            around.push_back({ rule.template_text, fmt::format("environment '{}'", rule.name) });
    }
    return around;
}

LimitRule const* Rules::limit_of_exit_code(
    int exit_code, std::vector<std::pair<std::string, double>> const& wanted) const
{
    LimitRule const* found = nullptr;
    for (auto const& rule : limits) {
        auto const& codes = rule.exit_codes;
        if (rule.mode == LimitMode::disabled
            || std::find(codes.begin(), codes.end(), exit_code) == codes.end())
            continue;
        auto const asked = std::any_of(wanted.begin(), wanted.end(),
            [&](auto const& entry) { return entry.first == rule.name; });
        if (asked)
            return &rule;
        found = found ? found : &rule;
    }
    return found;
}

std::shared_ptr<wire::LogRuleSet const> log_rules_of(Rules const& rules)
{
    auto all = rules.log_rules;
    if (rules.shipped_log_rules)
        all.insert(all.end(), shipped_log_rules().begin(), shipped_log_rules().end());
    return make_log_rule_set(std::move(all));
}

openjd::Checked<Rules> parse_rules(std::string_view text, std::string_view file_name)
{
    return read_whole<Rules>(text, file_name, read_all);
}

}
