#include <sched/reserve.h>

#include <algorithm>
#include <limits>

namespace sidereal::sched {

namespace {

using farm::Amounts;
using Kind = Amounts::Kind;

constexpr std::size_t max_looked_at = 256;
// Work that needs less than half of a node waits for a few of them at a time.
constexpr std::size_t max_small_reservations = 2;
constexpr std::size_t max_small_looked_at = 32;
// By somebody who waits for the answer.
constexpr std::size_t max_asked = 4;

struct Ending {
    Duration left;
    Amounts frees;
    wire::GpuParts gpus;

    bool operator<(Ending const& other) const { return left < other.left; }
};

// Without a guess at tasks of which nothing was measured these never end.
std::vector<Ending> endings(Draft const& draft, Room const& room, std::optional<Duration> guess)
{
    std::vector<Ending> found;
    for (auto const id : room.node->occupying) {
        if (draft.is_left_out(id))
            continue;
        auto const& record = draft.farm().attempts.at(id).record;
        auto const& step = draft.farm().jobs.at(record.job).steps[record.step];
        auto const measured = step.usually_within(record.tasks);
        auto const lasts = measured ? measured : guess;
        if (!lasts)
            continue;
        auto const since = draft.now().wall - record.leased_at;
        found.push_back(
            { std::max(Duration {}, *lasts - since), farm::taken_by(step, record), record.gpus });
    }
    std::sort(found.begin(), found.end());
    return found;
}

// When the node will have room for that; nothing if what this plan placed there is in the way.
std::optional<Duration> free_from(Draft const& draft, StepRef ref, Room const& room,
    Amounts const& wanted, std::optional<Duration> guess)
{
    auto left = room;
    for (auto const& ending : endings(draft, room, guess)) {
        left.give_back(ending.frees, ending.gpus);
        if (draft.has_room(ref, left, wanted))
            return ending.left;
    }
    return std::nullopt;
}

// One task less on the node may not be enough: smaller work would take its place, again and again.
bool needs_more_than_one_leaves(Draft const& draft, Room const& room, Amounts const& wanted)
{
    auto const& occupying = room.node->occupying;
    return std::any_of(occupying.begin(), occupying.end(), [&](AttemptId id) {
        auto const& record = draft.farm().attempts.at(id).record;
        auto const& step = draft.farm().jobs.at(record.job).steps[record.step];
        return farm::taken_by(step, record).get(Kind::vcpu) < wanted.get(Kind::vcpu);
    });
}

bool is_wide(Draft const& draft, StepRef ref, Room const& room)
{
    auto const wanted = draft.taken(ref, room);
    if (needs_more_than_one_leaves(draft, room, wanted))
        return true;
    for (auto const kind : { Kind::vcpu, Kind::memory, Kind::gpu }) {
        auto const total = room.node->capacity.get(kind);
        auto const probe = kind == Kind::memory && !ref.step().memory_mib();
        if (total > 0 && !probe && wanted.get(kind) * 2 >= total && wanted.get(kind) > 0)
            return true;
    }
    return false;
}

bool only_lacks_room(WaitClass gate)
{
    return gate == WaitClass::busy || gate == WaitClass::memory;
}

// Whether it may need half of some node; for smaller work a walk over all of them is too long.
bool may_need_half(Draft const& draft, StepRef ref)
{
    auto const& step = ref.step();
    auto const& least = draft.farm().least_capacity;
    return step.wishes.whole_node || step.demand.reserved.get(Kind::gpu) > 0
        || step.demand.vcpus() * 2 >= least.get(Kind::vcpu)
        || step.memory_mib().value_or(0) * 2 >= least.get(Kind::memory);
}

}

std::optional<Duration> soonest_room(Draft const& draft, StepRef ref,
    std::vector<Room const*> const& full, std::optional<Duration> guess)
{
    std::optional<Duration> soonest;
    auto const stride = 1 + full.size() / max_asked;
    for (std::size_t i = 0; i < full.size(); i += stride) {
        auto const from = free_from(draft, ref, *full[i], draft.taken(ref, *full[i]), guess);
        if (from && (!soonest || *from < *soonest))
            soonest = from;
    }
    return soonest;
}

void reserve(Draft& draft, StepRef ref, Policy const& policy)
{
    auto const small = !may_need_half(draft, ref);
    if (draft.reservations() >= (small ? max_small_reservations : policy.max_reservations))
        return;
    auto const most_asked = small ? std::min(draft.rooms().size(), max_small_looked_at)
                                  : draft.rooms().size();
    Room* best = nullptr;
    auto best_from = Duration::max();
    std::size_t fitting = 0;
    auto const rooms = draft.rooms();
    // From a place of the job's own, as in a plan.
    auto const start = ref.job->record.id.value * 7919;
    for (std::size_t i = 0; i < most_asked && fitting < max_looked_at; ++i) {
        auto& room = rooms[(start + i) % rooms.size()];
        if (room.kept_for || !only_lacks_room(draft.node_gate(ref, room))
            || !is_wide(draft, ref, room))
            continue;
        ++fitting;
        auto const from = free_from(draft, ref, room, draft.taken(ref, room), unknown_run_time);
        if (from && *from < best_from) {
            best = &room;
            best_from = *from;
        }
    }
    // Half of the nodes that fit stay open for others, except where there is only one.
    if (!best || (fitting > 1 && draft.reservations() * 2 >= fitting))
        return;
    draft.keep(*best, ref.step(), best_from);
}

}
