#include <sim/stage.h>

#include <base/verify.h>
#include <sched/preempt.h>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>

namespace sidereal::sim {

namespace {

using farm::Amounts;
using farm::TaskState;

constexpr auto time_to_stop = std::chrono::seconds(5);

std::string template_of(JobShape const& shape)
{
    std::string text = "specificationVersion: jobtemplate-2023-09\nname: scenario\n"
                       "extensions: [TASK_CHUNKING]\nsteps:\n";
    auto const type = shape.chunk_target_s == 0
        ? std::string("INT")
        : fmt::format("'CHUNK[INT]', chunks: {{defaultTaskCount: 1, rangeConstraint: CONTIGUOUS, "
                      "targetRuntimeSeconds: {}}}",
            shape.chunk_target_s);
    auto const add_step = [&](std::string_view name, std::uint64_t tasks) {
        text += fmt::format("- name: {}\n", name);
        if (name != "A")
            text += "  dependencies: [{dependsOn: A}]\n";
        if (!shape.wants.list().empty() || !shape.tags.empty())
            text += "  hostRequirements:\n";
        if (!shape.tags.empty())
            text += fmt::format(
                "    attributes: [{{name: attr.tag, allOf: [{}]}}]\n", fmt::join(shape.tags, ", "));
        if (!shape.wants.list().empty())
            text += "    amounts:\n";
        for (auto const& [amount, value] : shape.wants.list())
            text += fmt::format("    - {{name: amount.{}, min: {}}}\n", amount, value);
        text += fmt::format("  parameterSpace:\n    taskParameterDefinitions:\n"
                            "    - {{name: Frame, type: {}, range: 1-{}}}\n"
                            "  script: {{actions: {{onRun: {{command: render}}}}}}\n",
            type, tasks);
    };
    add_step("A", shape.tasks);
    if (shape.then_tasks > 0)
        add_step("B", shape.then_tasks);
    return text;
}

}

Stage::Stage(std::uint64_t seed)
    : prng_(seed)
    , start_(std::chrono::hours(500'000))
{
    now.wall = start_;
}

NodeId Stage::add_node(NodeShape const& shape)
{
    farm::NodeRecord record;
    record.id = { farm.last_node + 1 };
    record.key = to_string(record.id);
    auto& facts = record.facts;
    facts.name = fmt::format("node-{}", record.id.value);
    facts.os_family = "linux";
    facts.cpu_arch = "x86_64";
    facts.vcpus = shape.vcpus;
    facts.memory_bytes = static_cast<std::uint64_t>(shape.memory_gib * (1 << 30));
    for (int i = 0; i < shape.gpus; ++i)
        facts.gpus.push_back({ fmt::format("{}-{}", facts.name, i), "GPU",
            static_cast<std::uint64_t>(shape.gpu_gib * (1 << 30)) });
    facts.rate = shape.rate;
    facts.pool = shape.pool;
    if (!shape.tags.empty())
        facts.attributes["attr.tag"] = shape.tags;
    record.epoch = 1;
    farm.apply(record);
    auto& node = farm.nodes.at(record.id);
    node.present = true;
    node.lease_until = Mono();
    node.idle_since = now.wall;
    return record.id;
}

void Stage::remove_node(NodeId id)
{
    auto const& node = farm.nodes.at(id);
    std::vector<AttemptId> const held(node.occupying.begin(), node.occupying.end());
    for (auto const attempt : held) {
        auto record = farm.attempts.at(attempt).record;
        std::erase_if(endings_, [&](auto const& entry) { return entry.second == attempt; });
        fates_.erase(attempt);
        record.state = farm::AttemptState::ended;
        record.ended_at = now.wall;
        record.cause = wire::Cause::lost_node;
        farm.apply(record);
    }
    farm.nodes.at(id).present = false;
    farm.nodes.at(id).lease_until.reset();
}

JobId Stage::submit(JobShape const& shape)
{
    farm::JobRecord record;
    record.id = { farm.last_job + 1 };
    record.source = { template_of(shape), "scenario.yaml", {} };
    record.project = shape.project;
    record.priority = shape.priority;
    record.submitted_at = now.wall;
    auto wishes = farm::parse_scheduling(shape.scheduling, "scheduling.yaml");
    VERIFY(wishes.has_value());
    record.scheduling = std::move(*wishes);
    VERIFY(farm.apply(record).has_value());
    shapes_[record.id] = shape.task;
    return record.id;
}

void Stage::rule(std::string text)
{
    farm::RulesRecord const rules { farm.rules_record.number + 1, std::move(text), "", now.wall };
    VERIFY(farm.apply(rules).has_value());
}

void Stage::settle(std::string const& limit, double used)
{
    farm.settle(limit, { used, {}, now.wall });
}

void Stage::lease(sched::Placement const& placement)
{
    auto const record = sched::lease_for(farm, placement, now);
    auto const& node = farm.nodes.at(placement.node);
    auto const& shape = shapes_.at(placement.job);
    auto const warm = node.idle_sessions.count(placement.job, placement.step, now.wall) > 0;
    farm.apply(record);
    ++placed;
    placed_warm += warm ? 1u : 0u;
    waits_s.push_back(to_seconds(now.wall - farm.jobs.at(placement.job).record.submitted_at));
    auto const enter = warm ? Duration::zero() : shape.enter;
    entering_[record.id] = enter;
    auto const part = 1 + shape.spread * (2 * prng_.unit() - 1);
    auto const run_time = shape.loads_for
        + from_seconds(to_seconds(shape.run_time) * part * static_cast<double>(record.tasks));
    auto fate = fate_of ? fate_of(*this, record) : Fate {};
    auto const lasts = fate.after > Duration::zero() ? fate.after : enter + run_time;
    endings_.emplace(now.wall + lasts, record.id);
    if (fate.cause != wire::Cause::none)
        fates_.emplace(record.id, std::move(fate));
}

void Stage::plan()
{
    for (bool more = true; more;) {
        auto const next = sched::plan(farm, now, policy);
        for (auto const& placement : next.placements)
            lease(placement);
        more = next.more;
    }
    make_room();
    manage_power();
    if (watch)
        watch(*this);
}

void Stage::make_room()
{
    auto const made = sched::make_room(farm, now, policy);
    farm.keep(made.kept);
    for (auto const& yield : made.yields) {
        for (auto const id : yield.stop) {
            auto& attempt = farm.attempts.at(id);
            attempt.cancel_reason = "stopped to make room";
            attempt.preempted = true;
            std::erase_if(endings_, [&](auto const& entry) { return entry.second == id; });
            endings_.emplace(now.wall + time_to_stop, id);
        }
    }
}

void Stage::manage_power()
{
    for (auto& [id, node] : farm.nodes) {
        auto const& power = node.record.power;
        if (power.state != farm::NodePower::State::waking
            || now.wall - power.since < sched::longest_wake(farm, node))
            continue;
        auto record = node.record;
        record.power.state = farm::NodePower::State::asleep;
        record.power.since = now.wall;
        ++record.power.failed_wakes;
        farm.apply(record);
    }
    auto const plan = sched::plan_power(farm, now, policy);
    for (auto const& change : plan.changes)
        told(change);
    next_power_ = plan.next;
}

void Stage::told(sched::PowerChange const& change)
{
    auto& node = farm.nodes.at(change.node);
    auto record = node.record;
    record.power.since = now.wall;
    if (change.kind == sched::PowerChange::Kind::fall_asleep) {
        ++slept;
        record.power.state = farm::NodePower::State::falling_asleep;
        power_events_.emplace(now.wall + slumber.falling_asleep, change.node);
    } else {
        record.power.state = farm::NodePower::State::waking;
        auto const slept_for = now.wall - node.record.power.since;
        short_sleeps += node.record.power.failed_wakes == 0 && slept_for < std::chrono::minutes(10);
        auto const fails = slumber.fails_every > 0 && ++wakings_ % slumber.fails_every == 0;
        power_events_.emplace(
            now.wall + (fails ? sched::longest_wake(farm, node) : slumber.waking), change.node);
        woken += fails ? 0u : 1u;
        if (fails)
            record.power.wake_time = sched::wake_time(farm, node);
    }
    farm.apply(record);
}

// A node is off, or there again.
void Stage::power_event(NodeId id)
{
    auto& node = farm.nodes.at(id);
    auto record = node.record;
    auto const wakes = record.power.state == farm::NodePower::State::waking;
    // It did not wake in time: manage_power sees to it.
    if (wakes && now.wall - record.power.since >= sched::longest_wake(farm, node))
        return;
    if (wakes)
        record.power.wake_time = now.wall - record.power.since;
    record.power.state = wakes ? farm::NodePower::State::awake : farm::NodePower::State::asleep;
    record.power.since = now.wall;
    record.power.failed_wakes = 0;
    farm.apply(record);
    node.present = wakes;
    node.lease_until = wakes ? std::optional(Mono()) : std::nullopt;
    node.idle_since = now.wall;
}

void Stage::move_to(Wall time)
{
    energy_wh += watts() * to_seconds(time - now.wall) / 3600;
    now.mono += time - now.wall;
    now.wall = time;
}

void Stage::end_stopped(farm::AttemptRecord record)
{
    ++stopped;
    record.outcome = wire::Outcome::canceled;
    record.cause = wire::Cause::preempted;
    record.usage.run_time = now.wall - record.leased_at;
    record.usage.cpu_time = record.usage.run_time;
    lost_vcpu_s += record.vcpus * to_seconds(record.usage.run_time);
    farm.apply(record);
}

void Stage::end(AttemptId id)
{
    auto record = farm.attempts.at(id).record;
    auto const& shape = shapes_.at(record.job);
    record.state = farm::AttemptState::ended;
    record.ended_at = now.wall;
    auto const enter = entering_.extract(id).mapped();
    if (farm.attempts.at(id).preempted)
        return end_stopped(std::move(record));
    if (auto const fate = fates_.extract(id))
        return end_badly(std::move(record), fate.mapped());
    auto const need_mib = shape.peak_mib + shape.growth_mib * static_cast<double>(record.task);
    auto const starved = enforce_memory && record.memory_mib < need_mib;
    record.outcome = starved ? wire::Outcome::failed : wire::Outcome::succeeded;
    record.cause = starved ? wire::Cause::out_of_memory : wire::Cause::none;
    killed_for_memory += starved ? 1u : 0u;
    record.usage.run_time = now.wall - record.leased_at;
    record.usage.cpu_time = record.usage.run_time;
    record.usage.enter_time = enter;
    auto const peak_mib = starved ? record.memory_mib : need_mib;
    record.usage.max_rss_bytes = static_cast<std::uint64_t>(peak_mib * (1 << 20));
    used_vcpu_s_[record.job] += record.vcpus * to_seconds(record.usage.run_time);
    farm.apply(record);
    close_settled(record.job);
}

void Stage::end_badly(farm::AttemptRecord record, Fate const& fate)
{
    ++failed_attempts;
    std::set<JobId> touched { record.job };
    if (fate.takes_node_for) {
        ++lost_nodes;
        for (auto const other : farm.nodes.at(record.node).occupying)
            touched.insert(farm.attempts.at(other).record.job);
        remove_node(record.node);
        returns_.emplace(now.wall + *fate.takes_node_for, record.node);
    } else {
        record.cause = fate.cause;
        record.limit = fate.limit;
        record.usage.run_time = now.wall - record.leased_at;
        farm.apply(record);
    }
    for (auto const job : touched)
        close_settled(job);
}

void Stage::bring_back(NodeId id)
{
    auto& node = farm.nodes.at(id);
    node.present = true;
    node.lease_until = Mono();
}

void Stage::close_settled(JobId id)
{
    auto const& job = farm.jobs.at(id);
    if (job.ended() || !farm::is_settled(job))
        return;
    auto closed = job.record;
    closed.ended_at = now.wall;
    VERIFY(farm.apply(closed).has_value());
}

bool Stage::step(Wall limit)
{
    plan();
    auto next = limit;
    for (auto const id : farm.open_jobs) {
        auto const& not_before = farm.jobs.at(id).record.scheduling.not_before;
        if (not_before && *not_before > now.wall)
            next = std::min(next, *not_before);
    }
    if (!endings_.empty())
        next = std::min(next, endings_.begin()->first);
    if (!returns_.empty())
        next = std::min(next, returns_.begin()->first);
    if (!power_events_.empty())
        next = std::min(next, power_events_.begin()->first);
    if (next_power_)
        next = std::min(next, *next_power_);
    move_to(next);
    while (!power_events_.empty() && power_events_.begin()->first <= now.wall) {
        auto const id = power_events_.begin()->second;
        power_events_.erase(power_events_.begin());
        power_event(id);
    }
    for (; !returns_.empty() && returns_.begin()->first <= now.wall;
         returns_.erase(returns_.begin()))
        bring_back(returns_.begin()->second);
    while (!endings_.empty() && endings_.begin()->first <= now.wall) {
        auto const id = endings_.begin()->second;
        endings_.erase(endings_.begin());
        end(id);
    }
    return now.wall < limit;
}

void Stage::run_for(Duration duration)
{
    auto const limit = now.wall + duration;
    while (step(limit)) { }
    plan();
}

bool Stage::run_until_done(Duration limit)
{
    auto const until = now.wall + limit;
    while (!farm.open_jobs.empty())
        if (!step(until))
            return farm.open_jobs.empty();
    return true;
}

double Stage::vcpu_hours(JobId id) const
{
    auto const used = used_vcpu_s_.find(id);
    return used == used_vcpu_s_.end() ? 0 : used->second / 3600;
}

double Stage::vcpus_in_use() const
{
    double sum = 0;
    for (auto const& [id, node] : farm.nodes)
        sum += node.used.get(Amounts::Kind::vcpu);
    return sum;
}

double Stage::watts() const
{
    double sum = 0;
    for (auto const& [id, node] : farm.nodes)
        if (node.present || !node.is_awake())
            sum += node.watts_now();
    return sum;
}

std::uint64_t Stage::done(JobId id) const { return farm.jobs.at(id).count(TaskState::succeeded); }

std::optional<Duration> Stage::finished_after(JobId id) const
{
    auto const& ended = farm.jobs.at(id).record.ended_at;
    return ended ? std::optional(*ended - start_) : std::nullopt;
}

}
