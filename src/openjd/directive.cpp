#include <openjd/directive.h>

#include <openjd/text_rules.h>

#include <boost/json/parse.hpp>
#include <boost/json/value.hpp>
#include <fmt/format.h>

#include <utility>

namespace sidereal::openjd {

namespace {

constexpr std::string_view prefix = "openjd_";

Directive malformed(std::string reason)
{
    Directive out;
    out.kind = Directive::Kind::malformed;
    out.text = std::move(reason);
    return out;
}

bool is_environment_word(std::string_view word)
{
    return word == "env" || word == "unset_env" || word == "redacted_env";
}

// A payload that begins with '"' is a JSON string: the way to give values with line breaks.
std::optional<std::string> assignment_text(std::string_view payload)
{
    if (!payload.starts_with('"'))
        return std::string(payload);
    boost::json::error_code failure;
    auto const parsed = boost::json::parse(
        boost::json::string_view(payload.data(), payload.size()), failure);
    if (failure || !parsed.is_string())
        return std::nullopt;
    return std::string(parsed.get_string());
}

Directive read_assignment(std::string_view payload, bool redact)
{
    // The value of a redacted variable must not reach the log by way of the complaint.
    auto const shown = redact ? std::string("a hidden value") : "'" + excerpt(payload) + "'";
    auto const assignment = assignment_text(
        trim(payload).starts_with('"') ? trim(payload) : payload);
    if (!assignment)
        return malformed(fmt::format("{} begins like a JSON string and is none", shown));
    auto const equals = assignment->find('=');
    if (equals == std::string::npos)
        return malformed(fmt::format("{} is no NAME=VALUE", shown));
    Directive out;
    out.kind = Directive::Kind::set_env;
    out.name = trim(std::string_view(*assignment).substr(0, equals));
    out.text = assignment->substr(equals + 1);
    out.redact = redact;
    if (!is_identifier(out.name))
        return malformed(fmt::format(
            "{} names no variable; a name has letters, digits and _, and no digit first", shown));
    if (out.text.find('\0') != std::string::npos)
        return malformed(fmt::format("{} holds a NUL character", shown));
    return out;
}

Directive read_environment(std::string_view word, std::string_view payload)
{
    if (word != "unset_env")
        return read_assignment(payload, word == "redacted_env");
    Directive out;
    out.kind = Directive::Kind::unset_env;
    out.name = trim(payload);
    if (!is_identifier(out.name))
        return malformed(fmt::format(
            "'{}' names no variable; a name has letters, digits and _, and no digit first",
            excerpt(payload)));
    return out;
}

std::optional<Directive> read_progress(std::string_view payload)
{
    auto const percent = parse_float(trim(payload));
    if (!percent || *percent < 0 || *percent > 100)
        return std::nullopt;
    Directive out;
    out.kind = Directive::Kind::progress;
    out.percent = *percent;
    return out;
}

}

std::optional<Directive> parse_directive(std::string_view line)
{
    auto const colon = line.find(':');
    if (line.size() <= prefix.size() || colon == std::string_view::npos || colon > 32)
        return std::nullopt;
    auto const lead = line.substr(0, colon);
    auto const folded = to_lower(trim(lead));
    if (!folded.starts_with(prefix) || lead.front() == ' ' || lead.front() == '\t')
        return std::nullopt;
    auto const word = std::string_view(folded).substr(prefix.size());
    auto const rest = line.substr(colon + 1);
    bool const exact = lead == folded && rest.starts_with(' ') && rest.size() > 1;
    if (is_environment_word(word)) {
        if (!exact)
            return malformed(
                fmt::format("write 'openjd_{}: ' in lower case, with one colon, a blank "
                            "and then the variable",
                    word));
        return read_environment(word, rest.substr(1));
    }
    if (!exact)
        return std::nullopt;
    if (word == "progress")
        return read_progress(rest.substr(1));
    if (word != "status" && word != "fail")
        return std::nullopt;
    Directive out;
    out.kind = word == "fail" ? Directive::Kind::fail : Directive::Kind::status;
    out.text = rest.substr(1);
    return out;
}

}
