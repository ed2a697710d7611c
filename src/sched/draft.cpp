#include <sched/draft.h>

#include <base/verify.h>
#include <sched/look_up.h>

#include <algorithm>
#include <array>

namespace sidereal::sched {

using farm::Amounts;
using farm::Farm;
using Kind = Amounts::Kind;

namespace {

constexpr double tolerance = 1e-9;
// Tasks at a time of a step whose need for memory is not known and was more than thought.
constexpr std::uint64_t max_probes = 8;

constexpr std::array<std::string_view, wait_classes> names { "paused", "not_before", "after_job",
    "dependency", "after_task", "no_nodes", "misfit", "blamed", "job_cap", "step_cap",
    "project_cap", "limit", "power", "heat", "kept_for_gpu", "session", "reserved", "memory",
    "busy", "waking", "behind", "next" };

bool edge_is_done(Farm const& farm, farm::JobEdge const& edge)
{
    auto const* job = farm.job(edge.job);
    if (!job)
        return true;
    if (edge.step.empty())
        return job->ended()
            && (edge.meaning.if_failed == farm::IfFailed::go_on
                || farm::job_state(*job) == farm::JobState::succeeded)
            && (edge.meaning.if_skipped == farm::IfSkipped::go_on
                || job->count(farm::TaskState::skipped) == 0);
    for (std::size_t i = 0; i < job->steps.size(); ++i)
        if (job->spec->steps[i].name == edge.step)
            return farm::is_done(job->steps[i], job->states[i], edge.meaning);
    return false;
}

bool is_pinned_elsewhere(farm::Step const& step, farm::Node const& node)
{
    auto const& patterns = step.wishes.nodes;
    return !patterns.empty()
        && std::none_of(patterns.begin(), patterns.end(), [&](std::string const& pattern) {
               return farm::name_matches(pattern, node.record.facts.name);
           });
}

}

std::string_view to_string(WaitClass reason) { return names[static_cast<std::size_t>(reason)]; }

bool jobs_before_are_done(Farm const& farm, farm::Job const& job)
{
    auto const& edges = job.record.scheduling.after_jobs;
    auto const done = [&](farm::JobEdge const& edge) { return edge_is_done(farm, edge); };
    if (edges.empty())
        return true;
    return job.record.scheduling.after_any ? std::any_of(edges.begin(), edges.end(), done)
                                           : std::all_of(edges.begin(), edges.end(), done);
}

bool is_open(farm::Job const& job, std::size_t index)
{
    return job.steps[index].tasks.count(farm::TaskState::ready) > 0
        && farm::inputs_ready(job, index);
}

Draft::Draft(Farm const& farm, Now now)
    : farm_(farm)
    , now_(now)
    , shared_caps_(farm, now)
{
    rooms_.reserve(farm.nodes.size());
    for (auto const id : farm.roomy)
        if (auto const& node = farm.nodes.at(id); node.takes_work())
            rooms_.push_back({ &node, node.used, node.gpus, node.queue.size() });
    open_ = rooms_.size();
    open_jobs_.reserve(farm.open_jobs.size());
    for (auto const id : farm.open_jobs)
        open_jobs_.push_back(&farm.jobs.at(id));
    find_sessions();
    hold_back_bad_nodes();
    look_for_gpu_work();
}

// Where at least half of what a node did lately failed and then ran elsewhere, and twice as large a
// part as on the other nodes.
void Draft::hold_back_bad_nodes()
{
    auto const now = now_.wall;
    double failed = 0;
    for (auto const id : farm_.suspects) {
        auto const& blame = farm_.nodes.at(id).blame;
        failed += blame.weight(now);
        if (blame.holds(farm::node_blame_limit, now))
            held_back_.insert(id);
    }
    if (held_back_.empty())
        return;
    double done = 0;
    for (auto const& [id, node] : farm_.nodes)
        done += node.blame.successes(now);
    std::erase_if(held_back_, [&](NodeId id) {
        auto const& blame = farm_.nodes.at(id).blame;
        auto const own_failed = blame.weight(now);
        auto const own_done = blame.successes(now);
        auto const others_failed = failed - own_failed;
        auto const others = others_failed
            / std::max(1.0, others_failed + std::max(0.0, done - own_done));
        return own_failed / (own_failed + own_done) < 2 * others;
    });
}

bool Draft::fails_on(StepRef ref, Room const& room) const
{
    auto const& blame = ref.step().blame;
    auto const known = blame.find(room.node->record.id);
    return is_bad(room.node->record.id)
        || (known != blame.end() && known->second.holds(farm::step_blame_limit, now_.wall));
}

bool Draft::is_held_back(StepRef ref, Room const& room) const
{
    if (!blames(ref) || !fails_on(ref, room))
        return false;
    auto const [known, is_new] = may_run_elsewhere_.try_emplace(&ref.step(), false);
    if (is_new) {
        auto const all = rooms();
        known->second = std::any_of(all.begin(), all.end(), [&](Room const& other) {
            return !fails_on(ref, other) && could_run_on(ref, other, taken(ref, other));
        });
    }
    return known->second;
}

void Draft::open_all() const
{
    if (all_open_)
        return;
    all_open_ = true;
    for (auto const& [id, node] : farm_.nodes)
        if (node.takes_work() && !node.has_space())
            rooms_.push_back({ &node, node.used, node.gpus, node.queue.size() });
}

std::span<Room> Draft::rooms()
{
    open_all();
    return rooms_;
}

std::span<Room const> Draft::rooms() const
{
    open_all();
    return rooms_;
}

Room* Draft::room(NodeId id)
{
    open_all();
    // Both parts go by the nodes' ids.
    auto const all = std::span(rooms_);
    for (auto const part : { all.first(open_), all.subspan(open_) }) {
        auto const at = std::lower_bound(part.begin(), part.end(), id,
            [](Room const& room, NodeId wanted) { return room.node->record.id < wanted; });
        if (at != part.end() && at->node->record.id == id)
            return &*at;
    }
    return nullptr;
}

void Draft::look_for_gpu_work()
{
    for (auto const* open : open_jobs_) {
        auto const& job = *open;
        for (std::uint32_t i = 0; i < job.steps.size(); ++i) {
            auto const& demand = job.steps[i].demand;
            auto const gpus = demand.reserved.get(Kind::gpu);
            if (gpus <= 0)
                continue;
            if (!has_gpus())
                return;
            if (!is_open(job, i) || step_gate({ &job, i }) != WaitClass::next
                || !fits_somewhere({ &job, i }))
                continue;
            gpu_vcpus_ = std::max(gpu_vcpus_, demand.vcpus() / gpus);
            gpu_tier_ = std::max(gpu_tier_, tier_of(farm_, job));
        }
    }
}

WaitClass Draft::job_gate(farm::Job const& job) const
{
    if (!job.open())
        return WaitClass::paused;
    auto const& not_before = job.record.scheduling.not_before;
    if (not_before && now_.wall < *not_before)
        return WaitClass::not_before;
    if (!jobs_before_are_done(farm_, job))
        return WaitClass::after_job;
    return WaitClass::next;
}

Draft::Counted const* Draft::more_of(farm::Job const* job) const { return look_up(jobs_, job); }
Draft::Counted const* Draft::more_of(farm::Step const* step) const { return look_up(steps_, step); }

WaitClass Draft::cap_gate(
    farm::Caps const& caps, std::uint64_t tasks, double vcpus, double more, WaitClass reason) const
{
    if ((caps.tasks && tasks >= *caps.tasks)
        || (caps.vcpus && vcpus + more > *caps.vcpus + tolerance))
        return reason;
    return WaitClass::next;
}

WaitClass Draft::step_gate(StepRef ref) const
{
    auto const& job = *ref.job;
    auto const& step = ref.step();
    if (auto const gate = job_gate(job); gate != WaitClass::next)
        return gate;
    if (!farm::inputs_ready(job, ref.index))
        return WaitClass::dependency;
    if (!step.edges.empty() && !farm::next_task(job, ref.index, 0))
        return WaitClass::after_task;
    auto const vcpus = step.demand.vcpus();
    if (auto const& caps = job.record.scheduling.caps; !caps.empty()) {
        auto const* more = more_of(&job);
        auto const gate = cap_gate(caps, job.live_attempts + (more ? more->tasks : 0),
            job.vcpus + (more ? more->vcpus : 0), vcpus, WaitClass::job_cap);
        if (gate != WaitClass::next)
            return gate;
    }
    if (auto const& caps = step.wishes.caps; !caps.empty()) {
        auto const* more = more_of(&step);
        auto const leased = step.tasks.count(farm::TaskState::leased);
        auto const gate = cap_gate(caps, leased + (more ? more->tasks : 0),
            step.vcpus + (more ? more->vcpus : 0), vcpus, WaitClass::step_cap);
        if (gate != WaitClass::next)
            return gate;
    }
    if (step.memory.is_guess() || step.vram.is_guess()) {
        auto const* more = more_of(&step);
        if (step.tasks.count(farm::TaskState::leased) + (more ? more->tasks : 0) >= max_probes)
            return WaitClass::memory;
    }
    if (shared_caps_.full_project(ref, {}, vcpus))
        return WaitClass::project_cap;
    return shared_caps_.full_limit(ref, nullptr) ? WaitClass::limit : WaitClass::next;
}

bool Draft::node_is_capped(farm::Caps const& caps, std::map<NodeId, std::uint32_t> const& before,
    Counted const* more, NodeId node) const
{
    if (!caps.nodes && !caps.tasks_per_node)
        return false;
    auto const* here = look_up(before, node);
    auto const* added = more ? look_up(more->nodes, node) : nullptr;
    auto const tasks = (here ? *here : 0) + (added ? *added : 0);
    if (caps.tasks_per_node && tasks >= *caps.tasks_per_node)
        return true;
    if (!caps.nodes || tasks > 0)
        return false;
    auto count = before.size();
    if (more)
        count += static_cast<std::size_t>(std::count_if(more->nodes.begin(), more->nodes.end(),
            [&](auto const& entry) { return !before.contains(entry.first); }));
    return count >= *caps.nodes;
}

Amounts Draft::taken(StepRef ref, Room const& room) const
{
    auto const& step = ref.step();
    auto taken = step.demand.reserved;
    if (step.wishes.whole_node)
        taken.set(Kind::vcpu, std::max(room.vcpus(), taken.get(Kind::vcpu)));
    if (taken.get(Kind::gpu) > 0 && step.wishes.gpu_share) {
        auto const part = gpu_need(ref).part_mib / room.node->capacity.get(Kind::gpu_memory);
        taken.set(Kind::gpu, part > 0 && part < 1 ? part : 1);
    }
    // Nothing is known of its memory: a probe gets as much of it as of the CPUs.
    auto const memory = step.memory_mib().value_or(
        room.node->capacity.get(Kind::memory) * taken.get(Kind::vcpu) / room.vcpus());
    taken.set(Kind::memory,
        std::min(memory,
            std::max(
                step.demand.reserved.get(Kind::memory), room.node->capacity.get(Kind::memory))));
    return taken;
}

bool Draft::leaves_room_for_gpus(StepRef ref, Room const& room, Amounts const& taken) const
{
    if (gpu_vcpus_ == 0 || !room.has_gpus() || ref.step().demand.reserved.get(Kind::gpu) > 0)
        return true;
    // Tiers are strict. And what may stop the GPU work must not leave its room to it.
    if (tier_of(farm_, *ref.job) > gpu_tier_)
        return true;
    auto const idle = room.node->capacity.get(Kind::gpu) - room.used.get(Kind::gpu);
    return room.vcpus() - room.vcpus_used() - taken.get(Kind::vcpu) + tolerance
        >= idle * gpu_vcpus_;
}

farm::Tier tier_of(Farm const& farm, farm::Job const& job)
{
    auto tier = job.record.scheduling.tier;
    if (farm.rules.projects.empty())
        return tier;
    for (auto const name : farm::project_and_parents(job.record.project))
        if (auto const* rule = farm.rules.project(name))
            tier = std::min(tier, rule->max_tier);
    return tier;
}

bool Draft::could_run_on(StepRef ref, Room const& room, Amounts const& wanted) const
{
    auto const& step = ref.step();
    auto const& node = *room.node;
    return node.capacity.covers(wanted) && node.capacity.covers(step.demand.floors)
        && !is_pinned_elsewhere(step, node) && farm::attributes_fit(step.demand, node.record.facts)
        && (step.demand.reserved.get(Kind::gpu) <= 0 || farm::could_have(room.gpus, gpu_need(ref)));
}

bool Draft::has_gpus() const
{
    auto const all = rooms();
    return std::any_of(all.begin(), all.end(), [](Room const& room) { return room.has_gpus(); });
}

bool Draft::fits_somewhere(StepRef ref) const
{
    auto const all = rooms();
    return std::any_of(all.begin(), all.end(),
        [&](Room const& room) { return could_run_on(ref, room, taken(ref, room)); });
}

// What the node has no room for, or has none for this project or step.
WaitClass Draft::room_gate(StepRef ref, Room const& room, Amounts const& wanted) const
{
    if (!room.has_space())
        return WaitClass::busy;
    auto const shortage = room.node->capacity.first_short(room.used, wanted);
    if (shortage == Amounts::name_of(Kind::memory))
        return WaitClass::memory;
    if (!shortage.empty() || (wanted.get(Kind::gpu) > 0 && !pick(ref, room)))
        return WaitClass::busy;
    if (shared_caps_.full_project(ref, room.node->pool, wanted.get(Kind::vcpu)))
        return WaitClass::project_cap;
    if (steps_are_limited_ && is_too_much_of(ref, room))
        return WaitClass::step_cap;
    return WaitClass::next;
}

WaitClass Draft::node_gate(StepRef ref, Room const& room) const
{
    auto const& step = ref.step();
    auto const& node = *room.node;
    auto const wanted = taken(ref, room);
    if (!could_run_on(ref, room, wanted))
        return WaitClass::misfit;
    if (is_held_back(ref, room))
        return WaitClass::blamed;
    auto const id = node.record.id;
    if (node_is_capped(ref.job->record.scheduling.caps, ref.job->on_nodes, more_of(ref.job), id))
        return WaitClass::job_cap;
    if (node_is_capped(step.wishes.caps, step.on_nodes, more_of(&step), id))
        return WaitClass::step_cap;
    if (auto const gate = room_gate(ref, room, wanted); gate != WaitClass::next)
        return gate;
    if (shared_caps_.full_limit(ref, &room))
        return WaitClass::limit;
    if (!leaves_room_for_gpus(ref, room, wanted))
        return WaitClass::kept_for_gpu;
    if (waits_for_session(ref, room))
        return WaitClass::session;
    if (node.yields_to && tier_of(farm_, *ref.job) < *node.yields_to)
        return WaitClass::reserved;
    if (room.kept_for && room.kept_for != &step) {
        auto const lasts = step.usually_within(step.chunks ? step.chunks->size() : 1);
        if (!lasts || *lasts > room.kept_from)
            return WaitClass::reserved;
    }
    if (node.circuit < 0 && node.cooling < 0)
        return WaitClass::next;
    auto const* full = full_power(ref, room);
    if (!full)
        return WaitClass::next;
    return full->kind == farm::PowerRule::Kind::circuit ? WaitClass::power : WaitClass::heat;
}

farm::PowerRule const* Draft::full_power(StepRef ref, Room const& room) const
{
    auto const place = shared_caps_.full_power(ref, room);
    return place ? &farm_.rules.power[*place] : nullptr;
}

StepRef Draft::step_of(farm::AttemptRecord const& record) const
{
    return { &farm_.jobs.at(record.job), record.step };
}

void Draft::leave_out(Room& room, AttemptId id)
{
    VERIFY(left_out_.insert(id).second);
    ++room.changes;
    auto const& attempt = farm_.attempts.at(id);
    if (!attempt.occupies) {
        --room.queued;
        return;
    }
    auto const ref = step_of(attempt.record);
    auto const frees = farm::taken_by(ref.step(), attempt.record);
    room.give_back(frees, attempt.record.gpus);
    shared_caps_.count(ref, *room.node, frees.get(Kind::vcpu), -1);
}

void Draft::put_back(Room& room, AttemptId id)
{
    VERIFY(left_out_.erase(id) == 1);
    --room.changes;
    auto const& attempt = farm_.attempts.at(id);
    if (!attempt.occupies) {
        ++room.queued;
        return;
    }
    auto const ref = step_of(attempt.record);
    auto const takes = farm::taken_by(ref.step(), attempt.record);
    room.used += takes;
    farm::take(room.node->record.facts, room.gpus, attempt.record.gpus);
    shared_caps_.count(ref, *room.node, takes.get(Kind::vcpu), 1);
}

void Draft::open_freed_rooms()
{
    open_all();
    auto const middle = std::partition(
        rooms_.begin(), rooms_.end(), [](Room const& room) { return room.has_space(); });
    auto const by_id = [](Room const& left, Room const& right) {
        return left.node->record.id < right.node->record.id;
    };
    std::sort(rooms_.begin(), middle, by_id);
    std::sort(middle, rooms_.end(), by_id);
    open_ = static_cast<std::size_t>(middle - rooms_.begin());
    with_session_.clear();
    find_sessions();
}

void Draft::keep(Room& room, farm::Step const& step, Duration from)
{
    room.kept_for = &step;
    room.kept_from = from;
    ++room.changes;
    ++reservations_;
}

wire::GpuParts Draft::take(StepRef ref, Room& room, Amounts const& wanted)
{
    auto taken = wanted;
    auto gpus = take_gpus(ref, room, taken);
    auto const& job = *ref.job;
    auto const id = room.node->record.id;
    auto const vcpus = taken.get(Kind::vcpu);
    room.used += taken;
    ++room.changes;
    ++room.placed;
    auto const count = [&](Counted& counted, farm::Caps const& caps) {
        counted.vcpus += vcpus;
        ++counted.tasks;
        if (caps.nodes || caps.tasks_per_node || farm_.rules.step_part_of_node)
            ++counted.nodes[id];
    };
    if (!job.record.scheduling.caps.empty())
        count(jobs_[&job], job.record.scheduling.caps);
    if (!ref.step().wishes.caps.empty() || ref.step().memory.is_guess()
        || ref.step().vram.is_guess() || farm_.rules.step_part_of_node)
        count(steps_[&ref.step()], ref.step().wishes.caps);
    shared_caps_.count(ref, *room.node, vcpus, 1);
    return gpus;
}

}
