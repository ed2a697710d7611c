#include <openjd/action.h>

#include <openjd/text_rules.h>

#include <fmt/format.h>

#include <utility>

namespace sidereal::openjd {

void ActionFiller::complain(Reference const& reference, std::string message)
{
    faults_.push_back(
        { file_name_, reference.line, reference.column, reference.path, std::move(message) });
}

std::optional<expr::Value> ActionFiller::value(Reference const& reference, expr::Type type)
{
    auto found = resolve_(reference.text, type.or_null());
    if (!found) {
        complain(reference, expr::render(found.error(), reference.text.text()));
        return std::nullopt;
    }
    return found->is_null() ? std::nullopt : std::optional(std::move(*found));
}

std::optional<Duration> ActionFiller::seconds(Reference const& reference, std::int64_t most)
{
    // Text is read here, which says better what is wrong with it.
    auto const number = value(reference, expr::int_type | expr::string_type);
    if (!number)
        return std::nullopt;
    auto const found = parse_seconds(number->to_text(), most);
    if (found)
        return *found;
    complain(reference, found.error().message);
    return std::nullopt;
}

// No mode, no cancelation: what belongs to it goes too.
void ActionFiller::fill_mode(std::optional<Cancelation>& cancelation)
{
    auto const text = std::exchange(cancelation->mode_text, std::nullopt);
    if (!text)
        return;
    auto const before = faults_.size();
    auto const found = value(*text, expr::string_type);
    if (!found) {
        if (faults_.size() == before)
            cancelation.reset();
        return;
    }
    auto const& mode = found->text();
    using Mode = Cancelation::Mode;
    if (mode == to_string(Mode::terminate) || mode == to_string(Mode::notify_then_terminate))
        cancelation->mode = mode == to_string(Mode::terminate) ? Mode::terminate
                                                               : Mode::notify_then_terminate;
    else
        complain(*text,
            fmt::format(
                "'{}' is no mode; allowed: TERMINATE, NOTIFY_THEN_TERMINATE", excerpt(mode)));
}

void ActionFiller::fill(Action& action)
{
    if (auto const timeout = std::exchange(action.timeout_text, std::nullopt))
        action.timeout = seconds(*timeout, limits_.timeout_s);
    if (action.cancelation)
        fill_mode(action.cancelation);
    if (!action.cancelation)
        return;
    auto& cancelation = *action.cancelation;
    auto const period = std::exchange(cancelation.notify_period_text, std::nullopt);
    if (!period)
        return;
    auto const found = seconds(*period, limits_.notify_period_s);
    if (found && cancelation.mode == Cancelation::Mode::terminate)
        complain(*period, "the mode is TERMINATE, which has no notice");
    cancelation.notify_period = found.value_or(cancelation.notify_period);
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
