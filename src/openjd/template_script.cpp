#include <openjd/template_reader.h>

#include <set>

namespace sidereal::openjd {

namespace {

constexpr std::size_t no_limit = static_cast<std::size_t>(-1);

struct ActionDefaults {
    Duration notify_period;
    std::optional<Duration> timeout;
};
constexpr ActionDefaults run_defaults { std::chrono::seconds(120), std::nullopt };
constexpr ActionDefaults enter_defaults { std::chrono::seconds(30), std::nullopt };
constexpr ActionDefaults exit_defaults { std::chrono::seconds(30), std::chrono::seconds(300) };

// The specification's own runtime takes whole numbers in quotes as well.
std::optional<std::int64_t> read_seconds(Place const& place, std::int64_t most)
{
    auto const& node = place.node();
    auto const quoted = node.kind == Node::Kind::string ? parse_int(node.text) : std::nullopt;
    auto const seconds = quoted ? quoted : node.as_int();
    if (node.kind == Node::Kind::string && node.text.find("{{") != std::string::npos
        && !place.require(Extension::feature_bundle_1, "a reference here"))
        return std::nullopt;
    if (!seconds) {
        place.expected("a whole number of seconds");
        return std::nullopt;
    }
    if (*seconds < 1 || *seconds > most) {
        place.fault("{} s is outside 1 to {} s", *seconds, most);
        return std::nullopt;
    }
    return seconds;
}

Cancelation read_cancelation(
    Place const& place, ActionDefaults const& defaults, Limits const& limits)
{
    Cancelation out { Cancelation::Mode::terminate, defaults.notify_period };
    auto const* const mode_node = place.node().find("mode");
    bool const notifies = mode_node && mode_node->text == "NOTIFY_THEN_TERMINATE";
    auto const fields = notifies ? Fields(place, { "mode", "notifyPeriodInSeconds" })
                                 : Fields(place, { "mode" });
    if (auto const mode = fields.need("mode"))
        read_word(*mode, { "TERMINATE", "NOTIFY_THEN_TERMINATE" });
    if (!notifies)
        return out;
    out.mode = Cancelation::Mode::notify_then_terminate;
    if (auto const period = fields.get("notifyPeriodInSeconds")) {
        if (auto const seconds = read_seconds(*period, limits.notify_period_s))
            out.notify_period = std::chrono::seconds(*seconds);
    }
    return out;
}

Action read_action(
    Place const& place, Scope const& scope, ActionDefaults const& defaults, Limits const& limits)
{
    Fields const fields(place, { "command", "args", "timeout", "cancelation" });
    Action out;
    out.timeout = defaults.timeout;
    out.cancelation.notify_period = defaults.notify_period;
    if (auto const command = fields.need("command")) {
        auto text = read_scoped(*command, scope, { 1, no_limit, TextRule::Controls::refused });
        out.command = std::move(text).value_or(FormatString());
    }
    if (auto const args = fields.get("args")) {
        for (auto const& item : read_list(*args, { 0, no_limit })) {
            auto text = read_scoped(item, scope, { 0, no_limit, TextRule::Controls::allowed });
            out.args.push_back(std::move(text).value_or(FormatString()));
        }
    }
    if (auto const timeout = fields.get("timeout")) {
        if (auto const seconds = read_seconds(*timeout, limits.timeout_s))
            out.timeout = std::chrono::seconds(*seconds);
    }
    if (auto const cancelation = fields.get("cancelation"))
        out.cancelation = read_cancelation(*cancelation, defaults, limits);
    return out;
}

void read_file_name(Place const& place, Limits const& limits, EmbeddedFile& out)
{
    auto name = read_text(place, { 1, limits.file_name, TextRule::Controls::refused });
    if (!name)
        return;
    if (name->find_first_of("/\\") != std::string::npos || *name == "." || *name == "..")
        place.fault("'{}' must be the bare name of a file, without a folder", excerpt(*name));
    out.filename = std::move(*name);
}

EmbeddedFile read_file(Place const& place, Scope const& scope, Limits const& limits)
{
    Fields const fields(place, { "name", "type", "filename", "data", "runnable", "endOfLine" });
    EmbeddedFile out;
    if (auto const name = fields.need("name"))
        out.name = read_identifier(*name, limits).value_or("");
    if (auto const type = fields.need("type"))
        read_word(*type, { "TEXT" });
    if (auto const name = fields.get("filename"))
        read_file_name(*name, limits, out);
    if (auto const runnable = fields.get("runnable"))
        out.runnable = read_bool(*runnable).value_or(false);
    if (auto const data = fields.need("data")) {
        auto text = read_scoped(*data, scope, { 1, no_limit, TextRule::Controls::allowed });
        out.data = std::move(text).value_or(FormatString());
    }
    return out;
}

// Files may refer to each other, so their names are known before their contents are read.
std::vector<EmbeddedFile> read_files(
    Fields const& script, std::string_view prefix, Scope& scope, Limits const& limits)
{
    std::vector<EmbeddedFile> out;
    auto const list = script.get("embeddedFiles");
    if (!list)
        return out;
    auto const items = read_list(*list, { 1, no_limit });
    std::set<std::string, std::less<>> seen;
    for (auto const& item : items) {
        auto const* const name = item.node().find("name");
        if (!name || !is_identifier(name->text))
            continue;
        scope.add(prefix, name->text);
        if (!seen.insert(name->text).second)
            item.complain_at(name->line, name->column,
                fmt::format("a file '{}' is defined above already", excerpt(name->text)));
    }
    for (auto const& item : items)
        out.push_back(read_file(item, scope, limits));
    return out;
}

void read_environment_script(
    Place const& place, Scope const& session, Limits const& limits, Environment& out)
{
    Fields const fields(place, { "let", "actions", "embeddedFiles" });
    auto scope = session;
    out.files = read_files(fields, "Env.File.", scope, limits);
    auto const actions = fields.need("actions");
    if (!actions)
        return;
    Fields const action_fields(
        *actions, { "onEnter", "onWrapEnvEnter", "onWrapTaskRun", "onWrapEnvExit", "onExit" });
    if (auto const enter = action_fields.get("onEnter"))
        out.on_enter = read_action(*enter, scope, enter_defaults, limits);
    if (auto const leave = action_fields.get("onExit"))
        out.on_exit = read_action(*leave, scope, exit_defaults, limits);
    if (action_fields.is_object() && !out.on_enter && !out.on_exit)
        actions->complain("needs onEnter, onExit or both");
}

void read_variables(
    Place const& place, Scope const& session, Limits const& limits, Environment& out)
{
    auto const& node = place.node();
    if (node.kind != Node::Kind::map) {
        place.expected("an object of names and values");
        return;
    }
    if (node.keys.empty())
        place.complain("needs at least one variable; leave it out otherwise");
    for (std::size_t i = 0; i < node.keys.size(); ++i) {
        auto const& key = node.keys[i];
        auto const value = place.member(i);
        if (!is_identifier(key.text) || key.text.size() > limits.variable_name)
            value.complain_at(key.line, key.column,
                fmt::format("'{}' is no name of a variable: letters, digits and _ are allowed, no "
                            "digit first, at most {} of them",
                    excerpt(key.text), limits.variable_name));
        auto text = read_scoped(
            value, session, { 0, limits.variable_value, TextRule::Controls::allowed });
        out.variables.emplace(key.text, std::move(text).value_or(FormatString()));
    }
}

}

Environment read_environment(Place const& place, Scope const& session, Limits const& limits)
{
    Fields const fields(place, { "name", "description", "script", "variables" });
    Environment out;
    if (auto const name = fields.need("name"))
        out.name = read_text(*name, { 1, limits.environment_name, TextRule::Controls::refused })
                       .value_or("");
    read_description(fields, limits);
    auto const script = fields.get("script");
    auto const variables = fields.get("variables");
    if (script)
        read_environment_script(*script, session, limits, out);
    if (variables)
        read_variables(*variables, session, limits, out);
    if (fields.is_object() && !script && !variables)
        place.complain("needs a script, variables or both");
    return out;
}

std::vector<Environment> read_environments(
    Place const& list, Scope const& session, Limits const& limits)
{
    std::vector<Environment> out;
    for (auto const& item : read_list(list, { 1, no_limit }))
        out.push_back(read_environment(item, session, limits));
    return out;
}

void read_step_script(
    Place const& place, Scope const& task, Limits const& limits, StepTemplate& step)
{
    Fields const fields(place, { "let", "actions", "embeddedFiles" });
    auto scope = task;
    step.files = read_files(fields, "Task.File.", scope, limits);
    auto const actions = fields.need("actions");
    if (!actions)
        return;
    Fields const action_fields(*actions, { "onRun" });
    if (auto const run = action_fields.need("onRun"))
        step.on_run = read_action(*run, scope, run_defaults, limits);
}

}
