#include <farm/limit_report.h>

#include <fmt/format.h>
#include <re2/re2.h>

#include <charconv>
#include <vector>

namespace sidereal::farm {

namespace {

Result<double> seats_in(std::string_view name, re2::StringPiece text)
{
    double seats = 0;
    auto const* const end = text.data() + text.size();
    auto const [stop, error] = std::from_chars(text.data(), end, seats);
    if (error != std::errc() || stop != end || !(seats >= 0) || seats > 1e9)
        return fail(ErrorCode::invalid_input, "the group '{}' of its pattern found '{}', not seats",
            name, std::string_view(text.data(), text.size()));
    return seats;
}

}

std::string fault_of_pattern(std::string const& pattern)
{
    RE2 const compiled(pattern, RE2::Quiet);
    if (!compiled.ok())
        return fmt::format("is no regular expression (RE2): {}", compiled.error());
    if (!compiled.NamedCapturingGroups().contains("used"))
        return "has no group (?P<used>...) for the seats in use";
    return {};
}

Result<SeatReport> read_report(LimitPoll const& poll, std::string_view output, Wall at)
{
    RE2::Options options(RE2::Quiet);
    options.set_never_nl(false);
    RE2 const compiled(poll.pattern, options);
    auto const groups = static_cast<std::size_t>(compiled.NumberOfCapturingGroups()) + 1;
    std::vector<re2::StringPiece> found(groups);
    if (!compiled.Match({ output.data(), output.size() }, 0, output.size(), RE2::UNANCHORED,
            found.data(), static_cast<int>(groups)))
        return fail(ErrorCode::not_found, "its pattern does not match what the command printed");
    auto const& names = compiled.NamedCapturingGroups();
    auto const group = [&](std::string const& name) -> re2::StringPiece {
        auto const known = names.find(name);
        return known == names.end() ? re2::StringPiece()
                                    : found[static_cast<std::size_t>(known->second)];
    };
    SeatReport report { TRY(seats_in("used", group("used"))), {}, at };
    if (auto const total = group("total"); total.data())
        report.total = TRY(seats_in("total", total));
    return report;
}

}
