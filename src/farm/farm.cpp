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

double to_mib(std::uint64_t bytes) { return static_cast<double>(bytes) / (1024.0 * 1024.0); }

// Nothing that the task did, or something that another place or size will mend.
bool is_loss(wire::Cause cause)
{
    return cause == wire::Cause::lost_node || cause == wire::Cause::interrupted
        || cause == wire::Cause::out_of_memory || cause == wire::Cause::out_of_vram
        || cause == wire::Cause::node_fault;
}

void set_state(Job& job, std::uint32_t index, std::uint64_t task, TaskState state)
{
    auto& step = job.steps[index];
    step.tasks.set(task, state);
    if (state == TaskState::ready) {
        step.ordered_from = 0;
        return;
    }
    if (step.order == TaskOrder::listed)
        return;
    while (step.ordered_from < step.tasks.size()
        && step.tasks.get(task_at(step.order, step.tasks.size(), step.ordered_from))
            != TaskState::ready)
        ++step.ordered_from;
}

void forget_trouble(Job& job, std::uint32_t index, std::uint64_t task)
{
    auto& troubles = job.steps[index].troubles;
    auto const known = troubles.find(task);
    if (known == troubles.end())
        return;
    leave_group(job, known->second);
    troubles.erase(known);
}

// What becomes of one of the attempt's tasks.
TaskState after_attempt(Job& job, AttemptRecord const& record, std::uint64_t task)
{
    auto& step = job.steps[record.step];
    auto const again = job.record.canceled ? TaskState::canceled : TaskState::ready;
    if (record.outcome == wire::Outcome::succeeded) {
        forget_trouble(job, record.step, task);
        return TaskState::succeeded;
    }
    if (record.outcome == wire::Outcome::canceled || record.cause == wire::Cause::no_licence)
        return again;
    auto& trouble = step.troubles[task];
    if (record.cause == wire::Cause::fatal)
        return TaskState::failed;
    if (record.cause == wire::Cause::lost_node && ++trouble.crashes > max_crashes)
        return TaskState::failed;
    if (is_loss(record.cause))
        return ++trouble.losses > max_losses ? TaskState::failed : again;
    return ++trouble.failures > job.record.max_retries ? TaskState::failed : again;
}

void account(Job& job, AttemptRecord const& record)
{
    auto& use = job.use[record.node];
    (record.outcome == wire::Outcome::succeeded ? use.succeeded : use.other) += record.tasks;
    use.run_time += record.usage.run_time;
    use.cpu_time += record.usage.cpu_time;
    use.max_rss_bytes = std::max(use.max_rss_bytes, record.usage.max_rss_bytes);
    use.energy_wh += record.energy_wh;
    use.cost += record.cost;
    auto& step = job.steps[record.step];
    if (record.cause == wire::Cause::out_of_memory)
        step.memory.raise(std::max(record.memory_mib, to_mib(record.usage.max_rss_bytes)));
    if (record.cause == wire::Cause::out_of_vram) {
        auto had_mib = to_mib(record.usage.max_vram_bytes);
        for (auto const& part : record.gpus)
            had_mib = std::max(had_mib, part.memory_mib);
        step.vram.raise(had_mib);
    }
    if (record.outcome == wire::Outcome::succeeded) {
        step.run_times.add(record.usage.run_time / static_cast<Duration::rep>(record.tasks));
        step.enter_times.add(record.usage.enter_time);
        if (step.chunks)
            step.chunks->add(record.tasks, record.usage.run_time - record.usage.enter_time);
        step.memory.add(record.usage.max_rss_bytes);
        if (record.usage.max_vram_bytes > 0)
            step.vram.add(record.usage.max_vram_bytes);
    }
}

