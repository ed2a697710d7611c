#include <agent/log_watch.h>

#include <agent/excerpt.h>

#include <re2/re2.h>
#include <re2/set.h>

#include <algorithm>
#include <utility>

namespace sidereal::agent {

namespace {

constexpr std::size_t longest_excerpt = 300;

class CompiledRules final : public LogRules {
public:
    explicit CompiledRules(std::vector<wire::LogRule> rules)
        : set_(RE2::Options(RE2::Quiet), RE2::UNANCHORED)
    {
        for (auto& rule : rules)
            if (set_.Add(rule.pattern, nullptr) >= 0)
                rules_.push_back(std::move(rule));
        usable_ = !rules_.empty() && set_.Compile();
    }

    wire::LogRule const* find(std::string_view line) const override
    {
        if (!usable_)
            return nullptr;
        line = line.substr(0, longest_line);
        std::vector<int> matches;
        if (!set_.Match({ line.data(), line.size() }, &matches))
            return nullptr;
        auto const first = std::min_element(matches.begin(), matches.end());
        return &rules_[static_cast<std::size_t>(*first)];
    }

private:
    RE2::Set set_;
    std::vector<wire::LogRule> rules_;
    bool usable_ { false };
};

}

std::shared_ptr<LogRules const> LogRules::make(std::vector<wire::LogRule> rules)
{
    return rules.empty() ? nullptr : std::make_shared<CompiledRules const>(std::move(rules));
}

void LogWatch::set(std::shared_ptr<LogRules const> job, std::shared_ptr<LogRules const> farm)
{
    job_ = std::move(job);
    farm_ = std::move(farm);
}

void LogWatch::see(std::string_view line)
{
    ++lines_;
    auto const* rule = job_ ? job_->find(line) : nullptr;
    if (!rule && farm_)
        rule = farm_->find(line);
    if (!rule)
        return;
    found_at_ = lines_;
    found_ = Found { *rule, first_bytes(line, longest_excerpt) };
    if (rule->even_on_success)
        not_good_ = found_;
}

std::optional<LogWatch::Found> LogWatch::why_failed() const
{
    return found_ && lines_ - found_at_ <= last_lines ? found_ : std::nullopt;
}

}
