// How a session's action is made, watched and stopped.
#include <agent/session.h>

#include <base/json.h>
#include <base/verify.h>
#include <openjd/directive.h>

#include <fmt/format.h>

#include <algorithm>
#include <set>
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

void Session::name_files(
    std::string_view scope, Files const& files, std::vector<std::string> const& paths)
{
    if (scope.starts_with("Env."))
        symbols_.erase(symbols_.lower_bound("Env."), symbols_.lower_bound("Env/"));
    for (std::size_t i = 0; i < files.size(); ++i)
        symbols_[fmt::format("{}{}", scope, files[i].name)] = paths[i];
}

Result<RunAction> Session::command(Script const& script)
{
    RunAction run;
    run.argv.reserve(script.spec->args.size() + 1);
    run.argv.push_back(TRY(script.spec->command.resolve(symbols_)));
    for (auto const& argument : script.spec->args)
        run.argv.push_back(TRY(argument.resolve(symbols_)));
    if (!rules_written_)
        run.files.push_back({ symbols_.at("Session.PathMappingRulesFile"),
            openjd::to_json(place_.path_rules), false });
    for (std::size_t i = 0; i < script.files->size(); ++i) {
        auto const& file = (*script.files)[i];
        run.files.push_back({ (*script.paths)[i],
            openjd::with_line_ends(TRY(file.data.resolve(symbols_)), file.line_ends),
            file.runnable });
    }
    run.environment = variables_.with(task_ ? task_->variables : std::vector<std::string> {});
    run.working_dir = place_.working_dir;
    run.has_gpus = place_.has_gpus;
    run.log_path = task_ ? task_->log_path : place_.exit_log_path;
    return run;
}

void Session::start(Script const& script, Turn& turn)
{
    Running next;
    next.kind = script.kind;
    next.spec = script.spec;
    auto run = command(script);
    if (!run) {
        ActionEnd end;
        end.not_started = "cannot start: " + run.error().message;
        return settle(next, end, turn);
    }
    rules_written_ = true;
    next.id = { ++turn.last_action };
    next.since = turn.now.mono;
    next.limit = script.spec->timeout;
    if (!next.limit && script.kind == Kind::exit)
        next.limit = openjd::default_exit_limit;
    if (next.limit)
        next.deadline = turn.now.mono + *next.limit;
    run->action = next.id;
    turn.effects.list.emplace_back(std::move(*run));
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
    auto const& cancelation = running.spec->cancelation;
    if (request.how == StopRequest::How::kill
        || cancelation.mode == openjd::Cancelation::Mode::terminate)
        return kill(turn);
    auto const notice = std::min(cancelation.notify_period, request.longest_notice);
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
        if (entering)
            variables_.set(directive->name, std::move(directive->text));
        break;
    case Said::unset_env:
        if (entering)
            variables_.unset(directive->name);
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
