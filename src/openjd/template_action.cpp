#include <openjd/template_reader.h>

#include <utility>

namespace sidereal::openjd {

namespace {

constexpr std::size_t no_limit = static_cast<std::size_t>(-1);

// A number of seconds, or what stands for one.
struct Seconds {
    std::optional<Duration> value;
    std::optional<Reference> text;
};

Seconds read_seconds(Place const& place, Scope const& scope, std::int64_t most)
{
    auto const& node = place.node();
    if (node.kind == Node::Kind::string) {
        auto text = read_number_text(place, scope, expr::int_type.or_null());
        if (!text || !text->text.is_literal())
            return { std::nullopt, std::move(text) };
        auto const seconds = parse_seconds(text->text.text(), most);
        if (!seconds)
            place.complain(seconds.error().message);
        return { seconds ? std::optional(*seconds) : std::nullopt, std::nullopt };
    }
    auto const seconds = node.as_int();
    if (!seconds)
        place.expected("a whole number of seconds");
    else if (*seconds < 1 || *seconds > most)
        place.fault("{} s is outside 1 to {} s", *seconds, most);
    else
        return { std::chrono::seconds(*seconds), std::nullopt };
    return {};
}

// The mode is given outright, or by what a hook knows of the action that it runs instead of.
void read_mode(Place const& place, Scope const& scope, Cancelation& out)
{
    auto const& text = place.node().text;
    if (place.node().kind != Node::Kind::string || text.find("{{") == std::string::npos) {
        auto const word = read_word(place, { "TERMINATE", "NOTIFY_THEN_TERMINATE" });
        out.mode = static_cast<Cancelation::Mode>(word.value_or(0));
        return;
    }
    if (!place.require(Extension::feature_bundle_1, "a mode given by reference"))
        return;
    if (auto string = read_scoped(place, scope, { 1, no_limit, TextRule::Controls::allowed },
            expr::string_type.or_null()))
        out.mode_text = Reference { std::move(*string), place.node().line, place.node().column,
            place.path() };
}

Cancelation read_cancelation(
    Place const& place, Scope const& scope, Duration notice, Limits const& limits)
{
    Cancelation out;
    out.notify_period = notice;
    auto const* const mode_node = place.node().find("mode");
    bool const notifies = mode_node
        && (mode_node->text == "NOTIFY_THEN_TERMINATE"
            || mode_node->text.find("{{") != std::string::npos);
    auto const fields = notifies ? Fields(place, { "mode", "notifyPeriodInSeconds" })
                                 : Fields(place, { "mode" });
    if (auto const mode = fields.need("mode"))
        read_mode(*mode, scope, out);
    if (auto const period = notifies ? fields.get("notifyPeriodInSeconds") : std::nullopt) {
        auto seconds = read_seconds(*period, scope, limits.notify_period_s);
        out.notify_period = seconds.value.value_or(notice);
        out.notify_period_text = std::move(seconds.text);
    }
    return out;
}

}

void read_action_limits(
    Fields const& fields, Scope const& scope, Duration notice, Limits const& limits, Action& out)
{
    if (auto const timeout = fields.get("timeout")) {
        auto seconds = read_seconds(*timeout, scope, limits.timeout_s);
        out.timeout = seconds.value;
        out.timeout_text = std::move(seconds.text);
    }
    if (auto const cancelation = fields.get("cancelation"))
        out.cancelation = read_cancelation(*cancelation, scope, notice, limits);
}

}
