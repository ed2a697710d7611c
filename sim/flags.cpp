#include <sim/flags.h>

#include <charconv>

namespace sidereal::sim {

namespace {

Result<std::uint64_t> number(std::string_view word, std::string_view what)
{
    std::uint64_t value = 0;
    auto const [end, failure] = std::from_chars(word.data(), word.data() + word.size(), value);
    if (failure != std::errc {} || end != word.data() + word.size())
        return fail(ErrorCode::invalid_input, "{} needs a number, not '{}'", what, word);
    return value;
}

}

namespace {

bool* switch_of(Flags& flags, std::string_view name)
{
    if (name == "--help")
        return &flags.help;
    if (name == "--trace")
        return &flags.trace;
    if (name == "--keep-going")
        return &flags.keep_going;
    return name == "--verify" ? &flags.verify : nullptr;
}

}

std::string_view usage()
{
    return "sidereal-sim: runs simulated farms, each made up from a seed, and checks them\n"
           "  --seeds N [--from S] [--threads T]   N seeds from S on (1000, 1, 2)\n"
           "  --keep-going                         list all failing seeds, not only one\n"
           "  --seed N [--trace]                   one seed; prints its events\n"
           "  --regressions FILE                   the seeds in a file\n"
           "  scenario NAME [--seed N]             one situation that the scheduler must get "
           "right\n"
           "  --verify                             all of them: measured, bound, verdict\n"
           "  farms N [--from S] [--threads T]     N random farms under the scheduler alone: "
           "nothing "
           "is over-subscribed\n"
           "example: sidereal-sim --seeds 10000 --threads 2\n";
}

Result<Flags> parse_flags(std::vector<std::string_view> const& words)
{
    Flags flags;
    for (std::size_t i = 0; i < words.size(); ++i) {
        auto const name = words[i];
        if (auto* const flag = switch_of(flags, name)) {
            *flag = true;
            continue;
        }
        if (i + 1 == words.size())
            return fail(
                ErrorCode::invalid_input, "{} is unknown or needs a value: see --help", name);
        auto const value = words[++i];
        if (name == "scenario")
            flags.scenario = value;
        else if (name == "farms")
            flags.farms = TRY(number(value, name));
        else if (name == "--regressions")
            flags.regressions = value;
        else if (name == "--seeds")
            flags.seeds = TRY(number(value, name));
        else if (name == "--from")
            flags.from = TRY(number(value, name));
        else if (name == "--threads")
            flags.threads = TRY(number(value, name));
        else if (name == "--seed")
            flags.seed = TRY(number(value, name));
        else
            return fail(ErrorCode::invalid_input, "there is no option {}: see --help", name);
    }
    if (flags.threads == 0 || flags.threads > 256)
        return fail(ErrorCode::invalid_input, "--threads goes from 1 to 256");
    return flags;
}

Result<std::vector<std::uint64_t>> parse_regressions(std::string_view text)
{
    std::vector<std::uint64_t> seeds;
    while (!text.empty()) {
        auto const line = text.substr(0, text.find('\n'));
        text.remove_prefix(std::min(text.size(), line.size() + 1));
        if (!line.empty() && line[0] != '#')
            seeds.push_back(TRY(number(line.substr(0, line.find(' ')), "a line of the file")));
    }
    return seeds;
}

}
