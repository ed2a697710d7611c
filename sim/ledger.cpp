#include <sim/ledger.h>

#include <base/verify.h>

#include <algorithm>
#include <cmath>

namespace sidereal::sim {

using farm::AttemptState;
using wire::Outcome;

void Ledger::take(farm::Records const& batch)
{
    for (auto const& record : batch) {
        ++position_;
        if (!verdict_.failed())
            std::visit([this](auto const& fact) { take_one(fact); }, record);
    }
}

void Ledger::take_one(farm::JobRecord const& record)
{
    auto [job, is_new] = jobs_.try_emplace(record.id);
    if (is_new) {
        auto made = openjd::create_job(record.source);
        VERIFY(made);
        for (auto const& step : made->steps)
            job->second.steps.push_back({ std::vector<Task>(step.space.size()), 0 });
        specs_[record.id] = std::make_shared<openjd::Job const>(std::move(*made));
    }
    if (record.ended_at && job->second.live > 0)
        verdict_.fail("job {} ended with {} live attempts", record.id.value, job->second.live);
    job->second.record = record;
}

void Ledger::take_one(farm::NodeRecord const& record)
{
    auto const known = nodes_.find(record.id);
    if (known != nodes_.end() && record.epoch < known->second.epoch)
        verdict_.fail("node {} went back to epoch {}", record.id.value, record.epoch);
    if (known != nodes_.end() && record.epoch > known->second.epoch) {
        for (auto const& [id, attempt] : attempts_)
            if (attempt.record.node == record.id && attempt.record.state == AttemptState::leased)
                verdict_.fail("node {} moved on to epoch {} with attempt {} live", record.id.value,
                    record.epoch, id.value);
    }
    nodes_[record.id] = record;
}

void Ledger::take_one(farm::AttemptRecord const& record)
{
    if (!jobs_.contains(record.job) || !nodes_.contains(record.node))
        return verdict_.fail("attempt {} is of a job or node that is not durable", record.id.value);
    if (record.state == AttemptState::leased)
        lease(record);
    else
        end(record);
}

std::span<Ledger::Task> Ledger::tasks_of(farm::AttemptRecord const& record)
{
    auto& tasks = jobs_.at(record.job).steps.at(record.step).tasks;
    if (record.tasks == 0 || record.end() > tasks.size()) {
        verdict_.fail("attempt {} runs tasks that its step does not have", record.id.value);
        return {};
    }
    return std::span(tasks).subspan(record.task, record.tasks);
}

bool Ledger::inputs_done(farm::AttemptRecord const& record) const
{
    auto const& steps = jobs_.at(record.job).steps;
    auto const& upstream = specs_.at(record.job)->steps[record.step].depends_on;
    return std::all_of(upstream.begin(), upstream.end(), [&](std::size_t step) {
        return is_loose(record, step)
            || steps[step].done + steps[step].skipped == steps[step].tasks.size();
    });
}

bool Ledger::is_loose(farm::AttemptRecord const& record, std::size_t upstream) const
{
    auto const& steps = specs_.at(record.job)->steps;
    auto const& wishes = jobs_.at(record.job).record.scheduling.steps;
    auto const own = wishes.find(steps[record.step].name);
    auto const is_it = [&](auto const& edge) { return edge.step == steps[upstream].name; };
    return own != wishes.end()
        && (own->second.after_any
            || std::any_of(own->second.after_tasks.begin(), own->second.after_tasks.end(), is_it)
            || std::any_of(own->second.after_steps.begin(), own->second.after_steps.end(), is_it));
}

bool Ledger::tasks_before_are_done(
    Job const& job, farm::AttemptRecord const& record, farm::TaskEdge const& edge) const
{
    auto const& steps = specs_.at(record.job)->steps;
    auto const step = std::find_if(steps.begin(), steps.end(),
        [&](openjd::Step const& known) { return known.name == edge.step; });
    auto const& tasks = job.steps[static_cast<std::size_t>(step - steps.begin())].tasks;
    std::size_t known = 0;
    std::size_t done = 0;
    if (edge.meaning.if_failed == farm::IfFailed::go_on)
        return true;
    for (auto i = edge.first; i <= edge.last; ++i) {
        auto const at = static_cast<std::int64_t>(record.task) + i;
        if (at < 0 || at >= static_cast<std::int64_t>(tasks.size()))
            continue;
        ++known;
        done += tasks[static_cast<std::size_t>(at)].is_past() ? 1u : 0u;
    }
    return edge.any ? known == 0 || done > 0 : done == known;
}

void Ledger::check_wishes(Job const& job, farm::AttemptRecord const& record)
{
    auto const id = record.id.value;
    auto const& wishes = job.record.scheduling;
    if (wishes.not_before && record.leased_at < *wishes.not_before)
        verdict_.fail("attempt {} began before its job's time", id);
    if (wishes.caps.tasks && job.live >= *wishes.caps.tasks)
        verdict_.fail("attempt {} is one more than its job's cap", id);
    auto const ended = [&](farm::JobEdge const& edge) {
        return jobs_.at(edge.job).record.ended_at.has_value();
    };
    auto const& edges = wishes.after_jobs;
    auto const before = wishes.after_any ? std::any_of(edges.begin(), edges.end(), ended)
                                         : std::all_of(edges.begin(), edges.end(), ended);
    if (!edges.empty() && !before)
        verdict_.fail("attempt {} began before the jobs that its job waits for had ended", id);
    auto const own = wishes.steps.find(specs_.at(record.job)->steps[record.step].name);
    if (own == wishes.steps.end())
        return;
    auto single = record;
    for (; single.task < record.end(); ++single.task)
        for (auto const& edge : own->second.after_tasks)
            if (!tasks_before_are_done(job, single, edge))
                verdict_.fail("attempt {} began before the tasks that it waits for were done", id);
}

void Ledger::lease(farm::AttemptRecord const& record)
{
    auto const id = record.id.value;
    auto& job = jobs_.at(record.job);
    if (!attempts_.empty() && record.id <= attempts_.rbegin()->first)
        verdict_.fail("attempt {} was leased before", id);
    if (record.node_epoch != nodes_.at(record.node).epoch)
        verdict_.fail("attempt {} is leased under a stale epoch", id);
    for (auto& task : tasks_of(record)) {
        if (task.live)
            verdict_.fail("attempt {}: its task is leased to attempt {}", id, task.live->value);
        if (task.done_by)
            verdict_.fail("attempt {}: its task was done by attempt {}", id, task.done_by->value);
        if (task.skipped)
            verdict_.fail("attempt {}: its task was skipped", id);
        task.live = record.id;
    }
    if (job.record.paused || job.record.canceled || job.record.ended_at)
        verdict_.fail("attempt {}: its job {} is not open", id, record.job.value);
    if (!inputs_done(record))
        verdict_.fail("attempt {}: step {} of job {} is given out before its inputs are done", id,
            record.step, record.job.value);
    check_wishes(job, record);
    ++job.live;
    attempts_[record.id] = { record, position_ };
}

void Ledger::end(farm::AttemptRecord const& record)
{
    auto const id = record.id.value;
    auto& job = jobs_.at(record.job);
    auto const tasks = tasks_of(record);
    auto const known = attempts_.find(record.id);
    auto const live = [&](Task const& task) { return task.live == record.id; };
    if (known == attempts_.end() || known->second.record.state == AttemptState::ended
        || !std::all_of(tasks.begin(), tasks.end(), live))
        return verdict_.fail("attempt {} ended without a live lease", id);
    auto const& leased = known->second.record;
    if (leased.node != record.node || leased.node_epoch != record.node_epoch)
        verdict_.fail("attempt {} ended under another lease than its own", id);
    if (record.outcome == Outcome::succeeded) {
        if (nodes_.at(record.node).epoch != record.node_epoch)
            verdict_.fail("attempt {} was taken as a success under a stale epoch", id);
        if (!processes_succeeded_.contains(record.id))
            verdict_.fail("attempt {} counts as a success, no process of it exited with 0", id);
        for (auto& task : tasks) {
            if (task.done_by)
                verdict_.fail("attempt {} completes a task that attempt {} has completed", id,
                    task.done_by->value);
            task.done_by = record.id;
            ++job.steps[record.step].done;
        }
    }
    auto const lost = record.cause == wire::Cause::lost_node
        || record.cause == wire::Cause::interrupted;
    if (record.outcome == Outcome::failed && !lost && !processes_failed_.contains(record.id))
        verdict_.fail("attempt {} failed and nothing of it went wrong: {}", id, record.message);
    if (record.cause == wire::Cause::preempted
        && (record.outcome != Outcome::canceled || !may_preempt_
            || job.record.scheduling.tier == farm::Tier::urgent))
        verdict_.fail("attempt {} was stopped to make room, and nothing allows that", id);
    for (auto& task : tasks)
        task.live.reset();
    --job.live;
    account(job, record);
    known->second.record = record;
}

void Ledger::account(Job& job, farm::AttemptRecord const& record)
{
    auto& use = job.use[record.node];
    (record.outcome == Outcome::succeeded ? use.succeeded : use.other) += record.tasks;
    use.run_time += record.usage.run_time;
    use.cpu_time += record.usage.cpu_time;
    use.cost += record.cost;
    use.energy_wh += record.energy_wh;

    auto const& facts = nodes_.at(record.node).facts;
    auto const hours = to_seconds(record.usage.run_time) / 3600
        * std::min(1.0, record.vcpus / facts.vcpus);
    auto const usd = hours
        * (facts.rate.busy_w / 1000 * facts.rate.usd_per_kwh + facts.rate.usd_per_h);
    if (record.cost.micro_usd < 0 || std::abs(usd - record.cost.usd()) > 2e-6)
        verdict_.fail("attempt {} cost {}, its time on the node is worth ${:.6f}", record.id.value,
            to_string(record.cost), usd);
}

void Ledger::take_one(farm::ResetRecord const& record)
{
    auto& step = jobs_.at(record.job).steps.at(record.step);
    for (auto index = record.task; index < record.task + record.tasks; ++index) {
        auto& task = step.tasks.at(index);
        if (task.live)
            verdict_.fail("task {} of job {} is reset while it is leased", index, record.job.value);
        if (task.done_by && record.skip)
            verdict_.fail("task {} of job {} is skipped, and it is done", index, record.job.value);
        if (task.done_by)
            --step.done;
        if (task.skipped)
            --step.skipped;
        if (record.skip)
            ++step.skipped;
        task = { {}, {}, position_, false, record.skip };
    }
}

void Ledger::take_one(farm::RulesRecord const& record)
{
    auto rules = farm::parse_rules(record.text, "rules.yaml");
    if (!rules)
        return verdict_.fail("rules {} cannot be read", record.number);
    may_preempt_ = may_preempt_ || rules->preemption;
}

Ledger::Attempt const* Ledger::attempt(AttemptId id) const
{
    auto const found = attempts_.find(id);
    return found == attempts_.end() ? nullptr : &found->second;
}

std::uint64_t Ledger::counted() const
{
    return static_cast<std::uint64_t>(
        std::count_if(attempts_.begin(), attempts_.end(), [](auto const& entry) {
            auto const& record = entry.second.record;
            return record.state == AttemptState::ended && record.outcome == Outcome::succeeded;
        }));
}

NodeId Ledger::node_of_key(std::string const& key) const
{
    for (auto const& [id, node] : nodes_) {
        if (node.key == key)
            return id;
    }
    return {};
}

void Ledger::success_acknowledged(AttemptId id)
{
    auto const* attempt = this->attempt(id);
    if (!attempt)
        return verdict_.fail("the brain acknowledged attempt {}, which it never leased", id.value);
    for (auto& task : tasks_of(attempt->record)) {
        auto const reset = task.reset_at > attempt->position;
        if (task.done_by != id && !reset)
            return verdict_.fail(
                "the brain acknowledged the success of attempt {} and does not count it", id.value);
        task.acknowledged = !reset;
    }
}

void Ledger::process_starts(AttemptId id, NodeId node)
{
    auto const* attempt = this->attempt(id);
    if (!attempt || attempt->record.node != node)
        return verdict_.fail(
            "attempt {} starts on node {} without a durable lease for it", id.value, node.value);
    if (!processes_started_.insert(id).second)
        return verdict_.fail("attempt {} starts a second time", id.value);
    auto const& record = attempt->record;
    for (auto const& task : tasks_of(record))
        if (task.acknowledged)
            return verdict_.fail(
                "attempt {} starts a task whose success by attempt {} was acknowledged", id.value,
                task.done_by->value);
    for (auto const upstream : specs_.at(record.job)->steps[record.step].depends_on) {
        if (is_loose(record, upstream))
            continue;
        for (auto const& task : jobs_.at(record.job).steps[upstream].tasks)
            if (!task.is_past() && task.reset_at < attempt->position)
                return verdict_.fail("attempt {} starts before its inputs are done", id.value);
    }
}

void Ledger::compare(farm::Farm const& farm) const
{
    for (auto const id : acknowledged_jobs_) {
        if (!farm.job(id))
            return verdict_.fail("job {} was acknowledged and is gone", id.value);
    }
    for (auto const& [id, job] : jobs_) {
        auto const* live = farm.job(id);
        if (!live)
            return verdict_.fail("job {} is durable and not in the brain", id.value);
        auto const same = [](auto const& a, auto const& b) {
            return a.first == b.first && a.second.succeeded == b.second.succeeded
                && a.second.other == b.second.other && a.second.run_time == b.second.run_time
                && a.second.cpu_time == b.second.cpu_time && a.second.cost == b.second.cost
                && a.second.energy_wh == b.second.energy_wh;
        };
        if (!std::equal(job.use.begin(), job.use.end(), live->use.begin(), live->use.end(), same))
            return verdict_.fail("job {}: its use is not the sum of its ended attempts", id.value);
        for (std::size_t step = 0; step < job.steps.size(); ++step)
            if (job.steps[step].done != live->steps[step].tasks.count(farm::TaskState::succeeded)
                || job.steps[step].skipped
                    != live->steps[step].tasks.count(farm::TaskState::skipped))
                return verdict_.fail(
                    "job {}: step {} has another number of done or skipped tasks", id.value, step);
    }
}

}
