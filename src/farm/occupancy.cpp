#include <farm/farm.h>

#include <base/verify.h>
#include <farm/counts.h>

#include <algorithm>
#include <cmath>

// What runs, as everybody counts it who has a say in where the next task goes.
namespace sidereal::farm {

Amounts taken_by(Step const& step, AttemptRecord const& record)
{
    auto taken = step.demand.reserved;
    if (record.vcpus > 0)
        taken.set(Amounts::Kind::vcpu, record.vcpus);
    if (record.memory_mib > 0)
        taken.set(Amounts::Kind::memory, record.memory_mib);
    if (!record.gpus.empty()) {
        double gpus = 0;
        for (auto const& part : record.gpus)
            gpus += part.part;
        taken.set(Amounts::Kind::gpu, gpus);
    }
    return taken;
}

std::vector<std::string_view> project_and_parents(std::string_view project)
{
    std::vector<std::string_view> names { project };
    for (auto at = project.rfind('/'); at != std::string_view::npos; at = project.rfind('/')) {
        project = project.substr(0, at);
        names.push_back(project);
    }
    return names;
}

void ProjectUse::add(std::size_t pool, double more)
{
    vcpus += more;
    if (pool_vcpus.size() <= pool)
        pool_vcpus.resize(pool + 1);
    pool_vcpus[pool] += more;
}

void ProjectUse::take_off(std::size_t pool, double less)
{
    farm::take_off(vcpus, less);
    farm::take_off(pool_vcpus[pool], less);
}

void ProjectUse::add_past(Wall at, double vcpu_s)
{
    auto const halvings = to_seconds(at - past_at) / to_seconds(usage_half_life);
    if (halvings >= 0) {
        past_vcpu_s = past_vcpu_s * std::exp2(-halvings) + vcpu_s;
        past_at = at;
    } else {
        past_vcpu_s += vcpu_s * std::exp2(halvings);
    }
}

double ProjectUse::recent_vcpus(Wall now) const
{
    // Constant use of one vcpu adds up to half-life / ln 2 vcpu-seconds.
    auto const half_life_s = to_seconds(usage_half_life);
    auto const halvings = std::max(0.0, to_seconds(now - past_at) / half_life_s);
    return past_vcpu_s * std::exp2(-halvings) * std::log(2.0) / half_life_s;
}

void Farm::occupy(AttemptRecord const& record)
{
    auto& job = jobs.at(record.job);
    auto& step = job.steps[record.step];
    auto& node = nodes.at(record.node);
    auto const taken = taken_by(step, record);
    auto const vcpus = taken.get(Amounts::Kind::vcpu);
    node.used += taken;
    take(node.record.facts, node.gpus, record.gpus);
    node.idle_sessions.began(
        { record.job, record.step, first_gpu(node.record.facts, record.gpus) });
    node.occupying.insert(record.id);
    node.warm_for = std::pair(record.job, record.step);
    step.vcpus += vcpus;
    ++step.on_nodes[record.node];
    job.vcpus += vcpus;
    ++job.on_nodes[record.node];
    for (auto const name : project_and_parents(job.record.project)) {
        auto const found = projects.find(name);
        auto& use = found == projects.end() ? projects[std::string(name)] : found->second;
        use.add(node.pool, vcpus);
    }
    for (auto const& [name, seats] : step.demand.limits)
        limits[name].begin(record, seats, job.record.user);
}

void Farm::vacate(AttemptRecord const& record)
{
    auto& job = jobs.at(record.job);
    auto& step = job.steps[record.step];
    auto& node = nodes.at(record.node);
    auto const taken = taken_by(step, record);
    auto const vcpus = taken.get(Amounts::Kind::vcpu);
    node.used -= taken;
    give_back(node.record.facts, node.gpus, record.gpus);
    node.occupying.erase(record.id);
    take_off(step.vcpus, vcpus);
    count_down(step.on_nodes, record.node);
    take_off(job.vcpus, vcpus);
    count_down(job.on_nodes, record.node);
    for (auto const name : project_and_parents(job.record.project))
        projects.find(name)->second.take_off(node.pool, vcpus);
    for (auto const& [name, seats] : step.demand.limits)
        limits.at(name).end(record, seats, job.record.user);
}

// A session in which a task went wrong is left.
void Farm::note_session(AttemptRecord const& ended)
{
    auto& node = nodes.at(ended.node);
    if (ended.outcome == wire::Outcome::succeeded)
        node.idle_sessions.ended(
            { ended.job, ended.step, first_gpu(node.record.facts, ended.gpus) }, ended.ended_at);
}

void Farm::keep(Kept const& what)
{
    for (auto const& [id, tier] : kept.nodes)
        nodes.at(id).yields_to.reset();
    kept = what;
    for (auto const& [id, tier] : kept.nodes)
        nodes.at(id).yields_to = tier;
}

void Farm::settle(std::string const& limit, SeatReport const& report)
{
    auto& use = limits[limit];
    use.report = report;
    use.newer = {};
    use.given_back = 0;
    for (auto const& [id, attempt] : attempts) {
        auto const& record = attempt.record;
        if (!attempt.occupies || record.leased_at < report.at)
            continue;
        auto const& job = jobs.at(record.job);
        for (auto const& [name, seats] : job.steps[record.step].demand.limits)
            if (name == limit)
                use.newer.add(seats, record.node, job.record.user);
    }
    ++revision;
}

void Farm::learn_of_seats(AttemptRecord const& ended)
{
    auto const& demand = jobs.at(ended.job).steps[ended.step].demand;
    if (ended.outcome == wire::Outcome::succeeded) {
        for (auto const& [name, seats] : demand.limits)
            limits[name].refusals = 0;
        return;
    }
    if (ended.cause != wire::Cause::no_licence || ended.limit.empty())
        return;
    bind(ended.job, ended.step, ended.limit);
    limits[ended.limit].refuse(ended.ended_at);
}

void Farm::bind(JobId job_id, std::uint32_t index, std::string const& limit)
{
    auto& job = jobs.at(job_id);
    auto& wanted = job.steps[index].demand.limits;
    auto const known = std::any_of(
        wanted.begin(), wanted.end(), [&](auto const& entry) { return entry.first == limit; });
    if (known)
        return;
    wanted.emplace_back(limit, 1);
    // Those of it that run have found a seat.
    for (auto const& [id, attempt] : attempts)
        if (attempt.occupies && attempt.record.job == job_id && attempt.record.step == index)
            limits[limit].begin(attempt.record, 1, job.record.user);
}

}
