#pragma once

#include <base/json.h>
#include <openjd/template_fields.h>
#include <wire/log_rule.h>

#include <memory>
#include <string>
#include <string_view>
#include <vector>

// What lines of tasks' logs mean, as the farm's rules, a job's scheduling and the shipped
// catalog/log_rules.yaml say it.
namespace sidereal::farm {

// A list of {pattern, means, limit, even_on_success}; a pattern that is no RE2 is a fault.
std::vector<wire::LogRule> read_log_rules(openjd::Fields const& fields, std::string_view name);
std::vector<std::string> read_log_patterns(openjd::Fields const& fields, std::string_view name);
// What read_log_rules reads back; nothing for an empty list.
void write_log_rules(
    JsonWriter& json, std::string_view name, std::vector<wire::LogRule> const& rules);

// catalog/log_rules.yaml
std::vector<wire::LogRule> const& shipped_log_rules();

// With a print of its own.
std::shared_ptr<wire::LogRuleSet const> make_log_rule_set(std::vector<wire::LogRule> rules);

}
