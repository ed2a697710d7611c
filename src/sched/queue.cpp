#include <sched/queue.h>

#include <base/verify.h>

#include <algorithm>
#include <cmath>

namespace sidereal::sched {

namespace {

constexpr double priority_points_to_double = 20;
// Of what the other uses.
constexpr double clearly_less = 0.9;

}

// A project, or inside a project the jobs of one tier and priority.
struct Queue::Share {
    Share* parent { nullptr };
    double weight { 1 };
    double guaranteed { 0 };
    double vcpus { 0 };
    double recent { 0 };
    // Jobs of a higher one count as this.
    farm::Tier max_tier { farm::Tier::urgent };
    farm::Tier tier { farm::Tier::normal };
    int priority { 0 };
    Rank rank {};
    bool listed { false };
    std::set<Share*, ByRank> waiting;
    std::deque<farm::Job const*> jobs;
    std::map<std::pair<farm::Tier, int>, Share*> levels;
    // What is guaranteed of single pools, as long as these have room.
    struct Claim {
        std::size_t pool { 0 };
        double guaranteed { 0 };
        double vcpus { 0 };
    };
    std::vector<Claim> claims;
    // Had their turn in the round in which steps are limited.
    std::deque<farm::Job const*> later;
    bool is_limited { false };

    bool has_claim() const
    {
        return std::any_of(claims.begin(), claims.end(),
            [](Claim const& claim) { return claim.vcpus < claim.guaranteed; });
    }
};

bool Queue::ByRank::operator()(Share const* left, Share const* right) const
{
    return left->rank < right->rank;
}

double weight_of_priority(int priority)
{
    return std::exp2(static_cast<double>(priority) / priority_points_to_double);
}

Queue::Queue(Draft const& draft)
    : draft_(draft)
    , root_(std::make_unique<Share>())
{
    for (auto const* job : draft.open_jobs())
        add(*job);
    for (auto& level : levels_) {
        begin_rounds(*level);
        update(*level);
    }
}

Queue::~Queue() = default;

Queue::Share& Queue::group(std::string_view name)
{
    if (auto const known = groups_.find(name); known != groups_.end())
        return *known->second;
    auto const slash = name.rfind('/');
    auto& parent = slash == std::string_view::npos ? *root_ : group(name.substr(0, slash));
    auto& made = *(groups_[std::string(name)] = std::make_unique<Share>());
    made.parent = &parent;
    made.max_tier = parent.max_tier;
    auto const& farm = draft_.farm();
    if (auto const* rule = farm.rules.project(name)) {
        made.weight = rule->weight;
        made.guaranteed = rule->guaranteed_vcpus;
        made.max_tier = std::min(made.max_tier, rule->max_tier);
    }
    if (auto const use = farm.projects.find(name); use != farm.projects.end()) {
        made.vcpus = use->second.vcpus;
        made.recent = use->second.recent_vcpus(draft_.now().wall);
    }
    if (auto const* rule = farm.rules.project(name)) {
        for (std::size_t pool = 0; pool < farm.pools.size(); ++pool) {
            auto const share = rule->pools.find(farm.pools[pool]);
            if (share == rule->pools.end() || share->second.guaranteed_vcpus <= 0)
                continue;
            auto const use = farm.projects.find(name);
            made.claims.push_back({ pool, share->second.guaranteed_vcpus,
                use == farm.projects.end() ? 0 : use->second.in_pool(pool) });
        }
    }
    return made;
}

Queue::Share& Queue::level(Share& project, farm::Tier tier, int priority)
{
    auto& known = project.levels[{ tier, priority }];
    if (!known) {
        known = levels_.emplace_back(std::make_unique<Share>()).get();
        known->parent = &project;
        known->tier = tier;
        known->priority = priority;
        known->weight = weight_of_priority(priority);
    }
    return *known;
}

void Queue::add(farm::Job const& job)
{
    auto const wants = std::any_of(
        job.order.begin(), job.order.end(), [&](std::size_t index) { return is_open(job, index); });
    auto const waits = wants && draft_.job_gate(job) == WaitClass::next;
    if (!waits && job.vcpus == 0)
        return;
    auto& project = group(job.record.project);
    auto& share = level(
        project, std::min(job.record.scheduling.tier, project.max_tier), job.record.priority);
    share.vcpus += job.vcpus;
    if (waits)
        share.jobs.push_back(&job);
}

double Queue::load_of(Share const& share) { return (share.vcpus + share.recent) / share.weight; }

bool Queue::is_satisfied(Share const& share)
{
    return share.vcpus >= share.guaranteed && !share.has_claim();
}

Queue::Rank Queue::rank_of(Share const& share) const
{
    auto const load = load_of(share);
    if (!share.jobs.empty())
        return { -static_cast<int>(share.tier), 1, load, -share.priority,
            share.jobs.front()->record.id.value };
    auto const& first = (*share.waiting.begin())->rank;
    auto const satisfied = is_satisfied(share) ? 1 : 0;
    return { std::get<0>(first), satisfied, load, std::get<3>(first), std::get<4>(first) };
}

void Queue::update(Share& share)
{
    for (auto* at = &share; at->parent; at = at->parent) {
        auto& siblings = at->parent->waiting;
        if (at->listed)
            siblings.erase(at);
        at->listed = !at->jobs.empty() || !at->waiting.empty();
        if (!at->listed)
            continue;
        at->rank = rank_of(*at);
        siblings.insert(at);
    }
}

Queue::Share* Queue::front_level() const
{
    auto* at = root_.get();
    while (!at->waiting.empty())
        at = *at->waiting.begin();
    return at->jobs.empty() ? nullptr : at;
}

farm::Job const* Queue::front() const
{
    auto const* level = front_level();
    return level ? level->jobs.front() : nullptr;
}

// Of the front job's projects, the innermost that has one.
Queue::Share* Queue::claimant() const
{
    for (auto* at = front_level(); at; at = at->parent)
        if (at->has_claim())
            return at;
    return nullptr;
}

std::optional<std::size_t> Queue::claim() const
{
    auto const* share = claimant();
    if (!share)
        return std::nullopt;
    auto const open = std::find_if(share->claims.begin(), share->claims.end(),
        [](Share::Claim const& claim) { return claim.vcpus < claim.guaranteed; });
    return open->pool;
}

// Where only one step waits, there is nobody to leave room for.
void Queue::begin_rounds(Share& level) const
{
    if (!draft_.farm().rules.step_part_of_node)
        return;
    std::size_t steps = 0;
    for (auto const* job : level.jobs)
        for (std::size_t i = 0; i < job->steps.size() && steps < 2; ++i)
            steps += is_open(*job, i) ? 1u : 0u;
    level.is_limited = steps > 1;
}

bool Queue::steps_are_limited() const
{
    auto const* level = front_level();
    return level && level->is_limited;
}

void Queue::placed(double vcpus, std::size_t pool)
{
    auto* const level = front_level();
    VERIFY(level);
    for (auto* at = level; at; at = at->parent) {
        at->vcpus += vcpus;
        for (auto& claim : at->claims)
            claim.vcpus += claim.pool == pool ? vcpus : 0;
    }
    update(*level);
}

void Queue::claim_failed()
{
    auto* const share = claimant();
    VERIFY(share);
    auto const pool = *claim();
    std::erase_if(share->claims, [&](Share::Claim const& claim) { return claim.pool == pool; });
    update(*front_level());
}

void Queue::exhausted()
{
    auto* const level = front_level();
    VERIFY(level);
    auto const* const job = level->jobs.front();
    level->jobs.pop_front();
    if (level->is_limited) {
        level->later.push_back(job);
        if (level->jobs.empty()) {
            level->is_limited = false;
            level->jobs = std::move(level->later);
        }
    }
    update(*level);
}

Queue::Share const& Queue::level_of(farm::Job const& job) const
{
    auto const& project = *groups_.find(job.record.project)->second;
    auto const tier = std::min(job.record.scheduling.tier, project.max_tier);
    return *project.levels.at({ tier, job.record.priority });
}

bool Queue::is_clearly_before(farm::Job const& job, farm::Job const& other) const
{
    auto const* left = &level_of(job);
    auto const* right = &level_of(other);
    if (left == right)
        return job.record.id < other.record.id;
    if (left->tier != right->tier)
        return left->tier > right->tier;
    auto const depth = [](Share const* at) {
        int steps = 0;
        for (; at->parent; at = at->parent)
            ++steps;
        return steps;
    };
    // Up to where both stand side by side.
    auto left_depth = depth(left);
    auto right_depth = depth(right);
    for (; left_depth > right_depth; --left_depth)
        left = left->parent;
    for (; right_depth > left_depth; --right_depth)
        right = right->parent;
    while (left->parent != right->parent) {
        left = left->parent;
        right = right->parent;
    }
    if (left == right)
        return false;
    if (is_satisfied(*left) != is_satisfied(*right))
        return is_satisfied(*right);
    return load_of(*left) < clearly_less * load_of(*right);
}

}
