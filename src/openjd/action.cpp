#include <openjd/action.h>

#include <openjd/text_rules.h>

#include <utility>

namespace sidereal::openjd {

std::optional<Duration> ActionFiller::seconds(Reference const& reference, std::int64_t most)
{
    auto const complain = [&](std::string message) {
        faults_.push_back(
            { file_name_, reference.line, reference.column, reference.path, std::move(message) });
    };
    auto const text = resolve_(reference.text);
    if (!text) {
        complain(text.error().message);
        return std::nullopt;
    }
    if (!*text)
        return std::nullopt;
    auto const value = parse_seconds(**text, most);
    if (value)
        return *value;
    complain(value.error().message);
    return std::nullopt;
}

void ActionFiller::fill(Action& action)
{
    if (auto const timeout = std::exchange(action.timeout_text, std::nullopt))
        action.timeout = seconds(*timeout, limits_.timeout_s);
    auto& cancelation = action.cancelation;
    if (auto const period = std::exchange(cancelation.notify_period_text, std::nullopt))
        cancelation.notify_period
            = seconds(*period, limits_.notify_period_s).value_or(cancelation.notify_period);
}

void ActionFiller::fill(Environment& environment)
{
    if (environment.on_enter)
        fill(*environment.on_enter);
    if (environment.on_exit)
        fill(*environment.on_exit);
}

std::string with_line_ends(std::string text, LineEnds line_ends)
{
    if (line_ends == LineEnds::as_given)
        return text;
    std::string out;
    out.reserve(text.size());
    for (std::size_t i = 0; i < text.size(); ++i) {
        bool const pair = text[i] == '\r' && i + 1 < text.size() && text[i + 1] == '\n';
        if (pair)
            continue;
        if (text[i] == '\n' && line_ends == LineEnds::crlf)
            out += '\r';
        out += text[i];
    }
    return out;
}

}
