#pragma once

#include <wire/report.h>

#include <cstdint>
#include <string>
#include <vector>

namespace sidereal::wire {

// What a line of a task's output says of why the task ended.
struct LogRule {
    // RE2, looked for anywhere in a line.
    std::string pattern;
    Cause cause { Cause::task_error };
    // With Cause::no_licence: the limit that the task found no seat of.
    std::string limit;
    // The attempt has failed even if its command exits with 0: some renderers do that.
    bool even_on_success { false };

    bool operator==(LogRule const&) const = default;
};

// The farm's own rules, for all jobs; of those that a line matches the first counts.
struct LogRuleSet {
    // Another set has another one; never 0.
    std::uint64_t print { 0 };
    std::vector<LogRule> rules;

    bool operator==(LogRuleSet const&) const = default;
};

}
