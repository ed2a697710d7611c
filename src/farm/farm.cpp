#include <farm/farm.h>

#include <base/verify.h>

#include <algorithm>
#include <type_traits>

namespace sidereal::farm {

namespace {

// Past this a step's bits would take gigabytes; nobody waits for so many processes.
constexpr std::uint64_t max_tasks_per_step = 100'000'000;

template<typename Map, typename Key>
auto* look_up(Map& map, Key const& key)
{
    auto const found = map.find(key);
    return found == map.end() ? nullptr : &found->second;
}

void move_all(TaskSet& tasks, TaskState from, TaskState to)
{
    for (auto task = tasks.next(from, 0); task; task = tasks.next(from, *task + 1))
        tasks.set(*task, to);
}

bool is_loss(wire::Cause cause)
{
    return cause == wire::Cause::lost_node || cause == wire::Cause::interrupted;
}

TaskState after_attempt(Job& job, AttemptRecord const& record)
{
    auto& step = job.steps[record.step];
    auto const again = job.record.canceled ? TaskState::canceled : TaskState::ready;
    if (record.outcome == wire::Outcome::succeeded) {
        step.troubles.erase(record.task);
        return TaskState::succeeded;
    }
    if (record.outcome == wire::Outcome::canceled)
        return again;
    auto& trouble = step.troubles[record.task];
    if (is_loss(record.cause))
        return ++trouble.losses > max_losses ? TaskState::failed : again;
    return ++trouble.failures > job.record.max_retries ? TaskState::failed : again;
}

void account(Job& job, AttemptRecord const& record)
{
    auto& use = job.use[record.node];
    ++(record.outcome == wire::Outcome::succeeded ? use.succeeded : use.other);
    use.run_time += record.usage.run_time;
    use.cpu_time += record.usage.cpu_time;
    use.max_rss_bytes = std::max(use.max_rss_bytes, record.usage.max_rss_bytes);
    use.energy_wh += record.energy_wh;
    use.cost += record.cost;
    if (record.outcome == wire::Outcome::succeeded) {
        auto& step = job.steps[record.step];
        ++step.measured;
        step.measured_total += record.usage.run_time;
    }
}

void remember_failure(Job& job, AttemptRecord const& record)
{
    auto const key = std::pair(record.step, record.task);
    if (record.outcome == wire::Outcome::succeeded)
        job.failures.erase(key);
    else if (record.outcome == wire::Outcome::failed
        && (job.failures.contains(key) || job.failures.size() < Job::max_failures))
        job.failures[key] = { record.id, record.node, record.cause, record.message,
            record.log_tail };
}

}

Job* Farm::job(JobId id) { return look_up(jobs, id); }
Node* Farm::node(NodeId id) { return look_up(nodes, id); }
Attempt* Farm::attempt(AttemptId id) { return look_up(attempts, id); }
Job const* Farm::job(JobId id) const { return look_up(jobs, id); }
Node const* Farm::node(NodeId id) const { return look_up(nodes, id); }

Status Farm::apply(Record const& record)
{
    return std::visit(
        [this](auto const& fact) -> Status {
            if constexpr (std::is_same_v<std::decay_t<decltype(fact)>, JobRecord>)
                return apply(fact);
            else
                apply(fact);
            return {};
        },
        record);
}

Status Farm::apply(JobRecord const& record)
{
    if (auto const* known = job(record.id)) {
        apply(record, known->spec);
        return {};
    }
    auto made = openjd::create_job(record.source);
    if (!made)
        return fail(ErrorCode::invalid_input, "{}", openjd::to_string(made.error()));
    TRY(check_size(*made));
    apply(record, std::make_shared<openjd::Job const>(std::move(*made)));
    return {};
}

Status check_size(openjd::Job const& spec)
{
    for (auto const& step : spec.steps) {
        if (step.space.size() > max_tasks_per_step)
            return fail(ErrorCode::invalid_input,
                "step '{}' has {} tasks; a step may have {}: split it", step.name,
                step.space.size(), max_tasks_per_step);
    }
    return {};
}

void Farm::apply(JobRecord const& record, std::shared_ptr<openjd::Job const> spec)
{
    VERIFY(record.id);
    last_job = std::max(last_job, record.id.value);
    auto& job = jobs[record.id];
    if (!job.spec) {
        job.spec = std::move(spec);
        job.order = dependency_order(*job.spec);
        for (auto const& step : job.spec->steps)
            job.steps.push_back(
                { demand_of(step.requirements), TaskSet(step.space.size()), {}, 0, {} });
    }
    open_jobs.erase({ -job.record.priority, record.id });
    job.record = record;
    if (job.open())
        open_jobs.insert({ -record.priority, record.id });
    for (auto& step : job.steps) {
        if (record.canceled)
            move_all(step.tasks, TaskState::ready, TaskState::canceled);
        else
            move_all(step.tasks, TaskState::canceled, TaskState::ready);
    }
    touch(job);
}

void Farm::apply(NodeRecord const& record)
{
    VERIFY(record.id);
    last_node = std::max(last_node, record.id.value);
    auto& node = nodes[record.id];
    VERIFY(node.live_attempts() == 0 || node.record.facts == record.facts);
    node_ids.erase(node.record.key);
    node_ids[record.key] = record.id;
    node.record = record;
    node.capacity = capacity_of(record.facts);
    ++revision;
}

void Farm::apply(AttemptRecord const& record)
{
    last_attempt = std::max(last_attempt, record.id.value);
    if (!attempt(record.id))
        lease(record);
    if (record.state == AttemptState::ended)
        end(record);
}

void Farm::lease(AttemptRecord const& record)
{
    auto* job = this->job(record.job);
    auto* node = this->node(record.node);
    VERIFY(job && node && record.step < job->steps.size());
    auto& step = job->steps[record.step];
    VERIFY(record.task < step.tasks.size());
    VERIFY(step.tasks.get(record.task) != TaskState::leased);
    step.tasks.set(record.task, TaskState::leased);
    ++job->live_attempts;

    Attempt attempt { record, false, false, {}, 0, {} };
    if (node->queue.empty() && !shortage(step.demand.reserved, node->capacity, node->used)) {
        attempt.occupies = true;
        add(node->used, step.demand.reserved);
        node->occupying.insert(record.id);
    } else {
        node->queue.push_back(record.id);
    }
    attempts.emplace(record.id, std::move(attempt));
    touch(*job);
}

void Farm::release_room(Attempt const& ended)
{
    auto& node = nodes.at(ended.record.node);
    if (!ended.occupies) {
        std::erase(node.queue, ended.record.id);
    } else {
        auto const& step = jobs.at(ended.record.job).steps[ended.record.step];
        subtract(node.used, step.demand.reserved);
        node.occupying.erase(ended.record.id);
    }
    while (!node.queue.empty()) {
        auto& next = attempts.at(node.queue.front());
        auto const& demand = jobs.at(next.record.job).steps[next.record.step].demand;
        if (shortage(demand.reserved, node.capacity, node.used))
            break;
        add(node.used, demand.reserved);
        next.occupies = true;
        node.occupying.insert(next.record.id);
        node.queue.pop_front();
    }
}

void Farm::end(AttemptRecord const& record)
{
    auto& job = jobs.at(record.job);
    auto const live = attempts.extract(record.id);
    VERIFY(!live.empty());
    release_room(live.mapped());
    --job.live_attempts;
    auto& tasks = job.steps[record.step].tasks;
    VERIFY(tasks.get(record.task) == TaskState::leased);
    tasks.set(record.task, after_attempt(job, record));
    account(job, record);
    remember_failure(job, record);
    touch(job);
}

void Farm::apply(ResetRecord const& record)
{
    auto* job = this->job(record.job);
    VERIFY(job && record.step < job->steps.size());
    auto& step = job->steps[record.step];
    VERIFY(step.tasks.get(record.task) != TaskState::leased);
    step.tasks.set(record.task, job->record.canceled ? TaskState::canceled : TaskState::ready);
    step.troubles.erase(record.task);
    job->failures.erase(std::pair(record.step, record.task));
    touch(*job);
}

namespace {

std::string broken_node(Farm const& farm, Node const& node)
{
    Amounts used;
    for (auto const id : node.occupying) {
        auto const found = farm.attempts.find(id);
        if (found == farm.attempts.end() || !found->second.occupies)
            return fmt::format(
                "node {} holds attempt {} that does not", node.record.id.value, id.value);
        auto const& record = found->second.record;
        add(used, farm.jobs.at(record.job).steps[record.step].demand.reserved);
    }
    for (auto const& [name, amount] : used) {
        if (shortage({ { name, amount } }, node.capacity, {}))
            return fmt::format("node {} is over-subscribed in {}", node.record.id.value, name);
    }
    return {};
}

std::string broken_job(Job const& job)
{
    std::uint64_t leased = 0;
    for (auto const& step : job.steps) {
        if (!step.tasks.counts_agree())
            return fmt::format("job {}: task counts are wrong", job.record.id.value);
        leased += step.tasks.count(TaskState::leased);
    }
    if (leased != job.live_attempts)
        return fmt::format("job {}: {} leased tasks, {} live attempts", job.record.id.value, leased,
            job.live_attempts);
    if (job.ended() && !is_settled(job))
        return fmt::format("job {} ended with work left", job.record.id.value);
    return {};
}

}

std::string broken_invariant(Farm const& farm)
{
    for (auto const& [id, node] : farm.nodes) {
        if (auto broken = broken_node(farm, node); !broken.empty())
            return broken;
    }
    for (auto const& [id, job] : farm.jobs) {
        if (auto broken = broken_job(job); !broken.empty())
            return broken;
    }
    for (auto const& [id, node] : farm.nodes) {
        if (node.live_attempts() > 0 && !node.lease_until)
            return fmt::format("node {} holds work without a lease", id.value);
    }
    for (auto const& [id, attempt] : farm.attempts) {
        auto const& record = attempt.record;
        auto const& job = farm.jobs.at(record.job);
        if (job.steps[record.step].tasks.get(record.task) != TaskState::leased)
            return fmt::format("attempt {} is live, its task is not leased", id.value);
        auto const& node = farm.nodes.at(record.node);
        auto const queued = std::find(node.queue.begin(), node.queue.end(), id) != node.queue.end();
        if (attempt.occupies == queued)
            return fmt::format("attempt {} must either occupy or wait", id.value);
    }
    return {};
}

}
