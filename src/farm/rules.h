#pragma once

#include <farm/power_rules.h>
#include <farm/scheduling.h>
#include <openjd/diagnostic.h>
#include <openjd/job.h>
#include <wire/log_rule.h>

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

// The farm's rules: one document (YAML or JSON) that says who is entitled to what and what must not
// be exceeded. Applied as a whole; lists are in the order of the document.
namespace sidereal::farm {

// What a project may have of one pool's nodes.
struct PoolShare {
    double guaranteed_vcpus { 0 };
    std::optional<double> max_vcpus;

    bool operator==(PoolShare const&) const = default;
};

// Who work is for. "film/seq010" lies inside "film".
struct ProjectRule {
    std::string name;
    // Its part of what is shared out among its siblings.
    double weight { 1 };
    // It goes before its siblings while it has less than this.
    double guaranteed_vcpus { 0 };
    // Never more than this, even if the farm is empty.
    std::optional<double> max_vcpus;
    // Jobs of a higher tier count as this one.
    Tier max_tier { Tier::urgent };
    // By the pool's name.
    std::map<std::string, PoolShare, std::less<>> pools;

    bool operator==(ProjectRule const&) const = default;
};

enum class CountedBy : std::uint8_t {
    task,
    node,
    user,
};

enum class LimitMode : std::uint8_t {
    enforced,
    advisory, // counted and reported, holds nothing back
    disabled,
};

// How to ask a licence server: a command that the brain runs now and then.
struct LimitPoll {
    std::vector<std::string> command;
    Duration every { std::chrono::minutes(1) };
    // RE2, looked for in the output; the groups (?P<used>...) and (?P<total>...) are the seats in
    // use, ours among them, and those there are. Without a group `total` the rule's seats count.
    std::string pattern;

    // A report older than this says nothing.
    Duration stale_after() const { return 3 * every; }
    bool operator==(LimitPoll const&) const = default;
};

// A counted thing that steps ask for as amount.limit.NAME: a licence, a filer, a network.
struct LimitRule {
    std::string name;
    double seats { 0 };
    CountedBy counted_by { CountedBy::task };
    LimitMode mode { LimitMode::enforced };
    // Above it only nodes that hold a seat already get more.
    std::optional<double> soft_seats;
    // Exit codes that mean "no seat": the step is bound to the limit, no retry is used up.
    std::vector<int> exit_codes;
    // What a task's log says then; they stand in Rules::log_rules, too.
    std::vector<std::string> log_patterns;
    std::optional<LimitPoll> poll;

    bool operator==(LimitRule const&) const = default;
};

// Work of one tier and above takes the place of what runs for lower ones, if need be.
struct PreemptionRule {
    Tier from { Tier::urgent };
    // Where there will be room within this time anyway, that is waited for and nothing is stopped.
    Duration drain { std::chrono::minutes(1) };

    bool operator==(PreemptionRule const&) const = default;
};

// An environment template that jobs find around them: what a queue environment is to Deadline
// Cloud. A job keeps those that were in force when it was handed in.
struct EnvironmentRule {
    std::string name;
    // Whose jobs, those of the projects inside them too; none: everybody's.
    std::vector<std::string> projects;
    std::string template_text;

    bool operator==(EnvironmentRule const&) const = default;
};

struct Rules {
    std::vector<ProjectRule> projects;
    std::vector<LimitRule> limits;
    std::vector<PowerRule> power;
    std::optional<PreemptionRule> preemption;
    std::vector<EnvironmentRule> environments;
    std::optional<SleepRule> sleeping;
    // While others of its project, tier and priority wait, one step takes no more than this part
    // of a node.
    std::optional<double> step_part_of_node;
    std::vector<wire::LogRule> log_rules;
    // Those of catalog/log_rules.yaml as well.
    bool shipped_log_rules { true };

    bool operator==(Rules const&) const = default;
    ProjectRule const* project(std::string_view name) const;
    LimitRule const* limit(std::string_view name) const;
    // Around the jobs of that project, outermost first: in the order of the document.
    std::vector<openjd::TemplateText> environments_around(std::string_view project) const;
    // The limit that a task which ended with this code found no seat of; one of `wanted` before
    // others. Null: the code means no such thing.
    LimitRule const* limit_of_exit_code(
        int exit_code, std::vector<std::pair<std::string, double>> const& wanted) const;
};

// All that agents are to look for.
std::shared_ptr<wire::LogRuleSet const> log_rules_of(Rules const& rules);

openjd::Checked<Rules> parse_rules(std::string_view text, std::string_view file_name);

}
