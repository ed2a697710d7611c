#include <brain/mind.h>

#include <base/verify.h>
#include <farm/charge.h>
#include <sched/preempt.h>

#include <fmt/format.h>

#include <algorithm>
#include <utility>

namespace sidereal::brain {

using farm::AttemptRecord;
using farm::AttemptState;

void note(Effects& effects, Note::Level level, std::string event,
    std::vector<std::pair<std::string, std::string>> fields)
{
    effects.notes.push_back({ level, std::move(event), std::move(fields) });
}

void refuse(Effects& effects, Ticket ticket, Error error)
{
    effects.sends.push_back({ ticket, std::move(error) });
}

Error no_such_job(JobId id)
{
    return { ErrorCode::not_found,
        fmt::format("there is no job {}: see 'sidereal job list'", id.value) };
}

void push_order(Brain& brain, NodeId node, wire::Order order)
{
    auto const link = brain.links.find(node);
    if (link == brain.links.end())
        return;
    if (auto const* release = std::get_if<wire::ReleaseJob>(&order)) {
        link->second.released[release->job] = link->second.first_order + link->second.orders.size();
        link->second.jobs_known.erase(release->job);
    }
    link->second.orders.push_back({ std::move(order), 0 });
    brain.to_answer.insert(node);
}

namespace {

constexpr Duration between_rooms = std::chrono::milliseconds(100);

bool has_news(Link const& link)
{
    return std::any_of(link.orders.begin(), link.orders.end(), [&](Link::Outgoing const& outgoing) {
        return outgoing.sent_in == 0 || outgoing.sent_in <= link.settled;
    });
}

// Every answer with a start carries its job's text until the agent says that it has it: an answer
// can be lost, or overtaken by a later one.
void add_job_text(
    Brain const& brain, Link const& link, wire::Order const& order, wire::SyncReply& reply)
{
    auto const* start = std::get_if<wire::Start>(&order);
    if (!start || link.jobs_known.contains(start->job))
        return;
    auto const is_it = [&](wire::JobText const& text) { return text.job == start->job; };
    if (std::any_of(reply.jobs.begin(), reply.jobs.end(), is_it))
        return;
    auto const* job = brain.farm.job(start->job);
    VERIFY(job);
    auto const& source = job->record.source;
    wire::JobText text { start->job, source.template_text, source.file_name, source.parameters };
    for (auto const& around : source.environments)
        text.environments.push_back({ around.text, around.file_name });
    text.log_rules = job->record.scheduling.log_rules;
    reply.jobs.push_back(std::move(text));
}

void close_job(Brain& brain, farm::Job const& job, Now now, Effects& effects)
{
    auto closed = job.record;
    closed.ended_at = now.wall;
    closed.paused = false;
    record(brain, closed, effects);
    note(effects, Note::Level::info, "job_ended",
        { { "job", to_string(closed.id) }, { "state", std::string(to_string(job_state(job))) } });
    for (auto const& [node, link] : brain.links) {
        if (link.jobs_known.contains(closed.id))
            push_order(brain, node, wire::ReleaseJob { closed.id });
    }
}

void pause_after_failures(Brain& brain, farm::Job const& job, Effects& effects)
{
    auto const failed = job.count(farm::TaskState::failed);
    if (!job.record.max_failed_tasks || failed <= *job.record.max_failed_tasks || !job.open())
        return;
    auto paused = job.record;
    paused.paused = true;
    paused.pause_reason = fmt::format("{} tasks failed", failed);
    record(brain, paused, effects);
    note(effects, Note::Level::warning, "job_paused_itself",
        { { "job", to_string(paused.id) }, { "reason", paused.pause_reason } });
}

void lease(Brain& brain, sched::Placement const& placement, Now now, Effects& effects)
{
    auto const lease = sched::lease_for(brain.farm, placement, now);
    record(brain, lease, effects);
    brain.farm.attempts.at(lease.id).since = now.mono;
    push_order(brain, placement.node,
        wire::Start { lease.id, lease.job, lease.step, lease.task, placement.vcpus,
            placement.memory_mib, placement.gpus, placement.tasks });
}

// Jobs that wait for their time wake the brain when it comes, and so do limits.
void find_next_start(Brain& brain, Now now)
{
    brain.next_start.reset();
    auto const consider = [&](Wall time) {
        auto const at = now.mono + (time - now.wall);
        if (time > now.wall && (!brain.next_start || at < *brain.next_start))
            brain.next_start = at;
    };
    for (auto const& rule : brain.farm.rules.limits) {
        auto const use = brain.farm.limits.find(rule.name);
        if (use == brain.farm.limits.end())
            continue;
        consider(use->second.refused_until);
        if (rule.poll && use->second.report)
            consider(use->second.report->at + rule.poll->stale_after() + Duration(1));
    }
    for (auto const id : brain.farm.open_jobs) {
        auto const& not_before = brain.farm.jobs.at(id).record.scheduling.not_before;
        if (not_before)
            consider(*not_before);
    }
}

// Stops work of lower tiers where the rules say so.
void make_room(Brain& brain, Now now)
{
    auto const wake_at = [&](Mono time) {
        if (!brain.next_start || time < *brain.next_start)
            brain.next_start = time;
    };
    auto const wanted = sched::wants_room(brain.farm);
    if (!wanted && brain.farm.kept.nodes.empty())
        return;
    if (wanted && now.mono < brain.next_room)
        return wake_at(brain.next_room);
    if (wanted)
        brain.next_room = now.mono + between_rooms;
    auto const before = brain.farm.kept;
    auto const made = sched::make_room(brain.farm, now, brain.config.policy);
    brain.farm.keep(made.kept);
    for (auto const& yield : made.yields) {
        for (auto const id : yield.stop) {
            auto& attempt = brain.farm.attempts.at(id);
            attempt.preempted = true;
            stop_attempt(brain, attempt,
                fmt::format(
                    "stopped to make room for work of tier '{}'", farm::to_string(yield.to)));
        }
    }
    // What is not kept any more is for whoever waits.
    brain.plan_wanted = before != made.kept;
    // What was waited for may not end in time.
    auto const& rule = brain.farm.rules.preemption;
    if (rule && !brain.farm.kept.nodes.empty())
        wake_at(now.mono + std::max(rule->drain, between_rooms));
}

}

void schedule(Brain& brain, Now now, Effects& effects)
{
    find_next_start(brain, now);
    brain.planned_at = now.mono;
    auto const plan = sched::plan(brain.farm, now, brain.config.policy);
    for (auto const& placement : plan.placements)
        lease(brain, placement, now, effects);
    // What is left waits for the next turn, so that no turn takes long.
    brain.plan_wanted = plan.more;
    if (plan.more)
        return;
    make_room(brain, now);
    manage_power(brain, now, effects);
}

void stop_attempt(Brain& brain, farm::Attempt& attempt, std::string_view reason)
{
    if (attempt.cancel_reason)
        return;
    attempt.cancel_reason = reason;
    push_order(brain, attempt.record.node, wire::Cancel { attempt.record.id, std::string(reason) });
}

namespace {

// What the agent cannot know: why it was told to stop, and what an exit code means here.
void add_what_we_know(farm::Farm const& farm, farm::Attempt const& live, AttemptRecord& ended)
{
    if (ended.outcome == wire::Outcome::canceled && live.preempted) {
        ended.cause = wire::Cause::preempted;
        ended.message = *live.cancel_reason;
    }
    // Unless it was called off before it began.
    auto const ran = ended.usage.run_time > Duration {};
    if (ended.outcome == wire::Outcome::canceled && live.overdue && ran) {
        ended.outcome = wire::Outcome::failed;
        ended.cause = wire::Cause::timed_out;
        ended.message = *live.cancel_reason;
    }
    if (ended.outcome != wire::Outcome::failed || ended.cause != wire::Cause::task_error
        || !ended.exit_code)
        return;
    auto const& wanted = farm.jobs.at(ended.job).steps[ended.step].demand.limits;
    auto const* rule = farm.rules.limit_of_exit_code(*ended.exit_code, wanted);
    if (!rule)
        return;
    ended.cause = wire::Cause::no_licence;
    ended.limit = rule->name;
    ended.message = fmt::format(
        "found no seat of '{}' (exit code {})", rule->name, *ended.exit_code);
}

}

void answer(Brain& brain, NodeId id, Link::Held call, Effects& effects)
{
    auto& link = brain.links.at(id);
    wire::SyncReply reply;
    reply.epoch = brain.farm.nodes.at(id).record.epoch;
    reply.brain_instance = brain.config.instance;
    reply.reports_applied = link.reports_applied;
    reply.first_order = link.first_order;
    reply.lease = brain.config.lease;
    if (link.log_rules && *link.log_rules != brain.farm.log_rules->print)
        reply.log_rules = *brain.farm.log_rules;
    reply.orders.reserve(link.orders.size());
    for (auto& outgoing : link.orders) {
        outgoing.sent_in = call.number;
        add_job_text(brain, link, outgoing.order, reply);
        reply.orders.push_back(outgoing.order);
    }
    effects.sends.push_back({ call.ticket, std::move(reply) });
}

void answer_all(Brain& brain, NodeId id, Effects& effects)
{
    auto& link = brain.links.at(id);
    for (auto* open : { &link.due, &link.held }) {
        if (*open)
            answer(brain, id, **open, effects);
        open->reset();
    }
}

void expire_by(Brain& brain, Mono time)
{
    if (!brain.next_expiry || time < *brain.next_expiry)
        brain.next_expiry = time;
}

void end_attempt(Brain& brain, AttemptId id, wire::Ended const& report, Now now, Effects& effects)
{
    auto const* live = brain.farm.attempt(id);
    VERIFY(live);
    AttemptRecord ended = live->record;
    ended.state = AttemptState::ended;
    ended.ended_at = now.wall;
    ended.outcome = report.outcome;
    ended.cause = report.cause;
    ended.exit_code = report.exit_code;
    ended.signal = report.signal;
    ended.message = report.message;
    ended.log_tail = report.log_tail;
    ended.usage = report.usage;
    ended.limit = report.limit;
    add_what_we_know(brain.farm, *live, ended);
    farm::charge(brain.farm, ended);
    record(brain, ended, effects);
    if (ended.outcome != wire::Outcome::failed)
        return;
    auto const& job = brain.farm.jobs.at(ended.job);
    note(effects, Note::Level::warning, "attempt_failed",
        { { "job", to_string(ended.job) }, { "step", job.spec->steps[ended.step].name },
            { "task", std::to_string(ended.task) }, { "attempt", to_string(ended.id) },
            { "reason", ended.message } });
    pause_after_failures(brain, job, effects);
}

void give_up_node(
    Brain& brain, NodeId id, wire::Cause cause, std::string_view message, Now now, Effects& effects)
{
    auto& node = brain.farm.nodes.at(id);
    // Those that wait on the node go first, so that ending one does not move up another.
    std::vector<AttemptId> held(node.queue.begin(), node.queue.end());
    held.insert(held.end(), node.occupying.begin(), node.occupying.end());
    for (auto const attempt : held)
        end_attempt(brain, attempt,
            { attempt, wire::Outcome::failed, cause, {}, {}, std::string(message), {}, {} }, now,
            effects);
    if (auto const link = brain.links.find(id); link != brain.links.end()) {
        link->second.orders.clear();
        answer_all(brain, id, effects);
        brain.links.erase(id);
    }
    node.present = false;
    node.lease_until.reset();
    auto moved_on = node.record;
    ++moved_on.epoch;
    record(brain, moved_on, effects);
}

void settle(Brain& brain, Now now, Effects& effects)
{
    brain.plan_wanted = true;
    std::vector<JobId> touched;
    for (auto const& fact : effects.records) {
        auto const* attempt = std::get_if<AttemptRecord>(&fact);
        auto const* job = std::get_if<farm::JobRecord>(&fact);
        auto const* reset = std::get_if<farm::ResetRecord>(&fact);
        auto const ended = attempt && attempt->state == AttemptState::ended;
        if (!ended && !job && !reset)
            continue;
        auto const id = job ? job->id : reset ? reset->job : attempt->job;
        // Reports of one agent are mostly of one job.
        if (touched.empty() || touched.back() != id)
            touched.push_back(id);
    }
    std::sort(touched.begin(), touched.end());
    touched.erase(std::unique(touched.begin(), touched.end()), touched.end());
    for (auto const id : touched) {
        auto const& job = brain.farm.jobs.at(id);
        if (!job.ended() && is_settled(job))
            close_job(brain, job, now, effects);
    }
}

void deliver(Brain& brain, Effects& effects)
{
    for (auto const id : std::exchange(brain.to_answer, {})) {
        auto const link = brain.links.find(id);
        if (link == brain.links.end())
            continue;
        auto& calls = link->second;
        if (auto const due = std::exchange(calls.due, std::nullopt))
            answer(brain, id, *due, effects);
        if (calls.held && has_news(calls))
            answer(brain, id, *std::exchange(calls.held, std::nullopt), effects);
    }
}

}
