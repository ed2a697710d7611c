#include <agent/work.h>

#include <base/verify.h>
#include <openjd/job.h>

#include <fmt/format.h>

#include <algorithm>
#include <type_traits>
#include <utility>

namespace sidereal::agent {

namespace {

// Sums of fractions of a CPU are not exact; the brain allows for as much.
constexpr double tolerance = 1e-9;
constexpr double mib = 1024.0 * 1024.0;

constexpr Duration longest_notice_at_stop = std::chrono::seconds(4);

}

void Work::learn(wire::JobText const& text)
{
    auto& known = jobs_[text.job];
    known.released = false;
    if (known.job || !known.fault.empty())
        return;
    openjd::JobSource source { text.template_text, text.file_name, text.parameters };
    for (auto const& around : text.environments)
        source.environments.push_back({ around.template_text, around.file_name });
    auto made = openjd::create_job(source);
    known.log_rules = LogRules::make(text.log_rules);
    if (made)
        known.job = prepare(std::move(*made));
    else
        known.fault = "this node cannot make the job: " + openjd::to_string(made.error());
}

void Work::learn(wire::LogRuleSet const& rules)
{
    if (rules.print == log_rules_print_)
        return;
    log_rules_ = LogRules::make(rules.rules);
    log_rules_print_ = rules.print;
}

void Work::apply(wire::Order const& order, Now now, Effects& effects)
{
    std::visit(
        [&](auto const& what) {
            using What = std::decay_t<decltype(what)>;
            if constexpr (std::is_same_v<What, wire::Start>) {
                if (stopping_)
                    return;
                queue_.push_back(what);
                queued_vcpus_ += what.vcpus;
                if (auto const known = jobs_.find(what.job); known != jobs_.end())
                    ++known->second.attempts;
            } else if constexpr (std::is_same_v<What, wire::Cancel>) {
                cancel(what, now, effects);
            } else if constexpr (std::is_same_v<What, wire::ReleaseJob>) {
                release(what.job, now, effects);
            } else {
                read_log(what, effects);
            }
        },
        order);
}

void Work::cancel(wire::Cancel const& order, Now now, Effects& effects)
{
    auto const is_it = [&](wire::Start const& start) { return start.attempt == order.attempt; };
    auto const queued = std::find_if(queue_.begin(), queue_.end(), is_it);
    if (queued != queue_.end()) {
        auto const start = *queued;
        queue_.erase(queued);
        queued_vcpus_ -= start.vcpus;
        wire::Ended end;
        end.attempt = start.attempt;
        end.outcome = wire::Outcome::canceled;
        end.cause = wire::Cause::canceled;
        end.message = order.reason;
        outbox_.add(std::move(end));
        return let_go(start.job);
    }
    auto const running = running_.find(order.attempt);
    if (running == running_.end() || running->second.is_void)
        return;
    stop_one(running->second.session,
        { StopRequest::How::by_its_mode, wire::Outcome::canceled, wire::Cause::canceled,
            order.reason },
        now, effects);
}

void Work::release(JobId job, Now now, Effects& effects)
{
    auto const known = jobs_.find(job);
    if (known == jobs_.end())
        return;
    known->second.released = true;
    std::vector<SessionNumber> idle;
    for (auto at = idle_by_key_.lower_bound({ job, 0, {} });
         at != idle_by_key_.end() && at->first.job == job; ++at)
        idle.insert(idle.end(), at->second.begin(), at->second.end());
    for (auto const number : idle)
        close_idle(number, now, effects);
    if (known->second.attempts == 0)
        jobs_.erase(known);
}

void Work::read_log(wire::ReadLog const& order, Effects& effects)
{
    auto const waits = std::any_of(queue_.begin(), queue_.end(),
        [&](wire::Start const& start) { return start.attempt == order.attempt; });
    effects.list.emplace_back(
        ReadLogFile { order, fmt::format("{}/{}.log", log_folder(order.job), order.attempt.value),
            !waits && !running_.contains(order.attempt) });
}

bool Work::fits(wire::Start const& order) const
{
    // As farm::Amounts::covers has it, so that brain and agent agree on who may start.
    return used_vcpus_ + order.vcpus <= config_.facts.vcpus + tolerance
        && (order.memory_mib <= 0
            || used_memory_mib_ + order.memory_mib
                <= static_cast<double>(config_.facts.memory_bytes) / mib + tolerance)
        && in_the_way(order).empty();
}

wire::Start Work::take_front()
{
    auto const order = queue_.front();
    queue_.pop_front();
    queued_vcpus_ = queue_.empty() ? 0 : queued_vcpus_ - order.vcpus;
    return order;
}

void Work::fill_node(Now now, Effects& effects)
{
    start_what_fits(now, effects);
    // Only now, when those that could go on with something do.
    close_idle_over(static_cast<std::size_t>(std::max(1.0, config_.facts.vcpus)), now, effects);
}

// A session that is idle leaves the GPUs that the front of the queue needs; what still runs in its
// exits holds them until it is gone.
bool Work::fits_once_cleared(Now now, Effects& effects)
{
    for (auto const number : in_the_way(queue_.front()))
        if (sessions_.at(number).idle_since)
            close_idle(number, now, effects);
    return fits(queue_.front());
}

void Work::start_what_fits(Now now, Effects& effects)
{
    while (!queue_.empty()) {
        auto const& front = queue_.front();
        if (front.vcpus > config_.facts.vcpus + tolerance) {
            auto const order = take_front();
            refuse(order, wire::Cause::not_started,
                fmt::format(
                    "needs {:g} CPUs, this node has {:g}", order.vcpus, config_.facts.vcpus));
        } else if (fits_once_cleared(now, effects)) {
            begin(take_front(), now, effects);
        } else {
            return;
        }
    }
}

std::string Work::why_not(wire::Start const& order) const
{
    auto const& known = jobs_.at(order.job);
    if (!known.job)
        return known.fault;
    auto const& steps = known.job->spec.steps;
    auto const* space = order.step < steps.size() ? &steps[order.step].space : nullptr;
    if (!space || order.task >= space->size() || order.tasks > space->together(order.task))
        return fmt::format("job {} has no task {} in step {}: the brain and this node read its "
                           "template differently",
            order.job.value, order.task, order.step);
    return {};
}

void Work::begin(wire::Start const& order, Now now, Effects& effects)
{
    // Nobody's fault but the wire's: it must not use up one of the task's retries.
    if (!jobs_.contains(order.job))
        return refuse(order, wire::Cause::interrupted,
            fmt::format("the text of job {} did not reach this node", order.job.value));
    if (auto why = why_not(order); !why.empty())
        return refuse(order, wire::Cause::not_started, std::move(why));

    auto const at = session_for(order);
    auto const& spec = jobs_.at(order.job).job->spec;
    TaskRun task { order.attempt, order.task,
        { fmt::format("SIDEREAL_JOB={}", order.job.value),
            fmt::format("SIDEREAL_ATTEMPT={}", order.attempt.value),
            "SIDEREAL_STEP=" + spec.steps[order.step].name,
            fmt::format("SIDEREAL_TASK={}", order.task) },
        fmt::format("{}/{}.log", log_folder(order.job), order.attempt.value) };
    task.memory_mib = order.memory_mib;
    task.job_log_rules = jobs_.at(order.job).log_rules;
    task.farm_log_rules = log_rules_;
    task.tasks = order.tasks;
    at->second.attempt = order.attempt;
    used_vcpus_ += order.vcpus;
    used_memory_mib_ += order.memory_mib;
    running_.emplace(order.attempt, Running { order, at->first });
    Turn turn { now, last_action_, effects };
    at->second.session.run(std::move(task), turn);
    if (!turn.ended)
        outbox_.add(wire::Started { order.attempt });
    settle(at, turn);
}

void Work::refuse(wire::Start const& order, wire::Cause cause, std::string message)
{
    wire::Ended end;
    end.attempt = order.attempt;
    end.cause = cause;
    end.message = std::move(message);
    outbox_.add(std::move(end));
    let_go(order.job);
}

void Work::let_go(JobId job)
{
    auto const known = jobs_.find(job);
    if (known == jobs_.end() || known->second.attempts == 0)
        return;
    if (--known->second.attempts == 0 && known->second.released)
        jobs_.erase(known);
}

void Work::drop_queue()
{
    while (!queue_.empty())
        let_go(take_front().job);
}

void Work::stop_running(StopRequest const& request, Now now, Effects& effects)
{
    std::vector<SessionNumber> busy;
    for (auto const& [attempt, running] : running_)
        busy.push_back(running.session);
    for (auto const number : busy)
        stop_one(number, request, now, effects);
}

void Work::stop_one(SessionNumber number, StopRequest const& request, Now now, Effects& effects)
{
    auto const at = sessions_.find(number);
    Turn turn { now, last_action_, effects };
    at->second.session.stop(request, turn);
    settle(at, turn);
}

void Work::void_all(Now now, Effects& effects)
{
    drop_queue();
    for (auto& [attempt, running] : running_)
        running.is_void = true;
    stop_running({ StopRequest::How::kill, wire::Outcome::failed, wire::Cause::interrupted,
                     "the brain has given this node up" },
        now, effects);
    close_idle_over(0, now, effects);
}

void Work::interrupt_all(std::string const& reason, Now now, Effects& effects)
{
    while (!queue_.empty())
        refuse(take_front(), wire::Cause::interrupted, reason);
    stop_running(
        { StopRequest::How::kill, wire::Outcome::failed, wire::Cause::interrupted, reason }, now,
        effects);
}

void Work::stop(Now now, Effects& effects)
{
    stopping_ = true;
    drop_queue();
    stop_running({ StopRequest::How::by_its_mode, wire::Outcome::canceled, wire::Cause::interrupted,
                     "the agent on this node was stopped", longest_notice_at_stop },
        now, effects);
    close_idle_over(0, now, effects);
}

std::vector<AttemptId> Work::holding() const
{
    std::vector<AttemptId> held;
    held.reserve(queue_.size() + running_.size());
    for (auto const& order : queue_)
        held.push_back(order.attempt);
    for (auto const& [attempt, running] : running_) {
        if (!running.is_void)
            held.push_back(attempt);
    }
    return held;
}

std::vector<AttemptId> Work::running() const
{
    std::vector<AttemptId> ids;
    for (auto const& [attempt, running] : running_)
        ids.push_back(attempt);
    return ids;
}

std::vector<JobId> Work::jobs_known() const
{
    std::vector<JobId> ids;
    for (auto const& [job, known] : jobs_)
        ids.push_back(job);
    return ids;
}

}
