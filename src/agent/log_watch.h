#pragma once

#include <wire/log_rule.h>

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace sidereal::agent {

// Log rules, ready to be looked for: of all that a line matches the first counts. Immutable; those
// that cannot be compiled here are left out.
class LogRules {
public:
    static std::shared_ptr<LogRules const> make(std::vector<wire::LogRule> rules);
    virtual ~LogRules() = default;

    // Of the first so many bytes of the line.
    static constexpr std::size_t longest_line = 4096;
    virtual wire::LogRule const* find(std::string_view line) const = 0;
};

// What the output of one action says of why it ended: the newest of its lines that mean something.
class LogWatch {
public:
    // Lines that are followed by more than this explain no failure any more.
    static constexpr std::uint64_t last_lines = 200;

    void set(std::shared_ptr<LogRules const> job, std::shared_ptr<LogRules const> farm);
    void see(std::string_view line);

    struct Found {
        wire::LogRule rule;
        std::string line;
    };
    // Nothing: the log does not say.
    std::optional<Found> why_failed() const;
    // Of rules that speak even where the command exits with 0, anywhere in the log.
    std::optional<Found> why_not_good() const { return not_good_; }

private:
    std::shared_ptr<LogRules const> job_;
    std::shared_ptr<LogRules const> farm_;
    std::uint64_t lines_ { 0 };
    std::uint64_t found_at_ { 0 };
    std::optional<Found> found_;
    std::optional<Found> not_good_;
};

}
