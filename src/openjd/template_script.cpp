#include <openjd/template_reader.h>

#include <array>
#include <set>

namespace sidereal::openjd {

namespace {

constexpr std::size_t no_limit = static_cast<std::size_t>(-1);

constexpr Duration task_notice = std::chrono::seconds(120);
constexpr Duration environment_notice = std::chrono::seconds(30);

// A number of seconds, or what stands for one.
struct Seconds {
    std::optional<Duration> value;
    std::optional<Reference> text;
};

Seconds read_seconds(Place const& place, Scope const& scope, std::int64_t most)
{
    auto const& node = place.node();
    if (node.kind == Node::Kind::string) {
        auto text = read_number_text(place, scope);
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

Cancelation read_cancelation(
    Place const& place, Scope const& job, Duration notice, Limits const& limits)
{
    Cancelation out;
    out.notify_period = notice;
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
        auto seconds = read_seconds(*period, job, limits.notify_period_s);
        out.notify_period = seconds.value.value_or(notice);
        out.notify_period_text = std::move(seconds.text);
    }
    return out;
}

void read_args(Place const& list, Scope const& host, Action& out)
{
    for (auto const& item : read_list(list, { 0, no_limit })) {
        auto text = read_scoped(item, host, { 0, no_limit, TextRule::Controls::allowed });
        out.args.push_back(std::move(text).value_or(FormatString()));
    }
}

// What actions and simple actions have in common.
void read_limits(
    Fields const& fields, Scope const& job, Duration notice, Limits const& limits, Action& out)
{
    out.cancelation.notify_period = notice;
    if (auto const timeout = fields.get("timeout")) {
        auto seconds = read_seconds(*timeout, job, limits.timeout_s);
        out.timeout = seconds.value;
        out.timeout_text = std::move(seconds.text);
    }
    if (auto const cancelation = fields.get("cancelation"))
        out.cancelation = read_cancelation(*cancelation, job, notice, limits);
}

Action read_action(Place const& place, Scopes const& scopes, Duration notice, Limits const& limits)
{
    Fields const fields(place, { "command", "args", "timeout", "cancelation" });
    Action out;
    if (auto const command = fields.need("command")) {
        auto text = read_scoped(
            *command, scopes.host, { 1, no_limit, TextRule::Controls::refused });
        out.command = std::move(text).value_or(FormatString());
    }
    if (auto const args = fields.get("args"))
        read_args(*args, scopes.host, out);
    read_limits(fields, scopes.job, notice, limits, out);
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

void read_simple_action(Place const& place, SimpleKind const& kind, Scopes const& scopes,
    Limits const& limits, StepTemplate& step)
{
    Fields const fields(place, { "let", "script", "args", "timeout", "cancelation" });
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
    read_limits(fields, scopes.job, task_notice, limits, action);
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
    Place const& place, Scopes scopes, Limits const& limits, Environment& out)
{
    Fields const fields(place, { "let", "actions", "embeddedFiles" });
    out.files = read_files(fields, "Env.File.", scopes.host, limits);
    auto const actions = fields.need("actions");
    if (!actions)
        return;
    Fields const action_fields(
        *actions, { "onEnter", "onWrapEnvEnter", "onWrapTaskRun", "onWrapEnvExit", "onExit" });
    if (auto const enter = action_fields.get("onEnter"))
        out.on_enter = read_action(*enter, scopes, environment_notice, limits);
    if (auto const leave = action_fields.get("onExit"))
        out.on_exit = read_action(*leave, scopes, environment_notice, limits);
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

void read_step_script(Place const& place, Scopes scopes, Limits const& limits, StepTemplate& step)
{
    Fields const fields(place, { "let", "actions", "embeddedFiles" });
    step.files = read_files(fields, "Task.File.", scopes.host, limits);
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
