#include <brain/mind.h>

#include <base/verify.h>

#include <fmt/format.h>

#include <algorithm>
#include <utility>

namespace sidereal::brain {

namespace {

using farm::Node;
using farm::NodeRecord;

Node* node_of_key(farm::Farm& farm, std::string const& key)
{
    auto const found = farm.node_ids.find(key);
    return found == farm.node_ids.end() ? nullptr : farm.node(found->second);
}

Node* node_of_name(farm::Farm& farm, std::string const& name)
{
    for (auto& [id, node] : farm.nodes) {
        if (node.record.facts.name == name)
            return &node;
    }
    return nullptr;
}

std::optional<Error> fault_of(wire::SyncRequest const& request)
{
    if (request.node_key.empty() || request.agent_instance == 0 || request.number == 0)
        return Error { ErrorCode::invalid_input,
            "sync: node_key, agent_instance and number are needed" };
    if (request.epoch != 0)
        return std::nullopt;
    if (!request.facts)
        return Error { ErrorCode::invalid_input,
            "sync: an agent without an epoch must send its facts" };
    if (request.facts->name.empty() || !(request.facts->vcpus > 0))
        return Error { ErrorCode::invalid_input,
            "sync: facts need a name and a number of vcpus above 0" };
    return std::nullopt;
}

// A new life of an agent, or a node never seen: it gets an epoch and a fresh link.
Result<NodeId> let_in(Brain& brain, wire::SyncRequest const& request, Now now, Effects& effects)
{
    auto& farm = brain.farm;
    auto const& facts = *request.facts;
    auto* node = node_of_key(farm, request.node_key);
    auto* namesake = node_of_name(farm, facts.name);
    if (namesake && namesake != node && namesake->lease_until)
        return fail(ErrorCode::conflict,
            "another node is called '{}' and is in use: start this agent with another --name",
            facts.name);
    if (!node)
        node = namesake;
    if (node && node->lease_until)
        give_up_node(brain, node->record.id, wire::Cause::lost_node,
            fmt::format("the agent on {} was started anew", node->record.facts.name), now, effects);

    NodeRecord record_of_life;
    if (node)
        record_of_life = node->record;
    else {
        record_of_life.id = { farm.last_node + 1 };
        record_of_life.first_seen = now.wall;
    }
    record_of_life.key = request.node_key;
    record_of_life.facts = facts;
    record_of_life.agent_instance = request.agent_instance;
    record_of_life.stopped = false;
    ++record_of_life.epoch;
    record(brain, record_of_life, effects);

    auto const id = record_of_life.id;
    auto& link = brain.links[id] = Link {};
    link.agent_instance = request.agent_instance;
    link.reconciled = true;
    note(effects, Note::Level::info, "node_in",
        { { "node", facts.name }, { "epoch", std::to_string(record_of_life.epoch) } });
    return id;
}

// Whose call it is; lets the agent in where needed.
Result<NodeId> caller(Brain& brain, wire::SyncRequest const& request, Now now, Effects& effects)
{
    if (auto fault = fault_of(request))
        return tl::unexpected(std::move(*fault));
    auto* node = node_of_key(brain.farm, request.node_key);
    auto const same_life = node && node->record.agent_instance == request.agent_instance;
    if (request.epoch == 0 && !same_life)
        return let_in(brain, request, now, effects);
    if (!same_life)
        return fail(
            ErrorCode::conflict, "another agent has taken this node's place: stop this one");
    auto const id = node->record.id;
    if (!brain.links.contains(id)) {
        auto& link = brain.links[id];
        link.agent_instance = request.agent_instance;
        // Without an epoch it cannot hold anything of this life.
        link.reconciled = node->live_attempts() == 0;
    }
    return id;
}

void apply_report(Brain& brain, NodeId node, wire::Report const& report, Now now, Effects& effects)
{
    auto& farm = brain.farm;
    auto const own = [&](AttemptId id) -> farm::Attempt* {
        auto* attempt = farm.attempt(id);
        return attempt && attempt->record.node == node ? attempt : nullptr;
    };
    if (auto const* started = std::get_if<wire::Started>(&report)) {
        if (auto* attempt = own(started->attempt)) {
            attempt->started = true;
            attempt->since = now.mono;
            watch_for_overdue(brain, attempt->record, now);
            farm.touch(farm.jobs.at(attempt->record.job));
        }
    } else if (auto const* progress = std::get_if<wire::Progress>(&report)) {
        if (auto* attempt = own(progress->attempt)) {
            if (progress->percent != attempt->percent)
                attempt->progress_at = now.mono;
            attempt->percent = progress->percent;
            attempt->status = progress->message;
            attempt->silent_since = progress->silent > Duration {}
                ? std::optional(now.mono - progress->silent)
                : std::nullopt;
            if (attempt->silent_since)
                watch_for_overdue(brain, attempt->record, now);
            farm.touch(farm.jobs.at(attempt->record.job));
        }
    } else if (auto const* ended = std::get_if<wire::Ended>(&report)) {
        if (own(ended->attempt))
            end_attempt(brain, ended->attempt, *ended, now, effects);
    } else if (auto const* chunk = std::get_if<wire::LogChunk>(&report)) {
        auto const waiting = brain.log_requests.find(chunk->request);
        if (waiting != brain.log_requests.end() && waiting->second.node == node) {
            effects.sends.push_back({ waiting->second.ticket, *chunk });
            brain.log_requests.erase(waiting);
        }
    }
}

// Whether the agent holds what this call says and will get nothing more from earlier lives of the
// brain: it has heard from this one, and no older call of it can still be answered. A call from
// before a restart may arrive after it.
bool tells_all(Brain const& brain, wire::SyncRequest const& request)
{
    return request.brain_instance == brain.config.instance && request.settled + 1 == request.number;
}

// Once after a restart of the brain: what the agent does not hold never reached it or died with it;
// what only the agent holds has been given up; what was to be canceled still is.
void reconcile(Brain& brain, NodeId id, wire::SyncRequest const& request, Now now, Effects& effects)
{
    auto const& node = brain.farm.nodes.at(id);
    auto const holds = [&](AttemptId attempt) {
        return std::find(request.holding.begin(), request.holding.end(), attempt)
            != request.holding.end();
    };
    std::vector<AttemptId> missing;
    for (auto const attempt : node.queue)
        if (!holds(attempt))
            missing.push_back(attempt);
    for (auto const attempt : node.occupying)
        if (!holds(attempt))
            missing.push_back(attempt);
    for (auto const attempt : missing)
        end_attempt(brain, attempt,
            { attempt, wire::Outcome::failed, wire::Cause::lost_node, {}, {},
                "the order was cut off by a restart of the brain", {}, {} },
            now, effects);
    for (auto const attempt : request.holding) {
        auto* live = brain.farm.attempt(attempt);
        // It began under an earlier life of this brain.
        if (live && live->record.node == id && live->occupies) {
            live->started = true;
            watch_for_overdue(brain, live->record, now);
        }
        if (!live || live->record.node != id)
            push_order(brain, id, wire::Cancel { attempt, "the brain has given this attempt up" });
        else if (brain.farm.jobs.at(live->record.job).record.canceled)
            push_order(brain, id, wire::Cancel { attempt, "the job was canceled" });
    }
    brain.links.at(id).reconciled = true;
    brain.farm.nodes.at(id).present = true;
}

void take_acknowledgements(Link& link, wire::SyncRequest const& request, std::uint64_t instance)
{
    link.settled = std::max(link.settled, request.settled);
    link.log_rules = request.log_rules;
    auto const applied = request.brain_instance == instance ? request.orders_applied : 0;
    while (!link.orders.empty() && link.first_order <= applied) {
        link.orders.pop_front();
        ++link.first_order;
    }
    std::erase_if(link.released, [&](auto const& entry) { return entry.second <= applied; });
    link.jobs_known.clear();
    for (auto const job : request.jobs_known) {
        if (!link.released.contains(job))
            link.jobs_known.insert(job);
    }
}

// Jobs that ended while the agent could not be told: it may forget their texts. Until a call of it
// surely comes after those that earlier lives of the brain answered.
void release_ended(Brain& brain, NodeId id, wire::SyncRequest const& request)
{
    auto& link = brain.links.at(id);
    if (link.texts_checked)
        return;
    link.texts_checked = request.brain_instance == brain.config.instance;
    for (auto const job : std::set(link.jobs_known)) {
        auto const* known = brain.farm.job(job);
        if (!known || known->ended())
            push_order(brain, id, wire::ReleaseJob { job });
    }
}

// A life whose place another has taken (a late call of a dead one is enough for that), and that
// other is not there: it may come back.
bool may_come_back(Brain& brain, wire::SyncRequest const& request)
{
    if (request.epoch == 0 || fault_of(request))
        return false;
    auto const* node = node_of_key(brain.farm, request.node_key);
    return !node || (node->record.agent_instance != request.agent_instance && !node->lease_until);
}

// A call of an epoch that is over: its reports are taken off the agent's hands and ignored.
void answer_stale(Brain& brain, NodeId id, wire::SyncRequest const& request, Ticket ticket, Now now,
    Effects& effects)
{
    auto& link = brain.links.at(id);
    link.reports_applied = request.first_report + request.reports.size() - 1;
    answer_all(brain, id, effects);
    answer(brain, id, { ticket, request.number, now.mono }, effects);
}

// The older call goes out at the end of the turn, with all that this one has caused; this one is
// held, unless it is the only one and waits to be let in or for its reports to be acknowledged.
void hold(
    Brain& brain, NodeId id, wire::SyncRequest const& request, Link::Held call, Effects& effects)
{
    auto& link = brain.links.at(id);
    brain.to_answer.insert(id);
    auto older = std::exchange(link.held, std::nullopt);
    if (older && link.due)
        answer(brain, id, *std::exchange(link.due, older), effects);
    else if (older)
        link.due = older;
    if (link.reconciled && (older || link.due || (request.reports.empty() && request.epoch != 0))) {
        link.held = call;
        expire_by(brain, call.until);
        return;
    }
    if (link.due)
        answer(brain, id, *link.due, effects);
    link.due = call;
}

void let_go(Brain& brain, NodeId id, Now now, Effects& effects)
{
    auto& node = brain.farm.nodes.at(id);
    note(effects, Note::Level::info, "node_left", { { "node", node.record.facts.name } });
    give_up_node(brain, id, wire::Cause::interrupted, "the node's agent was stopped", now, effects);
    auto stopped = node.record;
    stopped.stopped = stopped.power.state != farm::NodePower::State::falling_asleep;
    record(brain, stopped, effects);
    settle(brain, now, effects);
}

}

void on_sync(
    Brain& brain, wire::SyncRequest const& request, Ticket ticket, Now now, Effects& effects)
{
    if (may_come_back(brain, request)) {
        wire::SyncReply ask_to_be_let_in;
        ask_to_be_let_in.brain_instance = brain.config.instance;
        ask_to_be_let_in.lease = brain.config.lease;
        effects.sends.push_back({ ticket, std::move(ask_to_be_let_in) });
        return;
    }
    auto const who = caller(brain, request, now, effects);
    if (!who) {
        note(effects, Note::Level::warning, "sync_refused", { { "reason", who.error().message } });
        return refuse(effects, ticket, who.error());
    }
    auto& node = brain.farm.nodes.at(*who);
    auto& link = brain.links.at(*who);
    if (request.number <= link.last_number)
        return refuse(effects, ticket,
            { ErrorCode::unavailable, "sync: a newer call of this agent has been taken already" });
    auto const first_call = std::exchange(link.last_number, request.number) == 0;
    // Nothing is given out to a node before it is known what it holds.
    auto const was_present = std::exchange(node.present, link.reconciled);
    node.last_heard = now.wall;
    node.lease_until = now.mono + brain.config.lease;
    expire_by(brain, *node.lease_until);
    note_call(brain, *who, request.epoch == 0 && first_call, now, effects);
    if (node.live_attempts() == 0 && !node.idle_since)
        node.idle_since = now.wall;
    brain.plan_wanted = brain.plan_wanted || node.present != was_present;
    if (request.epoch != 0 && request.epoch != node.record.epoch)
        return answer_stale(brain, *who, request, ticket, now, effects);

    take_acknowledgements(link, request, brain.config.instance);
    release_ended(brain, *who, request);
    for (std::size_t i = 0; i < request.reports.size(); ++i) {
        if (request.first_report + i > link.reports_applied)
            apply_report(brain, *who, request.reports[i], now, effects);
    }
    if (!request.reports.empty())
        link.reports_applied = std::max(
            link.reports_applied, request.first_report + request.reports.size() - 1);
    if (!link.reconciled && tells_all(brain, request))
        reconcile(brain, *who, request, now, effects);

    // An idle agent's call changes nothing.
    if (!effects.records.empty() || node.present != was_present)
        settle(brain, now, effects);
    hold(brain, *who, request, { ticket, request.number, now.mono + brain.config.hold }, effects);
    if (request.leaving)
        let_go(brain, *who, now, effects);
}

void on_ticket_gone(Brain& brain, Ticket ticket)
{
    for (auto& [id, link] : brain.links) {
        for (auto* open : { &link.due, &link.held })
            if (*open && (*open)->ticket == ticket)
                open->reset();
    }
    std::erase_if(
        brain.log_requests, [&](auto const& entry) { return entry.second.ticket == ticket; });
}

}
