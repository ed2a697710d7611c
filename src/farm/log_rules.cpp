#include <farm/log_rules.h>

#include <base/verify.h>
#include <farm/document_fields.h>
#include <farm/shipped.h>

#include <re2/re2.h>

#include <algorithm>
#include <array>
#include <utility>

namespace sidereal::farm {

namespace {

using openjd::Fields;
using openjd::Place;

constexpr std::size_t most_rules = 1'000;
// Of one compiled pattern: (?:x{1000}){1000} must not take the agents' memory.
constexpr std::int64_t pattern_memory_bytes = 1 << 20;
constexpr openjd::TextRule pattern_rule { 1, 1024, openjd::TextRule::Controls::refused };
constexpr openjd::TextRule limit_rule { 1, 128, openjd::TextRule::Controls::refused };

std::vector<std::string_view> const means_words { "no_licence", "out_of_memory", "out_of_vram",
    "node_fault", "fatal" };
constexpr std::array meanings { wire::Cause::no_licence, wire::Cause::out_of_memory,
    wire::Cause::out_of_vram, wire::Cause::node_fault, wire::Cause::fatal };

std::string_view word_of(wire::Cause cause)
{
    auto const* const found = std::find(meanings.begin(), meanings.end(), cause);
    VERIFY(found != meanings.end());
    return means_words[static_cast<std::size_t>(found - meanings.begin())];
}

std::string read_pattern(Place const& place)
{
    auto text = openjd::read_text(place, pattern_rule).value_or("");
    RE2::Options options(RE2::Quiet);
    options.set_max_mem(pattern_memory_bytes);
    RE2 const compiled(text, options);
    if (!compiled.ok())
        place.fault("is no regular expression (RE2): {}", compiled.error());
    else if (!text.empty() && RE2::PartialMatch("", compiled))
        place.fault("matches every line: say what must stand in it");
    return text;
}

wire::LogRule read_log_rule(Place const& place)
{
    Fields const fields(place, { "pattern", "means", "limit", "even_on_success" });
    wire::LogRule rule;
    if (auto const pattern = fields.need("pattern"))
        rule.pattern = read_pattern(*pattern);
    auto const means = fields.need("means");
    auto const word = means ? openjd::read_word(*means, means_words) : std::nullopt;
    if (word)
        rule.cause = meanings[*word];
    if (auto const limit = fields.get("limit"))
        rule.limit = openjd::read_text(*limit, limit_rule).value_or("");
    if (word && (rule.cause == wire::Cause::no_licence) != fields.get("limit").has_value())
        place.complain("no_licence, and only that, needs a 'limit': the one whose seat is missing");
    read_flag(fields, "even_on_success", rule.even_on_success);
    return rule;
}

// FNV-1a, so that the print does not depend on the machine.
std::uint64_t print_of(std::vector<wire::LogRule> const& rules)
{
    JsonWriter json;
    json.begin_object();
    write_log_rules(json, "rules", rules);
    json.end_object();
    std::uint64_t print = 0xcbf29ce484222325;
    for (auto const byte : json.take())
        print = (print ^ static_cast<unsigned char>(byte)) * 0x100000001b3;
    return std::max<std::uint64_t>(print, 1);
}

}

std::vector<wire::LogRule> read_log_rules(Fields const& fields, std::string_view name)
{
    std::vector<wire::LogRule> rules;
    if (auto const list = fields.get(name))
        for (auto const& item : openjd::read_list(*list, { 0, most_rules }))
            rules.push_back(read_log_rule(item));
    return rules;
}

std::vector<std::string> read_log_patterns(Fields const& fields, std::string_view name)
{
    std::vector<std::string> patterns;
    if (auto const list = fields.get(name))
        for (auto const& item : openjd::read_list(*list, { 1, most_rules }))
            patterns.push_back(read_pattern(item));
    return patterns;
}

void write_log_rules(
    JsonWriter& json, std::string_view name, std::vector<wire::LogRule> const& rules)
{
    if (rules.empty())
        return;
    json.key(name).begin_array();
    for (auto const& rule : rules) {
        json.begin_object().field("pattern", rule.pattern).field("means", word_of(rule.cause));
        if (!rule.limit.empty())
            json.field("limit", rule.limit);
        if (rule.even_on_success)
            json.field("even_on_success", true);
        json.end_object();
    }
    json.end_array();
}

std::vector<wire::LogRule> const& shipped_log_rules()
{
    static auto const rules = [] {
        auto read = read_whole<std::vector<wire::LogRule>>(
            shipped::log_rules, "catalog/log_rules.yaml", [](Place const& root) {
                return read_log_rules(Fields(root, { "log_rules" }), "log_rules");
            });
        VERIFY(read.has_value());
        return *std::move(read);
    }();
    return rules;
}

std::shared_ptr<wire::LogRuleSet const> make_log_rule_set(std::vector<wire::LogRule> rules)
{
    auto const print = print_of(rules);
    return std::make_shared<wire::LogRuleSet const>(wire::LogRuleSet { print, std::move(rules) });
}

}
