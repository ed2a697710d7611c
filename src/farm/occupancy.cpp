#include <farm/farm.h>

#include <base/verify.h>

#include <cmath>

// What runs, as everybody counts it who has a say in where the next task goes.
namespace sidereal::farm {

namespace {

constexpr double tolerance = 1e-6;

template<typename Key>
void count_down(std::map<Key, std::uint32_t>& counts, Key const& key)
{
    auto const found = counts.find(key);
    VERIFY(found != counts.end());
    if (--found->second == 0)
        counts.erase(found);
}

void take_off(double& sum, double part)
{
    sum -= part;
    VERIFY(sum > -tolerance);
    if (sum < tolerance)
        sum = 0;
}

}

Amounts taken_by(Step const& step, AttemptRecord const& record)
{
    auto taken = step.demand.reserved;
    if (record.vcpus > 0)
        taken.set(Amounts::Kind::vcpu, record.vcpus);
    if (record.memory_mib > 0)
        taken.set(Amounts::Kind::memory, record.memory_mib);
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

double LimitUse::seats(CountedBy counted_by) const
{
    switch (counted_by) {
    case CountedBy::task: return tasks;
    case CountedBy::node: return static_cast<double>(nodes.size());
    case CountedBy::user: return static_cast<double>(users.size());
    }
    VERIFY_NOT_REACHED();
}

void Farm::occupy(AttemptRecord const& record)
{
    auto& job = jobs.at(record.job);
    auto& step = job.steps[record.step];
    auto& node = nodes.at(record.node);
    auto const taken = taken_by(step, record);
    auto const vcpus = taken.get(Amounts::Kind::vcpu);
    node.used += taken;
    node.occupying.insert(record.id);
    node.warm_for = std::pair(record.job, record.step);
    step.vcpus += vcpus;
    ++step.on_nodes[record.node];
    job.vcpus += vcpus;
    ++job.on_nodes[record.node];
    for (auto const name : project_and_parents(job.record.project)) {
        auto const found = projects.find(name);
        (found == projects.end() ? projects[std::string(name)] : found->second).vcpus += vcpus;
    }
    for (auto const& [name, seats] : step.demand.limits) {
        auto& use = limits[name];
        use.tasks += seats;
        ++use.nodes[record.node];
        ++use.users[job.record.user];
    }
}

void Farm::vacate(AttemptRecord const& record)
{
    auto& job = jobs.at(record.job);
    auto& step = job.steps[record.step];
    auto& node = nodes.at(record.node);
    auto const taken = taken_by(step, record);
    auto const vcpus = taken.get(Amounts::Kind::vcpu);
    node.used -= taken;
    node.occupying.erase(record.id);
    take_off(step.vcpus, vcpus);
    count_down(step.on_nodes, record.node);
    take_off(job.vcpus, vcpus);
    count_down(job.on_nodes, record.node);
    for (auto const name : project_and_parents(job.record.project))
        take_off(projects.find(name)->second.vcpus, vcpus);
    for (auto const& [name, seats] : step.demand.limits) {
        auto& use = limits.at(name);
        take_off(use.tasks, seats);
        count_down(use.nodes, record.node);
        count_down(use.users, job.record.user);
    }
}

}
