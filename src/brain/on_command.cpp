#include <brain/mind.h>

#include <base/verify.h>

#include <fmt/format.h>

#include <algorithm>
#include <utility>

namespace sidereal::brain {

namespace {

// A job can wait only for jobs that are there already, so that no circle of jobs can come about.
Status jobs_before_exist(Brain const& brain, farm::Scheduling const& scheduling)
{
    for (auto const& edge : scheduling.after_jobs) {
        auto const* job = brain.farm.job(edge.job);
        if (!job)
            return tl::unexpected(no_such_job(edge.job));
        auto const& steps = job->spec->steps;
        auto const has_step = std::any_of(steps.begin(), steps.end(),
            [&](openjd::Step const& step) { return step.name == edge.step; });
        if (!edge.step.empty() && !has_step)
            return fail(ErrorCode::invalid_input, "scheduling: job {} has no step '{}'",
                edge.job.value, edge.step);
    }
    return {};
}

}

void on_restored(Brain& brain, Now now, Effects& effects)
{
    for (auto& [id, node] : brain.farm.nodes) {
        if (node.live_attempts() > 0)
            node.lease_until = now.mono + brain.config.lease;
    }
    // How long they have run is not known: what they are given is more time.
    for (auto& [id, attempt] : brain.farm.attempts) {
        attempt.since = now.mono;
        watch_for_overdue(brain, attempt.record, now);
    }
    expire_by(brain, now.mono + brain.config.lease);
    // Whoever is there says so meanwhile.
    brain.next_power = now.mono + brain.config.lease;
    brain.next_start = brain.next_power;
    note(effects, Note::Level::info, "restored",
        { { "jobs", std::to_string(brain.farm.jobs.size()) },
            { "nodes", std::to_string(brain.farm.nodes.size()) },
            { "live_attempts", std::to_string(brain.farm.attempts.size()) } });
}

void on_submit(Brain& brain, Submit submit, std::shared_ptr<openjd::Job const> spec, Ticket ticket,
    Now now, Effects& effects)
{
    if (auto size = farm::check_size(*spec); !size)
        return refuse(effects, ticket, size.error());
    farm::JobRecord accepted;
    accepted.id = { brain.farm.last_job + 1 };
    accepted.source = std::move(submit.source);
    accepted.project = std::move(submit.project);
    accepted.user = std::move(submit.user);
    accepted.priority = submit.priority;
    accepted.max_retries = submit.max_retries;
    accepted.max_failed_tasks = submit.max_failed_tasks;
    accepted.submitted_at = now.wall;
    accepted.paused = submit.paused;
    accepted.scheduling = std::move(submit.scheduling);
    if (auto known = jobs_before_exist(brain, accepted.scheduling); !known)
        return refuse(effects, ticket, known.error());
    if (auto applied = brain.farm.apply(accepted, std::move(spec)); !applied)
        return refuse(effects, ticket, applied.error());
    note(effects, Note::Level::info, "job_submitted",
        { { "job", to_string(accepted.id) }, { "user", accepted.user } });
    effects.sends.push_back({ ticket, Submitted { accepted.id } });
    effects.records.emplace_back(std::move(accepted));
    settle(brain, now, effects);
}

void on_apply_rules(
    Brain& brain, std::string text, std::string user, Ticket ticket, Now now, Effects& effects)
{
    farm::RulesRecord rules { brain.farm.rules_record.number + 1, std::move(text), std::move(user),
        now.wall };
    if (auto applied = brain.farm.apply(rules); !applied)
        return refuse(effects, ticket, applied.error());
    note(effects, Note::Level::info, "rules_applied",
        { { "number", std::to_string(rules.number) }, { "user", rules.user } });
    effects.records.emplace_back(std::move(rules));
    effects.sends.push_back({ ticket, Done {} });
    settle(brain, now, effects);
}

void on_seat_report(Brain& brain, std::string const& limit, farm::SeatReport const& report, Now now,
    Effects& effects)
{
    if (!brain.farm.rules.limit(limit))
        return;
    brain.farm.settle(limit, report);
    settle(brain, now, effects);
}

void on_node_verb(Brain& brain, NodeId id, NodeVerb verb, Ticket ticket, Now now, Effects& effects)
{
    auto const* node = brain.farm.node(id);
    if (!node)
        return refuse(effects, ticket,
            { ErrorCode::not_found,
                fmt::format("there is no node {}: see 'sidereal node list'", id.value) });
    auto changed = node->record;
    if (verb == NodeVerb::forgive)
        changed.forgiven_at = std::max(changed.forgiven_at + Duration(1), now.wall);
    else
        changed.draining = verb == NodeVerb::drain;
    if (!(changed == node->record))
        record(brain, changed, effects);
    effects.sends.push_back({ ticket, Done {} });
    settle(brain, now, effects);
}

void on_read_log(
    Brain& brain, NodeId id, wire::ReadLog request, Ticket ticket, Now now, Effects& effects)
{
    auto const* node = brain.farm.node(id);
    if (!node || !node->present)
        return refuse(effects, ticket,
            { ErrorCode::unavailable,
                fmt::format(
                    "the log is on node '{}', which is not in contact: try again when it is back",
                    node ? node->record.facts.name : to_string(id)) });
    request.request = ++brain.last_log_request;
    brain.log_requests[request.request] = { ticket, id, now.mono + brain.config.log_timeout };
    expire_by(brain, now.mono + brain.config.log_timeout);
    push_order(brain, id, request);
}

namespace {

void expire_log_requests(Brain& brain, Now now, Effects& effects)
{
    std::erase_if(brain.log_requests, [&](auto const& entry) {
        if (entry.second.until > now.mono) {
            expire_by(brain, entry.second.until);
            return false;
        }
        refuse(effects, entry.second.ticket,
            { ErrorCode::timed_out, "the node did not send the log in time: try again" });
        return true;
    });
}

void expire_leases(Brain& brain, Now now, Effects& effects)
{
    std::vector<NodeId> lost;
    for (auto const& [id, node] : brain.farm.nodes) {
        if (node.lease_until && *node.lease_until <= now.mono)
            lost.push_back(id);
        else if (node.lease_until)
            expire_by(brain, *node.lease_until);
    }
    for (auto const id : lost) {
        auto const& name = brain.farm.nodes.at(id).record.facts.name;
        // One that was told to sleep is not lost.
        if (brain.farm.nodes.at(id).is_awake())
            note(effects, Note::Level::warning, "node_lost", { { "node", name } });
        give_up_node(brain, id, wire::Cause::lost_node,
            fmt::format("node {} was not heard of for {}", name, to_human(brain.config.lease)), now,
            effects);
    }
}

// Some a little early, so that the many calls of an idle farm are answered a few times a second.
void expire_held(Brain& brain, Now now, Effects& effects)
{
    constexpr int rounds_a_hold = 40;
    auto const soon = now.mono + brain.config.hold / rounds_a_hold;
    for (auto& [id, link] : brain.links) {
        if (link.held && link.held->until <= soon)
            answer(brain, id, *std::exchange(link.held, std::nullopt), effects);
        else if (link.held)
            expire_by(brain, link.held->until);
    }
}

void expire(Brain& brain, Now now, Effects& effects)
{
    brain.next_expiry.reset();
    expire_leases(brain, now, effects);
    expire_held(brain, now, effects);
    expire_log_requests(brain, now, effects);
    // Some of what keeps work waiting passes with time alone, as blame fades.
    constexpr Duration look_again = std::chrono::seconds(5);
    if (!brain.farm.open_jobs.empty() && brain.planned_at
        && now.mono >= *brain.planned_at + look_again)
        brain.plan_wanted = true;
    if (!effects.records.empty())
        settle(brain, now, effects);
}

}

namespace {

// While plans follow one another, answers wait a little for what the next one adds: a farm that
// fills is told in some hundred calls instead of many thousand.
bool awaits_more(Brain& brain, Now now)
{
    constexpr Duration longest = std::chrono::milliseconds(20);
    if (brain.plan_wanted && !brain.answer_by)
        brain.answer_by = now.mono + longest;
    if (brain.plan_wanted && now.mono < *brain.answer_by)
        return true;
    brain.answer_by.reset();
    return false;
}

}

void on_tick(Brain& brain, Now now, Effects& effects)
{
    if (brain.next_expiry && *brain.next_expiry <= now.mono)
        expire(brain, now, effects);
    stop_overdue(brain, now);
    if (brain.plan_wanted || (brain.next_start && *brain.next_start <= now.mono))
        schedule(brain, now, effects);
    if (!awaits_more(brain, now))
        deliver(brain, effects);
}

std::optional<Mono> next_wake(Brain const& brain)
{
    if (brain.plan_wanted || !brain.to_answer.empty())
        return at_once;
    auto earliest = brain.next_expiry;
    for (auto const& other : { brain.next_start, brain.next_overdue })
        if (other && (!earliest || *other < *earliest))
            earliest = other;
    return earliest;
}

}