void remember_failure(Job& job, AttemptRecord const& record, std::uint64_t task)
{
    auto const key = std::pair(record.step, task);
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
    if (auto const* known = job(record.id))
        return apply(record, known->spec);
    auto made = openjd::create_job(record.source);
    if (!made)
        return fail(ErrorCode::invalid_input, "{}", openjd::to_string(made.error()));
    TRY(check_size(*made));
    return apply(record, std::make_shared<openjd::Job const>(std::move(*made)));
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

Status Farm::apply(JobRecord const& record, std::shared_ptr<openjd::Job const> spec)
{
    VERIFY(record.id);
    auto const known = jobs.contains(record.id);
    auto steps = known ? std::vector<Step>() : TRY(make_steps(*spec, record.scheduling));
    last_job = std::max(last_job, record.id.value);
    auto& job = jobs[record.id];
    if (!known) {
        job.spec = std::move(spec);
        job.order = dependency_order(*job.spec);
        job.steps = std::move(steps);
        job.has_edges = std::any_of(job.steps.begin(), job.steps.end(),
            [](Step const& step) { return !step.edges.empty(); });
    }
    job.record = record;
    if (job.open())
        open_jobs.insert(record.id);
    else
        open_jobs.erase(record.id);
    for (auto& step : job.steps) {
        if (record.canceled)
            move_all(step.tasks, TaskState::ready, TaskState::canceled);
        else
            move_all(step.tasks, TaskState::canceled, TaskState::ready);
        step.ordered_from = 0;
    }
    job.states = step_states(job);
    touch(job);
    return {};
}

Status Farm::apply(RulesRecord const& record)
{
    auto parsed = parse_rules(record.text, "rules.yaml");
    if (!parsed)
        return fail(ErrorCode::invalid_input, "{}", openjd::to_string(parsed.error()));
    rules = std::move(*parsed);
    log_rules = log_rules_of(rules);
    rules_record = record;
    // Circuits may have other places.
    keep({});
    for (auto& [id, node] : nodes)
        hang_on_power(node);
    ++revision;
    return {};
}

void Farm::hang_on_power(Node& node) const
{
    node.circuit = -1;
    node.cooling = -1;
    for (std::size_t i = 0; i < rules.power.size(); ++i) {
        auto const& rule = rules.power[i];
        auto const named = std::any_of(rule.nodes.begin(), rule.nodes.end(),
            [&](std::string const& name) { return name_matches(name, node.record.facts.name); });
        auto& place = rule.kind == PowerRule::Kind::circuit ? node.circuit : node.cooling;
        if (named && place < 0)
            place = static_cast<int>(i);
    }
}

double Node::watts_of(double vcpus) const
{
    auto const& rate = record.facts.rate;
    return (rate.busy_w - rate.idle_w) * vcpus / record.facts.vcpus;
}

double Node::watts(double vcpus) const { return record.facts.rate.idle_w + watts_of(vcpus); }

std::size_t Farm::pool_of(std::string const& name)
{
    auto const known = std::find(pools.begin(), pools.end(), name);
    if (known != pools.end())
        return static_cast<std::size_t>(known - pools.begin());
    pools.push_back(name);
    return pools.size() - 1;
}

double Node::watts_now() const
{
    auto const state = record.power.state;
    if (state == NodePower::State::asleep && !present)
        return record.facts.rate.standby_w;
    return watts(used.get(Amounts::Kind::vcpu));
}

void Farm::apply(NodeRecord const& record)
{
    VERIFY(record.id);
    last_node = std::max(last_node, record.id.value);
    auto& node = nodes[record.id];
    VERIFY(node.live_attempts() == 0 || node.record.facts == record.facts);
    if (node.live_attempts() == 0)
        node.gpus = gpu_loads(record.facts);
    node_ids.erase(node.record.key);
    node_ids[record.key] = record.id;
    auto const forgiven = record.forgiven_at > node.record.forgiven_at;
    node.record = record;
    if (forgiven)
        forgive(record.id);
    node.capacity = capacity_of(record.facts);
    node.pool = pool_of(record.facts.pool);
    if (node.is_awake())
        resting.erase(record.id);
    else
        resting.insert(record.id);
    hang_on_power(node);
    note_space(node);
    for (auto const kind : { Amounts::Kind::vcpu, Amounts::Kind::memory }) {
        auto const here = node.capacity.get(kind);
        auto const first = nodes.size() == 1;
        least_capacity.set(kind, first ? here : std::min(here, least_capacity.get(kind)));
    }
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

void Farm::note_space(Node const& node)
{
    if (node.has_space())
        roomy.insert(node.record.id);
    else
        roomy.erase(node.record.id);
}

void Farm::lease(AttemptRecord const& record)
{
    auto* job = this->job(record.job);
    auto* node = this->node(record.node);
    VERIFY(job && node && record.step < job->steps.size());
    auto& step = job->steps[record.step];
    VERIFY(record.tasks > 0 && record.task + record.tasks <= step.tasks.size());
    for (auto task = record.task; task < record.end(); ++task) {
        VERIFY(step.tasks.get(task) != TaskState::leased);
        set_state(*job, record.step, task, TaskState::leased);
    }
    ++job->live_attempts;

    Attempt attempt { record, false, false, {}, 0, {} };
    node->idle_since.reset();
    if (node->queue.empty() && node->has_room(taken_by(step, record), record.gpus)) {
        attempt.occupies = true;
        occupy(record);
    } else {
        node->queue.push_back(record.id);
    }
    note_space(*node);
    attempts.emplace(record.id, std::move(attempt));
    // One more running task changes the steps' states only if it is the first.
    if (job->states[record.step] != StepState::running)
        job->states = step_states(*job);
    touch(*job);
}

void Farm::release_room(Attempt const& ended)
{
    auto& node = nodes.at(ended.record.node);
    if (!ended.occupies)
        std::erase(node.queue, ended.record.id);
    else
        vacate(ended.record);
    while (!node.queue.empty()) {
        auto& next = attempts.at(node.queue.front());
        auto const& step = jobs.at(next.record.job).steps[next.record.step];
        if (!node.has_room(taken_by(step, next.record), next.record.gpus))
            break;
        next.occupies = true;
        occupy(next.record);
        node.queue.pop_front();
    }
    note_space(node);
}

void Farm::end(AttemptRecord const& record)
{
    auto& job = jobs.at(record.job);
    auto const live = attempts.extract(record.id);
    VERIFY(!live.empty());
    if (live.mapped().occupies)
        note_session(record);
    release_room(live.mapped());
    if (auto& node = nodes.at(record.node); node.live_attempts() == 0)
        node.idle_since = record.ended_at;
    --job.live_attempts;
    auto& step = job.steps[record.step];
    // A chunk is judged by its first task.
    auto const failed = record.outcome == wire::Outcome::failed
        && record.cause != wire::Cause::no_licence;
    if (record.outcome == wire::Outcome::succeeded)
        judge_success(record);
    else if (failed)
        judge_failure(record);
    if (failed)
        enter_group(job, record);
    for (auto task = record.task; task < record.end(); ++task) {
        VERIFY(step.tasks.get(task) == TaskState::leased);
        set_state(job, record.step, task, after_attempt(job, record, task));
        remember_failure(job, record, task);
    }
    account(job, record);
    learn_of_seats(record);
    auto const vcpus = taken_by(step, record).get(Amounts::Kind::vcpu);
    for (auto const name : project_and_parents(job.record.project))
        projects[std::string(name)].add_past(
            record.ended_at, vcpus * to_seconds(record.usage.run_time));
    // While others of it run, the steps' states stay as they are.
    if (step.tasks.count(TaskState::leased) == 0 || job.has_edges)
        job.states = step_states(job);
    touch(job);
}

void Farm::apply(ResetRecord const& record)
{
    auto* job = this->job(record.job);
    VERIFY(job && record.step < job->steps.size());
    auto& step = job->steps[record.step];
    auto const state = record.skip ? TaskState::skipped
        : job->record.canceled     ? TaskState::canceled
                                   : TaskState::ready;
    for (auto task = record.task; task < record.task + record.tasks; ++task) {
        VERIFY(step.tasks.get(task) != TaskState::leased);
        set_state(*job, record.step, task, state);
        forget_trouble(*job, record.step, task);
        job->failures.erase(std::pair(record.step, task));
    }
    job->states = step_states(*job);
    touch(*job);
}

}
