#include <agent/script_texts.h>

#include <openjd/action.h>

#include <algorithm>
#include <utility>

namespace sidereal::agent {

namespace {

namespace expr = openjd::expr;

Result<std::string> without_nul(std::string text)
{
    if (text.find('\0') == std::string::npos)
        return text;
    return fail(ErrorCode::invalid_input, "a NUL character in '{}'", text.substr(0, 100));
}

}

ScriptTexts::ScriptTexts(expr::Names const& outer, openjd::PathRules const& rules)
{
    names_.outer = &outer;
    context_.names = &names_;
    context_.host = expr::Host::here;
    context_.path_rules = &rules;
}

Status ScriptTexts::bind(openjd::LetBindings const& lets)
{
    for (auto const& let : lets) {
        auto value = let.value.evaluate_within(context_);
        if (!value)
            return fail(ErrorCode::invalid_input, "let {}: {}", let.name,
                expr::render(value.error(), let.value.text()));
        auto& left = context_.budget.bytes;
        left -= std::min<std::uint64_t>(value->bytes(), left);
        names_.values.insert_or_assign(let.name, std::move(*value));
    }
    return {};
}

expr::Outcome<expr::Value> ScriptTexts::resolve(openjd::FormatString const& string, expr::Type type)
{
    return string.resolve(context_, type);
}

Result<std::string> ScriptTexts::text(openjd::FormatString const& string)
{
    auto const value = resolve(string, expr::string_type);
    if (!value)
        return tl::unexpected(expr::to_error(value.error(), string.text()));
    return value->text();
}

Result<std::string> ScriptTexts::word(openjd::FormatString const& string)
{
    return without_nul(TRY(text(string)));
}

Result<std::vector<std::string>> ScriptTexts::command(openjd::Action const& action)
{
    std::vector<std::string> argv;
    argv.reserve(action.args.size() + 1);
    argv.push_back(TRY(word(action.command)));
    for (auto const& argument : action.args) {
        auto const value = resolve(argument, openjd::items_of_text);
        if (!value)
            return tl::unexpected(expr::to_error(value.error(), argument.text()));
        for (auto& word : openjd::texts_of(*value))
            argv.push_back(TRY(without_nul(std::move(word))));
    }
    return argv;
}

Result<openjd::Action> ScriptTexts::with_limits(openjd::Action action)
{
    openjd::ActionFiller filler([this](openjd::FormatString const& string,
                                    expr::Type type) { return resolve(string, type); },
        {}, {});
    filler.fill(action);
    auto const faults = filler.take_faults();
    if (!faults.empty())
        return fail(
            ErrorCode::invalid_input, "{}: {}", faults.front().path, faults.front().message);
    return action;
}

}
