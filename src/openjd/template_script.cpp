#include <openjd/template_reader.h>

#include <array>
#include <set>

namespace sidereal::openjd {

namespace {

constexpr std::size_t no_limit = static_cast<std::size_t>(-1);

constexpr Duration task_notice = std::chrono::seconds(120);
constexpr Duration environment_notice = std::chrono::seconds(30);

void read_args(Place const& list, Scope const& host, Action& out)
{
    for (auto const& item : read_list(list, { 0, no_limit })) {
        auto text = read_scoped(
            item, host, { 0, no_limit, TextRule::Controls::allowed }, items_of_text);
        out.args.push_back(std::move(text).value_or(FormatString()));
    }
}

Action read_action(Place const& place, Scopes const& scopes, Duration notice, Limits const& limits)
{
    Fields const fields(place, { "command", "args", "timeout", "cancelation" });
    Action out;
    if (auto const command = fields.need("command")) {
        auto const controls = place.declares(Extension::expr) ? TextRule::Controls::line_breaks
                                                              : TextRule::Controls::refused;
        auto text = read_scoped(*command, scopes.host, { 1, no_limit, controls });
        out.command = std::move(text).value_or(FormatString());
    }
    if (auto const args = fields.get("args"))
        read_args(*args, scopes.host, out);
    read_action_limits(fields, scopes.job, notice, limits, out);
    return out;
}

LetBindings read_script_lets(Fields const& fields, Scope& scope, Limits const& limits)
{
    LetBindings out;
    if (auto const list = fields.get("let")) {
        for (auto& let : read_lets(*list, scope, limits))
            out.push_back(std::move(let.binding));
    }
    return out;
}

// FEATURE_BUNDLE_1's short forms: a script, the program that runs it and how it is told the file.
struct SimpleKind {
    std::string_view field;
    std::string_view suffix;
    std::string_view option;
};
constexpr std::array<SimpleKind, 5> simple_kinds { {
    { "bash", ".sh", "" },
    { "python", ".py", "" },
    { "cmd", ".bat", "/C" },
    { "powershell", ".ps1", "-File" },
    { "node", ".js", "" },
} };

void read_simple_action(Place const& place, SimpleKind const& kind, Scopes const& outer,
    Limits const& limits, StepTemplate& step)
{
    Fields const fields(place, { "let", "script", "args", "timeout", "cancelation" });
    auto scopes = outer.inner();
    step.script_lets = read_script_lets(fields, scopes.host, limits);
    EmbeddedFile file;
    file.name = kind.field;
    file.filename = fmt::format("{}-script{}", kind.field, kind.suffix);
    if (auto const script = fields.need("script")) {
        auto text = read_scoped(*script, scopes.host, { 1, no_limit, TextRule::Controls::allowed });
        file.data = std::move(text).value_or(FormatString());
    }
    auto& action = step.on_run;
    action.command = FormatString::literal(std::string(kind.field));
    if (!kind.option.empty())
        action.args.push_back(FormatString::literal(std::string(kind.option)));
    action.args.push_back(*FormatString::parse(fmt::format("{{{{Task.File.{}}}}}", kind.field)));
    if (auto const args = fields.get("args"))
        read_args(*args, scopes.host, action);
    read_action_limits(fields, scopes.job, task_notice, limits, action);
    step.files.push_back(std::move(file));
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
    if (auto const ends = fields.get("endOfLine")) {
        auto const word = read_word(*ends, { "AUTO", "LF", "CRLF" });
        out.line_ends = word == std::size_t { 2 } ? LineEnds::crlf : LineEnds::lf;
    }
    if (auto const runnable = fields.get("runnable"))
        out.runnable = read_bool(*runnable).value_or(false);
    if (auto const data = fields.need("data")) {
        auto text = read_scoped(*data, scope, { 1, no_limit, TextRule::Controls::allowed });
        out.data = std::move(text).value_or(FormatString());
    }
    return out;
}

// Files may refer to each other, and let bindings to files, so their names are known first.
std::vector<Place> name_files(Fields const& script, std::string_view prefix, Scope& scope)
{
    auto const list = script.get("embeddedFiles");
    if (!list)
        return {};
    auto items = read_list(*list, { 1, no_limit });
    std::set<std::string, std::less<>> seen;
    for (auto const& item : items) {
        auto const* const name = item.node().find("name");
        if (!name || !is_identifier(name->text))
            continue;
        scope.add(prefix, name->text, expr::path_type);
        if (!seen.insert(name->text).second)
            item.complain_at(name->line, name->column,
                fmt::format("a file '{}' is defined above already", excerpt(name->text)));
    }
    return items;
}

std::vector<EmbeddedFile> read_files(
    std::vector<Place> const& items, Scope const& scope, Limits const& limits)
{
    std::vector<EmbeddedFile> out;
    for (auto const& item : items)
        out.push_back(read_file(item, scope, limits));
    return out;
}

// What a hook sees of the action that it runs instead of.
Scope hook_scope(Scope const& outer, std::string_view whose_name)
{
    auto out = outer.inner();
    auto const texts = expr::string_type.list();
    out.add("WrappedAction.", "Command", expr::string_type);
    out.add("WrappedAction.", "Args", texts);
    out.add("WrappedAction.", "Environment", texts);
    out.add("WrappedAction.", "Timeout", expr::int_type.or_null());
    out.add("WrappedAction.", "Cancelation.Mode", expr::string_type.or_null());
    out.add("WrappedAction.", "Cancelation.NotifyPeriodInSeconds", expr::int_type.or_null());
    if (!whose_name.empty())
        out.add("", whose_name, expr::string_type);
    return out;
}

// All three hooks or none.
void read_hooks(Fields const& actions, Scopes const& scopes, Limits const& limits, Environment& out)
{
    struct Hook {
        std::string_view field;
        std::string_view whose_name;
        Action WrapHooks::*action;
    };
    static constexpr std::array<Hook, 3> hooks { {
        { "onWrapEnvEnter", "WrappedEnv.Name", &WrapHooks::env_enter },
        { "onWrapTaskRun", "WrappedStep.Name", &WrapHooks::task_run },
        { "onWrapEnvExit", "WrappedEnv.Name", &WrapHooks::env_exit },
    } };
    WrapHooks found;
    std::string missing;
    std::size_t given = 0;
    for (auto const& hook : hooks) {
        auto const place = actions.get(hook.field);
        if (!place) {
            missing += fmt::format("{}{}", missing.empty() ? "" : ", ", hook.field);
            continue;
        }
        ++given;
        // When they end is asked for before it is known whose action they stand for.
        Scopes const own { hook_scope(scopes.job, {}), hook_scope(scopes.host, hook.whose_name) };
        found.*hook.action = read_action(*place, own, environment_notice, limits);
    }
    if (given == 0)
        return;
    if (!missing.empty())
        actions.place().fault(
            "an environment that wraps actions wraps them all: {} missing too", missing);
    out.hooks = std::move(found);
}

void read_environment_script(
    Place const& place, Scopes const& outer, Limits const& limits, Environment& out)
{
    Fields const fields(place, { "let", "actions", "embeddedFiles" });
    auto scopes = outer.inner();
    auto const files = name_files(fields, "Env.File.", scopes.host);
    out.lets = read_script_lets(fields, scopes.host, limits);
    out.files = read_files(files, scopes.host, limits);
    auto const actions = fields.need("actions");
    if (!actions)
        return;
    Fields const action_fields(
        *actions, { "onEnter", "onWrapEnvEnter", "onWrapTaskRun", "onWrapEnvExit", "onExit" });
    if (auto const enter = action_fields.get("onEnter"))
        out.on_enter = read_action(*enter, scopes, environment_notice, limits);
    if (auto const leave = action_fields.get("onExit"))
        out.on_exit = read_action(*leave, scopes, environment_notice, limits);
    read_hooks(action_fields, scopes, limits, out);
    if (action_fields.is_object() && !out.on_enter && !out.on_exit && !out.hooks)
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

Environment read_environment(Place const& place, Scopes const& scopes, Limits const& limits)
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
        read_environment_script(*script, scopes, limits, out);
    if (variables)
        read_variables(*variables, scopes.host, limits, out);
    if (fields.is_object() && !script && !variables)
        place.complain("needs a script, variables or both");
    return out;
}

std::vector<Environment> read_environments(
    Place const& list, Scopes const& scopes, Limits const& limits)
{
    std::vector<Environment> out;
    for (auto const& item : read_list(list, { 1, no_limit }))
        out.push_back(read_environment(item, scopes, limits));
    return out;
}

namespace {

void read_step_script(
    Place const& place, Scopes const& outer, Limits const& limits, StepTemplate& step)
{
    Fields const fields(place, { "let", "actions", "embeddedFiles" });
    auto scopes = outer.inner();
    auto const files = name_files(fields, "Task.File.", scopes.host);
    step.script_lets = read_script_lets(fields, scopes.host, limits);
    step.files = read_files(files, scopes.host, limits);
    auto const actions = fields.need("actions");
    if (!actions)
        return;
    Fields const action_fields(*actions, { "onRun" });
    if (auto const run = action_fields.need("onRun"))
        step.on_run = read_action(*run, scopes, task_notice, limits);
}

}

void read_step_scripts(
    Fields const& step_fields, Scopes const& scopes, Limits const& limits, StepTemplate& step)
{
    auto const script = step_fields.get("script");
    std::string given(script ? "script" : "");
    if (script)
        read_step_script(*script, scopes, limits, step);
    for (auto const& kind : simple_kinds) {
        auto const simple = step_fields.get(kind.field);
        if (!simple)
            continue;
        if (given.empty())
            read_simple_action(*simple, kind, scopes, limits, step);
        else
            simple->fault("a step has one script; '{}' is given already", given);
        given = kind.field;
    }
    if (given.empty())
        step_fields.need("script");
}

}
