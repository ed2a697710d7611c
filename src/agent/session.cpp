#include <agent/session.h>

#include <agent/excerpt.h>
#include <base/verify.h>
#include <openjd/job_symbols.h>

#include <fmt/format.h>

#include <algorithm>
#include <utility>

namespace sidereal::agent {

Session::Session(std::shared_ptr<PreparedJob const> job, std::size_t step, SessionPlace place)
    : job_(std::move(job))
    , step_(step)
    , place_(std::move(place))
    , variables_(std::exchange(place_.base_environment, {}))
{
    using openjd::expr::Value;
    if (!place_.path_rules.empty())
        names_.values = openjd::job_symbols(job_->spec, place_.path_rules);
    names_.values.insert_or_assign("Session.WorkingDirectory", Value::path(place_.working_dir));
    names_.values.insert_or_assign(
        "Session.HasPathMappingRules", Value::of(!place_.path_rules.empty()));
    names_.values.insert_or_assign("Session.PathMappingRulesFile",
        Value::path(place_.working_dir + "/path_mapping_rules.json"));
    select_step(step);
    variables_.set_base("OPENJD_SESSION_WORKING_DIR", place_.working_dir);
}

// Only the job's own environments, which all steps have, may be entered.
void Session::select_step(std::size_t step)
{
    VERIFY(step < job_->spec.steps.size());
    step_ = step;
    environments_.clear();
    for (auto const& environment : job_->spec.environments)
        environments_.push_back(&environment);
    for (auto const& environment : job_->spec.steps[step_].environments)
        environments_.push_back(&environment);
    step_names_.values = job_->spec.steps[step_].values;
    allocate_paths();
}

std::optional<ActionId> Session::action() const
{
    return action_ ? std::optional(action_->id) : std::nullopt;
}

std::string Session::doing() const
{
    if (!action_)
        return {};
    if (action_->kind == Kind::task)
        return fmt::format("running a task of step '{}'", job_->spec.steps[step_].name);
    auto const& name = environments_[variables_.layers() - 1]->name;
    return fmt::format(
        "{} environment '{}'", action_->kind == Kind::enter ? "entering" : "leaving", name);
}

void Session::run(TaskRun task, Turn& turn)
{
    VERIFY(takes_task());
    task_ = std::move(task);
    usage_ = {};
    task_since_ = turn.now.mono;
    open(turn);
    advance(turn);
}

void Session::close(Turn& turn)
{
    closing_ = true;
    advance(turn);
}

void Session::open(Turn& turn)
{
    if (std::exchange(opened_, true))
        return;
    turn.effects.list.emplace_back(MakeSessionDir { place_.working_dir });
    make_subfolders(turn);
}

void Session::make_subfolders(Turn& turn) const
{
    for (auto const& folder : subfolders_)
        turn.effects.list.emplace_back(MakeSessionDir { folder });
}

// Each round starts an action, or finishes something that needs none.
void Session::advance(Turn& turn)
{
    while (!action_ && !closed_) {
        if (task_ && task_->step.value_or(step_) != step_)
            change_step(turn);
        else if (task_ && variables_.layers() < environments_.size())
            enter_next(turn);
        else if (task_)
            start_task(turn);
        else if (closing_ && variables_.layers() > 0)
            exit_last(turn);
        else if (closing_)
            closed_ = true;
        else
            return;
    }
    if (closed_ && std::exchange(opened_, false))
        turn.effects.list.emplace_back(RemoveSessionDir { place_.working_dir });
}

void Session::change_step(Turn& turn)
{
    if (variables_.layers() > job_->spec.environments.size())
        return exit_last(turn);
    select_step(*task_->step);
    make_subfolders(turn);
}

void Session::enter_next(Turn& turn)
{
    auto const index = variables_.layers();
    auto const& environment = *environments_[index];
    // From here on it is to be exited, also if entering it fails.
    variables_.push_layer();
    link_names();
    ScriptTexts texts(*script_of(Kind::enter, index).outer, place_.path_rules);
    for (auto const& [name, text] : environment.variables) {
        auto value = texts.word(text);
        if (!value) {
            ActionEnd end;
            end.not_started = fmt::format(
                "cannot set variable {}: {}", name, value.error().message);
            return enter_failed(verdict({}, end), turn);
        }
        variables_.set(name, std::move(*value));
    }
    if (environment.on_enter)
        start({ Kind::enter, &*environment.on_enter, index }, turn);
}

void Session::start_task(Turn& turn)
{
    start({ Kind::task, &job_->spec.steps[step_].on_run, environments_.size() }, turn);
}

void Session::exit_last(Turn& turn)
{
    auto const index = variables_.layers() - 1;
    auto const& environment = *environments_[index];
    if (!environment.on_exit)
        return variables_.pop_layer();
    start({ Kind::exit, &*environment.on_exit, index }, turn);
}

void Session::on_action_ended(ActionEnd const& end, Turn& turn)
{
    VERIFY(action_);
    auto const over = *std::exchange(action_, std::nullopt);
    if (task_) {
        usage_.cpu_time += end.cpu;
        usage_.max_rss_bytes = std::max(usage_.max_rss_bytes, end.max_rss_bytes);
        usage_.max_vram_bytes = std::max(usage_.max_vram_bytes, end.max_vram_bytes);
        if (over.kind == Kind::enter)
            usage_.enter_time += turn.now.mono - over.since;
    }
    settle(over, end, turn);
    advance(turn);
}

void Session::settle(Running const& over, ActionEnd const& end, Turn& turn)
{
    auto result = verdict(over, end);
    auto const succeeded = result.outcome == wire::Outcome::succeeded;
    switch (over.kind) {
    case Kind::enter:
        if (!succeeded)
            enter_failed(std::move(result), turn);
        break;
    case Kind::task:
        failed_ = failed_ || !succeeded;
        end_task(std::move(result), turn);
        break;
    case Kind::exit:
        if (!succeeded)
            exit_failed(result.message, turn);
        variables_.pop_layer();
        // A task of another step waited for it.
        if (!succeeded && task_)
            end_task(std::move(result), turn);
        break;
    }
}

void Session::enter_failed(wire::Ended end, Turn& turn)
{
    auto const& name = environments_[variables_.layers() - 1]->name;
    // A stop from outside says itself why the task ends, and so may the log.
    auto const known = end.cause != wire::Cause::task_error && end.cause != wire::Cause::not_started
        && end.cause != wire::Cause::timed_out;
    if (end.cause != wire::Cause::canceled && end.cause != wire::Cause::interrupted) {
        end.cause = known ? end.cause : wire::Cause::environment_error;
        end.message = fmt::format("environment '{}' failed to enter: {}", name, end.message);
    }
    failed_ = true;
    end_task(std::move(end), turn);
}

void Session::end_task(wire::Ended end, Turn& turn)
{
    end.attempt = task_->attempt;
    end.usage = usage_;
    end.usage.run_time = turn.now.mono - task_since_;
    task_.reset();
    turn.ended = std::move(end);
}

void Session::exit_failed(std::string const& fault, Turn& turn)
{
    failed_ = true;
    turn.effects.notes.push_back({ Note::Level::warning, "environment_exit_failed",
        { { "environment", environments_[variables_.layers() - 1]->name }, { "reason", fault },
            { "log", place_.exit_log_path } } });
}

// The kernel says so, or it was killed (a shell passes that on as 128 + 9) and not by us, having
// grown to nine tenths of what it was given or of what the node has.
bool Session::ran_out_of_memory(Running const& over, ActionEnd const& end) const
{
    constexpr int killed = 9;
    constexpr int killed_below_a_shell = 128 + killed;
    constexpr double near = 0.9;
    if (over.killed)
        return false;
    if (end.oom_killed && end.exit_code != 0)
        return true;
    if (end.signal != killed && end.exit_code != killed_below_a_shell)
        return false;
    auto const peak = static_cast<double>(end.max_rss_bytes);
    auto const given = task_ ? task_->memory_mib * 1024 * 1024 : 0;
    auto const has = static_cast<double>(place_.node_memory_bytes);
    return (given > 0 && peak >= near * given) || (has > 0 && peak >= near * has);
}

// What the log, the script or the exit code say of a failure.
void Session::explain(Running const& over, ActionEnd const& end, wire::Ended& result) const
{
    auto const fault = fault_of(end);
    auto const failed = over.declared_failure || !fault.empty();
    auto const found = failed ? over.watch.why_failed() : over.watch.why_not_good();
    if (!failed && !found) {
        result.outcome = wire::Outcome::succeeded;
        return;
    }
    result.message = over.declared_failure.value_or(fault);
    result.cause = end.not_started ? wire::Cause::not_started : wire::Cause::task_error;
    if (ran_out_of_memory(over, end)) {
        result.cause = wire::Cause::out_of_memory;
        result.message += fmt::format(": out of memory at {:.3g} GiB",
            static_cast<double>(end.max_rss_bytes) / (1024.0 * 1024 * 1024));
    } else if (found) {
        result.cause = found->rule.cause;
        result.limit = found->rule.limit;
        result.message = fmt::format("the log says: {}{}", found->line,
            result.message.empty() ? "" : fmt::format(" ({})", result.message));
    }
}

// What became of an action, as if it were the task's.
wire::Ended Session::verdict(Running const& over, ActionEnd const& end) const
{
    wire::Ended result;
    result.exit_code = end.exit_code;
    result.signal = end.signal;
    if (over.stopped) {
        result.outcome = over.stopped->outcome;
        result.cause = over.stopped->cause;
        result.message = over.stopped->message;
    } else {
        explain(over, end, result);
    }
    if (result.outcome == wire::Outcome::succeeded)
        return result;
    result.message = first_bytes(secrets_.hide(result.message), 1024);
    result.log_tail = last_bytes(secrets_.hide(end.tail), 4096);
    return result;
}

}
