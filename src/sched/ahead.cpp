#include <sched/ahead.h>

#include <algorithm>

namespace sidereal::sched {

namespace {

using farm::Amounts;
using Kind = Amounts::Kind;

// So many of those whose turn comes first are asked whether they are kept out.
constexpr std::size_t most_first = 16;

// Work that stands ahead of a node's room ends within this time. As long as entering another
// session would take, waiting for one that is open is no loss.
Duration lead_of(farm::Step const& step, Policy const& policy)
{
    auto const enter = step.enter_times.mean().value_or(Duration::zero());
    return policy.lead + std::min(policy.longest_session_lead, enter);
}

// What stands ahead starts when there is room, whatever its project uses by then.
bool has_ceiling(farm::Farm const& farm, farm::Job const& job)
{
    if (farm.rules.projects.empty())
        return false;
    auto const names = farm::project_and_parents(job.record.project);
    return std::any_of(names.begin(), names.end(), [&](std::string_view name) {
        auto const* rule = farm.rules.project(name);
        return rule && (rule->max_vcpus || !rule->pools.empty());
    });
}

std::optional<StepRef> first_open_step(Draft const& draft, farm::Job const& job)
{
    for (auto const index : job.order) {
        StepRef const ref { &job, static_cast<std::uint32_t>(index) };
        if (is_open(job, index) && draft.step_gate(ref) == WaitClass::next)
            return ref;
    }
    return std::nullopt;
}

}

Ahead::Ahead(Draft const& draft, Policy const& policy)
    : draft_(draft)
    , policy_(policy)
{
    if (!wanted() || draft.open_jobs().size() < 2)
        return;
    queue_.emplace(draft);
    while (auto const* job = queue_->front()) {
        if (auto const step = first_open_step(draft, *job))
            first_.push_back(*step);
        if (first_.size() == most_first)
            break;
        queue_->exhausted();
    }
}

Ahead::~Ahead() = default;

bool Ahead::wanted() const
{
    auto const& jobs = draft_.open_jobs();
    return policy_.max_ahead > 0 && std::any_of(jobs.begin(), jobs.end(), [&](auto const* job) {
        return std::any_of(job->steps.begin(), job->steps.end(), [&](farm::Step const& step) {
            return is_short(step) && step.tasks.count(farm::TaskState::ready) > 0;
        });
    });
}

std::optional<Ahead::More> Ahead::more_for(Room const& room) const
{
    auto const& node = *room.node;
    if (node.occupying.empty())
        return std::nullopt;
    auto const& farm = draft_.farm();
    auto const& running = farm.attempts.at(*node.occupying.rbegin()).record;
    auto const& job = farm.jobs.at(running.job);
    More const more { { &job, running.step }, most_of(room, { &job, running.step }) };
    if (room.queued >= more.most)
        return std::nullopt;
    // It may have to wait again, though it runs: a job before it was retried, say.
    if (draft_.job_gate(job) != WaitClass::next || !farm::inputs_ready(job, running.step)
        || has_ceiling(farm, job) || draft_.is_held_back(more.ref, room))
        return std::nullopt;
    if (node.yields_to && tier_of(farm, job) < *node.yields_to)
        return std::nullopt;
    if ((room.kept_for && room.kept_for != &more.ref.step()) || keeps_somebody_out(job, room))
        return std::nullopt;
    return more;
}

bool Ahead::is_short(farm::Step const& step) const
{
    auto const mean = step.warm_run_time();
    return mean && *mean < lead_of(step, policy_);
}

// How many tasks of the step a node may hold beyond those that run.
std::size_t Ahead::most_of(Room const& room, StepRef ref) const
{
    auto const& step = ref.step();
    // The agent starts what stands ahead by vcpus and memory alone.
    auto only = step.demand.reserved;
    only.set(Kind::vcpu, 0);
    only.set(Kind::memory, 0);
    auto const counted = !step.demand.limits.empty() || !step.wishes.caps.empty()
        || !step.edges.empty() || step.wishes.whole_node || !ref.job->record.scheduling.caps.empty()
        || only != Amounts {};
    if (!is_short(step) || counted)
        return 0;
    auto const slots = std::max(1.0, room.vcpus() / step.demand.vcpus());
    auto const each = std::max<double>(1, static_cast<double>(step.warm_run_time()->count()));
    auto const most = slots * static_cast<double>(lead_of(step, policy_).count()) / each;
    return static_cast<std::size_t>(std::min<double>(policy_.max_ahead, most));
}

bool Ahead::keeps_somebody_out(farm::Job const& job, Room const& room) const
{
    return std::any_of(first_.begin(), first_.end(), [&](StepRef other) {
        if (other.job == &job || !queue_->is_clearly_before(*other.job, job))
            return false;
        auto const gate = draft_.node_gate(other, room);
        return gate == WaitClass::busy || gate == WaitClass::memory;
    });
}

}
