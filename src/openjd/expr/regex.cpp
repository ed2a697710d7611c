#include <openjd/expr/regex.h>

#include <openjd/expr/regex_dialect.h>
#include <openjd/text_rules.h>

#include <re2/re2.h>

namespace sidereal::openjd::expr {

namespace {

constexpr std::size_t max_pattern_bytes = 4096;
// Of a compiled pattern and its tables, of which evaluation may hold some.
constexpr std::int64_t max_program_bytes = 1 << 20;
constexpr std::size_t max_patterns = 16;

class Re2Regex : public Regex {
public:
    explicit Re2Regex(std::string const& pattern)
        : program_(pattern, options())
    {
    }

    bool is_valid() const { return program_.ok(); }
    std::string const& why() const { return program_.error(); }

    std::optional<Match> find(std::string_view text, std::size_t from, Anchor anchor) const override
    {
        std::vector<re2::StringPiece> found(groups() + 1);
        auto const re2_anchor = anchor == Anchor::start ? RE2::ANCHOR_START : RE2::UNANCHORED;
        re2::StringPiece const input(text.data(), text.size());
        if (!program_.Match(
                input, from, text.size(), re2_anchor, found.data(), static_cast<int>(found.size())))
            return std::nullopt;
        Match out;
        for (auto const& piece : found)
            out.groups.emplace_back(piece.data() == nullptr ? "" : piece.data(), piece.size());
        out.begin = static_cast<std::size_t>(found[0].data() - text.data());
        out.end = out.begin + found[0].size();
        return out;
    }

    std::size_t groups() const override
    {
        return static_cast<std::size_t>(program_.NumberOfCapturingGroups());
    }

    std::uint64_t weight() const override
    {
        // With groups RE2 may have to walk the program for every byte.
        auto const size = static_cast<std::uint64_t>(program_.ProgramSize());
        return groups() > 0 ? 256 + size * 32 : 256;
    }

private:
    static RE2::Options options()
    {
        RE2::Options out;
        out.set_log_errors(false);
        out.set_max_mem(max_program_bytes);
        return out;
    }

    RE2 program_;
};

}

Outcome<std::shared_ptr<Regex const>> Regex::compile(std::string_view pattern)
{
    if (pattern.size() > max_pattern_bytes)
        return bad_value("the pattern has more than {} bytes", max_pattern_bytes);
    auto regex = std::make_shared<Re2Regex const>(TRY(translate_pattern(pattern)));
    if (!regex->is_valid())
        return bad_value("pattern '{}': {}", excerpt(pattern), regex->why());
    return std::shared_ptr<Regex const>(std::move(regex));
}

Outcome<Regex const*> Regexes::get(std::string const& pattern, Meter& meter)
{
    if (auto const found = compiled_.find(pattern); found != compiled_.end())
        return found->second.get();
    // Compiling takes some ten microseconds and more.
    TRY(meter.spend(4000 + pattern.size() * 256));
    TRY(meter.reserve(2 * static_cast<std::uint64_t>(max_program_bytes)));
    auto regex = TRY(Regex::compile(pattern));
    if (compiled_.size() >= max_patterns)
        compiled_.clear();
    return compiled_.emplace(pattern, std::move(regex)).first->second.get();
}

}
