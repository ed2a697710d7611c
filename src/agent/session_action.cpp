// How a session's action is made, watched and stopped.
#include <agent/session.h>

#include <agent/agent.h>
#include <base/json.h>
#include <openjd/directive.h>
#include <openjd/job_symbols.h>

#include <fmt/format.h>

#include <algorithm>
#include <set>
#include <span>
#include <utility>

namespace sidereal::agent {

namespace {

// The specification's form has whole seconds: 2026-11-22T18:52:24Z.
std::string notify_end(Wall time)
{
    constexpr std::size_t up_to_seconds = 19;
    JsonWriter json;
    json.begin_object()
        .field("NotifyEnd", to_rfc3339(time).substr(0, up_to_seconds) + "Z")
        .end_object();
    return json.take();
}

}

// A folder for each file whose name another script of the session has taken: variables may point
// at an environment's files as long as it is entered.
void Session::allocate_paths()
{
    paths_.clear();
    subfolders_.clear();
    std::set<std::string> taken { "path_mapping_rules.json", "cancel_info.json" };
    auto const allocate = [&](Files const& files, std::string const& scope) {
        std::vector<std::string> paths;
        for (auto const& file : files) {
            auto name = file.filename.empty() ? scope + '-' + file.name : file.filename;
            if (!taken.insert(name).second) {
                auto const folder = place_.working_dir + '/' + scope + "-files";
                if (subfolders_.empty() || subfolders_.back() != folder)
                    subfolders_.push_back(folder);
                name = scope + "-files/" + name;
            }
            paths.push_back(place_.working_dir + '/' + name);
        }
        paths_.push_back(std::move(paths));
    };
    for (std::size_t i = 0; i < environments_.size(); ++i)
        allocate(environments_[i]->files, fmt::format("environment-{}", i + 1));
    allocate(job_->spec.steps[step_].files, "task");
}

// A session moves, so that what is around what is set anew before each use.
void Session::link_names()
{
    names_.outer = &job_->symbols;
    step_names_.outer = &names_;
}

Session::Script Session::script_of(Kind kind, std::size_t index) const
{
    auto const& step = job_->spec.steps[step_];
    if (kind == Kind::task)
        return { &step.files, &paths_.back(), &step.lets, &step_names_ };
    auto const& environment = *environments_[index];
    auto const is_jobs = index < job_->spec.environments.size();
    return { &environment.files, &paths_[index], &environment.lets,
        is_jobs ? &names_ : &step_names_ };
}

// Gives the script its names and adds its files to what is written.
Status Session::open(ScriptTexts& texts, Kind kind, std::size_t index, RunAction& run)
{
    auto const script = script_of(kind, index);
    auto const is_task = kind == Kind::task;
    if (is_task)
        openjd::add_task_symbols(texts.values(),
            task_->values ? *task_->values
                          : job_->spec.steps[step_].space.at(task_->task, task_->tasks),
            place_.path_rules);
    for (std::size_t i = 0; i < script.files->size(); ++i)
        texts.values().insert_or_assign(
            (is_task ? "Task.File." : "Env.File.") + (*script.files)[i].name,
            openjd::expr::Value::path((*script.paths)[i]));
    TRY(texts.bind(*script.lets));
    for (std::size_t i = 0; i < script.files->size(); ++i) {
        auto const& file = (*script.files)[i];
        run.files.push_back({ (*script.paths)[i],
            openjd::with_line_ends(TRY(texts.text(file.data)), file.line_ends), file.runnable });
    }
    return {};
}

std::optional<std::size_t> Session::wrapper_of(Wanted const& wanted) const
{
    for (std::size_t i = 0; i < wanted.index; ++i) {
        if (environments_[i]->hooks)
            return i;
    }
    return std::nullopt;
}

bool Session::sets_redacted(Wanted const& wanted) const
{
    auto const wrapper = wrapper_of(wanted);
    return (wrapper && environments_[*wrapper]->sets_redacted)
        || (wanted.kind == Kind::task ? job_->spec.sets_redacted
                                      : environments_[wanted.index]->sets_redacted);
}

void Session::tell_wrapped(
    ScriptTexts& texts, Wanted const& wanted, std::vector<std::string> const& argv) const
{
    using namespace openjd::expr;
    auto const list = [](std::span<std::string const> words) {
        std::vector<Value> values;
        for (auto const& word : words)
            values.push_back(Value::of(word));
        return Value::list(string_type, std::move(values));
    };
    auto const seconds = [](Duration duration) {
        return Value::of(
            std::int64_t { std::chrono::duration_cast<std::chrono::seconds>(duration).count() });
    };
    auto& values = texts.values();
    auto const& action = *wanted.spec;
    auto const& cancelation = action.cancelation;
    auto const notifies = cancelation
        && cancelation->mode == openjd::Cancelation::Mode::notify_then_terminate;
    auto const own = variables_.own();
    values["WrappedAction.Command"] = Value::of(argv.front());
    values["WrappedAction.Args"] = list(std::span(argv).subspan(1));
    values["WrappedAction.Environment"] = list(own);
    values["WrappedAction.Timeout"] = action.timeout ? seconds(*action.timeout) : Value();
    values["WrappedAction.Cancelation.Mode"] = cancelation
        ? Value::of(std::string(to_string(cancelation->mode)))
        : Value();
    values["WrappedAction.Cancelation.NotifyPeriodInSeconds"] = notifies
        ? seconds(cancelation->notify_period)
        : Value();
    if (wanted.kind == Kind::task)
        values["WrappedStep.Name"] = Value::of(job_->spec.steps[step_].name);
    else
        values["WrappedEnv.Name"] = Value::of(environments_[wanted.index]->name);
}

Result<Session::Ready> Session::prepare(Wanted const& wanted)
{
    link_names();
    Ready ready;
    auto& run = ready.run;
    if (!rules_written_)
        run.files.push_back({ names_.values.at("Session.PathMappingRulesFile").text(),
            openjd::to_json(place_.path_rules), false });
    ScriptTexts texts(*script_of(wanted.kind, wanted.index).outer, place_.path_rules);
    TRY(open(texts, wanted.kind, wanted.index, run));
    run.argv = TRY(texts.command(*wanted.spec));
    ready.action = *wanted.spec;
    if (auto const wrapper = wrapper_of(wanted)) {
        auto const& hooks = *environments_[*wrapper]->hooks;
        ScriptTexts around(*script_of(Kind::enter, *wrapper).outer, place_.path_rules);
        TRY(open(around, Kind::enter, *wrapper, run));
        tell_wrapped(around, wanted, run.argv);
        ready.action = TRY(around.with_limits(wanted.kind == Kind::task ? hooks.task_run
                : wanted.kind == Kind::enter                            ? hooks.env_enter
                                                                        : hooks.env_exit));
        run.argv = TRY(around.command(ready.action));
    }
    run.environment = variables_.with(task_ ? task_->variables : std::vector<std::string> {});
    run.working_dir = place_.working_dir;
    run.has_gpus = place_.has_gpus;
    run.enters = wanted.kind == Kind::enter;
    run.log_path = task_ ? task_->log_path : place_.exit_log_path;
    return ready;
}

void Session::start(Wanted const& wanted, Turn& turn)
{
    Running next;
    next.kind = wanted.kind;
    next.sets_redacted = sets_redacted(wanted);
    auto ready = prepare(wanted);
    if (!ready) {
        ActionEnd end;
        end.not_started = "cannot start: " + ready.error().message;
        return settle(next, end, turn);
    }
    rules_written_ = true;
    next.id = { ++turn.last_action };
    next.since = turn.now.mono;
    next.cancelation = ready->action.cancelation;
    next.limit = ready->action.timeout;
    if (!next.limit && wanted.kind == Kind::exit)
        next.limit = openjd::default_exit_limit;
    if (next.limit)
        next.deadline = turn.now.mono + *next.limit;
    ready->run.action = next.id;
    if (task_)
        next.watch.set(task_->job_log_rules, task_->farm_log_rules);
    turn.effects.list.emplace_back(std::move(ready->run));
    action_ = std::move(next);
}

void Session::stop(StopRequest const& request, Turn& turn)
{
    if (!action_)
        return;
    auto& running = *action_;
    if (!running.stopped)
        running.stopped = request;
    if (running.killed)
        return;
    auto const& cancelation = running.cancelation;
    if (request.how == StopRequest::How::kill || !cancelation
        || cancelation->mode == openjd::Cancelation::Mode::terminate)
        return kill(turn);
    auto const notice = std::min(cancelation->notify_period, request.longest_notice);
    auto const kill_at = turn.now.mono + notice;
    if (running.kill_at && *running.kill_at <= kill_at)
        return;
    running.kill_at = kill_at;
    FileToWrite info { place_.working_dir + "/cancel_info.json", notify_end(turn.now.wall + notice),
        false };
    turn.effects.list.emplace_back(SignalAction { running.id, Signal::terminate, std::move(info) });
}

void Session::kill(Turn& turn)
{
    action_->killed = true;
    turn.effects.list.emplace_back(SignalAction { action_->id, Signal::kill, std::nullopt });
}

bool Session::takes_line(std::string_view line)
{
    if (action_)
        action_->watch.see(line);
    return line_matters(line);
}

std::optional<ProgressLine> Session::on_line(std::string_view line, Turn& turn)
{
    if (!action_)
        return std::nullopt;
    auto directive = openjd::parse_directive(line);
    if (!directive)
        return task_ ? parse_renderer_line(line) : std::nullopt;
    // Whoever says so, and also where the variable itself is not taken.
    if (directive->redact)
        secrets_.add(directive->text);
    using Said = openjd::Directive::Kind;
    auto const entering = action_->kind == Kind::enter;
    switch (directive->kind) {
    case Said::progress: return ProgressLine { directive->percent, std::nullopt, true };
    case Said::status: return ProgressLine { std::nullopt, secrets_.hide(directive->text), true };
    case Said::fail: action_->declared_failure = std::move(directive->text); break;
    case Said::set_env:
        if (directive->redact && !action_->sets_redacted)
            break;
        if (entering)
            variables_.tell(directive->name, std::move(directive->text));
        else
            variables_.remember(directive->name, std::move(directive->text));
        break;
    case Said::unset_env:
        if (entering)
            variables_.unset(directive->name);
        variables_.forget(directive->name);
        break;
    case Said::malformed:
        stop({ StopRequest::How::by_its_mode, wire::Outcome::failed, wire::Cause::task_error,
                 std::move(directive->text) },
            turn);
        break;
    }
    return std::nullopt;
}

void Session::on_tick(Turn& turn)
{
    if (!action_ || action_->killed)
        return;
    if (action_->kill_at && *action_->kill_at <= turn.now.mono)
        return kill(turn);
    if (!action_->stopped && action_->deadline && *action_->deadline <= turn.now.mono)
        stop({ StopRequest::How::by_its_mode, wire::Outcome::failed, wire::Cause::timed_out,
                 fmt::format("ran longer than its limit of {}", to_human(*action_->limit)) },
            turn);
}

std::optional<Mono> Session::next_wake() const
{
    if (!action_ || action_->killed)
        return std::nullopt;
    if (action_->stopped)
        return action_->kill_at;
    return action_->deadline;
}

}
