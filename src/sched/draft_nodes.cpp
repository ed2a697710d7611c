// What single nodes have: GPUs and open sessions.
#include <sched/draft.h>

#include <base/verify.h>
#include <sched/look_up.h>

#include <algorithm>

namespace sidereal::sched {

using farm::Amounts;
using Kind = Amounts::Kind;

namespace {

constexpr double tolerance = 1e-9;

}

// Only of steps of which it is known that entering takes time.
void Draft::find_sessions()
{
    for (auto& room : open_rooms()) {
        for (auto const& entry : room.node->idle_sessions.entries()) {
            auto const* job = farm_.job(entry.key.job);
            if (job && job->steps[entry.key.step].enter_times.mean())
                with_session_[{ entry.key.job, entry.key.step }].push_back(&room);
        }
    }
}

bool Draft::has_session(StepRef ref, Room const& room) const
{
    return room.node->idle_sessions.count(ref.job->record.id, ref.index, now_.wall) > room.placed;
}

std::vector<Room*> const* Draft::rooms_with_session(StepRef ref) const
{
    return with_session_.empty() ? nullptr
                                 : look_up(with_session_, std::pair(ref.job->record.id, ref.index));
}

// Whether the sessions that are open will have done all that waits before another is entered.
bool Draft::waits_for_session(StepRef ref, Room const& room) const
{
    auto const& step = ref.step();
    auto const enter = step.enter_times.mean();
    auto const running = step.tasks.count(farm::TaskState::leased);
    if (!enter || running == 0 || has_session(ref, room))
        return false;
    auto const ready = static_cast<double>(step.tasks.count(farm::TaskState::ready));
    return ready * to_seconds(*step.warm_run_time()) / static_cast<double>(running)
        < to_seconds(*enter);
}

double Draft::largest_gpu_mib() const
{
    if (!largest_gpu_mib_) {
        largest_gpu_mib_ = 0;
        for (auto const& [id, node] : farm_.nodes)
            if (node.takes_work() || !node.is_awake())
                largest_gpu_mib_ = std::max(*largest_gpu_mib_, node.capacity.get(Kind::gpu_memory));
    }
    return *largest_gpu_mib_;
}

farm::GpuNeed Draft::gpu_need(StepRef ref) const { return ref.step().gpu_need(largest_gpu_mib()); }

std::optional<std::vector<std::size_t>> Draft::pick(StepRef ref, Room const& room) const
{
    return farm::pick_gpus(
        room.gpus, gpu_need(ref), room.node->idle_sessions.gpu(ref.job->record.id, ref.index));
}

double Draft::gpu_size(StepRef ref, Room const& room) const
{
    auto const picked = pick(ref, room);
    if (!picked || picked->empty() || largest_gpu_mib() <= 0)
        return 0;
    return room.gpus[picked->front()].memory_mib / largest_gpu_mib();
}

bool Draft::has_room(StepRef ref, Room const& room, Amounts const& taken) const
{
    return room.node->capacity.covers(room.used, taken)
        && (ref.step().demand.reserved.get(Kind::gpu) <= 0 || pick(ref, room));
}

void Room::give_back(Amounts const& amounts, wire::GpuParts const& parts)
{
    used -= amounts;
    farm::give_back(node->record.facts, gpus, parts);
}

Room Draft::woken(farm::Node const& node)
{
    return { &node, {}, farm::gpu_loads(node.record.facts) };
}

// The first task of a step may be larger than its part.
bool Draft::is_too_much_of(StepRef ref, Room const& room) const
{
    auto const& step = ref.step();
    auto const id = room.node->record.id;
    auto const* here = look_up(step.on_nodes, id);
    auto const* more = more_of(&step);
    auto const* added = more ? look_up(more->nodes, id) : nullptr;
    auto const tasks = (here ? *here : 0) + (added ? *added : 0);
    return tasks > 0
        && (tasks + 1) * step.demand.vcpus()
        > *farm_.rules.step_part_of_node * room.vcpus() + tolerance;
}

wire::GpuParts Draft::take_gpus(StepRef ref, Room& room, Amounts& taken) const
{
    if (taken.get(Kind::gpu) <= 0)
        return {};
    auto const picked = pick(ref, room);
    VERIFY(picked);
    auto parts = farm::parts_of(room.node->record.facts, room.gpus, gpu_need(ref), *picked);
    farm::take(room.node->record.facts, room.gpus, parts);
    double gpus = 0;
    for (auto const& part : parts)
        gpus += part.part;
    taken.set(Kind::gpu, gpus);
    return parts;
}

}
