#include <sched/sample.h>

#include <base/verify.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <set>
#include <string>
#include <tuple>
#include <utility>

namespace sidereal::sched {

namespace {

using farm::Amounts;
using farm::Farm;
using farm::TaskState;
using Kind = Amounts::Kind;

constexpr std::uint64_t least_nodes_of_a_kind = 2;
// Of a step that has as many tasks, or may run as many at a time.
constexpr double least_tasks = 16;
constexpr double least_at_once = 8;
// Of what runs on nodes that are left out, so many that began last.
constexpr std::size_t last_ones = 4;

// Nodes that no gate tells apart but by what runs there.
struct NodeKind {
    std::vector<farm::Node const*> nodes;
    std::uint64_t kept { 0 };

    farm::Node const& example() const { return *nodes.front(); }
    double vcpus() const { return example().record.facts.vcpus; }
    // Evenly spread over all of them.
    farm::Node const& kept_node(std::uint64_t index) const
    {
        return *nodes[(2 * index + 1) * nodes.size() / (2 * kept)];
    }
};

bool is_pinned_to(std::vector<std::string> const& patterns, farm::Node const& node)
{
    return patterns.empty()
        || std::any_of(patterns.begin(), patterns.end(), [&](std::string const& pattern) {
               return farm::name_matches(pattern, node.record.facts.name);
           });
}

std::set<std::vector<std::string>> pins_of(Farm const& farm)
{
    std::set<std::vector<std::string>> pins;
    for (auto const id : farm.open_jobs)
        for (auto const& step : farm.jobs.at(id).steps)
            if (!step.wishes.nodes.empty())
                pins.insert(step.wishes.nodes);
    return pins;
}

// Those that sleep are woken.
bool takes_work_when_needed(farm::Node const& node)
{
    return node.takes_work() || (!node.is_awake() && !node.record.draining);
}

std::vector<NodeKind> kinds_of(Farm const& farm, double part)
{
    auto const pins = pins_of(farm);
    using Key = std::tuple<std::vector<Amounts::Entry>, std::string, std::string,
        std::map<std::string, std::vector<std::string>>, std::size_t, std::vector<bool>>;
    std::map<Key, NodeKind> kinds;
    for (auto const& [id, node] : farm.nodes) {
        if (!takes_work_when_needed(node))
            continue;
        std::vector<bool> pinned;
        for (auto const& patterns : pins)
            pinned.push_back(is_pinned_to(patterns, node));
        auto const& facts = node.record.facts;
        kinds[{ node.capacity.list(), facts.os_family, facts.cpu_arch,
                  { facts.attributes.begin(), facts.attributes.end() }, node.pool, pinned }]
            .nodes.push_back(&node);
    }
    std::vector<NodeKind> all;
    for (auto& [key, kind] : kinds) {
        auto const count = kind.nodes.size();
        auto const wanted = std::llround(part * static_cast<double>(count));
        kind.kept = std::clamp<std::uint64_t>(static_cast<std::uint64_t>(wanted),
            std::min<std::uint64_t>(count, least_nodes_of_a_kind), count);
        all.push_back(std::move(kind));
    }
    return all;
}

class Sampler {
public:
    Sampler(Farm const& farm, Now now, Policy const& policy, double part)
        : from_(farm)
        , kinds_(kinds_of(farm, part))
        , course_ { {}, now, policy, {}, {}, {}, part }
        , to_(course_.farm)
    {
    }

    Course run()
    {
        sort_what_runs();
        add_nodes();
        scale_rules();
        for (auto const& [id, job] : from_.jobs)
            if (!job.ended())
                add_job(job);
        add_those_waited_for();
        add_what_runs();
        to_.last_job = from_.last_job;
        course_.policy.max_reservations = std::max<std::size_t>(1,
            static_cast<std::size_t>(
                std::ceil(course_.part * static_cast<double>(course_.policy.max_reservations))));
        return std::move(course_);
    }

private:
    // A step's attempts.
    struct Live {
        double vcpus { 0 };
        std::vector<farm::Attempt const*> kept;
        std::vector<farm::Attempt const*> elsewhere;
        double width { 1 };
        std::uint64_t first_task { 0 };
        bool keeps_tasks { false };
    };

    void sort_what_runs()
    {
        double nodes = 0;
        for (auto const& kind : kinds_) {
            nodes += static_cast<double>(kind.nodes.size());
            vcpus_a_node_ += static_cast<double>(kind.nodes.size()) * kind.vcpus();
        }
        vcpus_a_node_ /= std::max(1.0, nodes);
        for (auto const& kind : kinds_)
            for (std::uint64_t i = 0; i < kind.kept; ++i)
                kept_nodes_.insert(kind.kept_node(i).record.id);
        for (auto const& [id, attempt] : from_.attempts) {
            auto const& record = attempt.record;
            auto& live = live_[{ record.job, record.step }];
            live.vcpus += vcpus_of(attempt);
            auto const kept = kept_nodes_.contains(record.node);
            (kept ? live.kept : live.elsewhere).push_back(&attempt);
        }
        for (auto& [key, live] : live_) {
            auto const all = from_.jobs.at(key.first).has_edges;
            auto const some = all ? live.elsewhere.size()
                                  : std::min(last_ones, live.elsewhere.size());
            live.kept.insert(live.kept.end(),
                live.elsewhere.end() - static_cast<std::ptrdiff_t>(some), live.elsewhere.end());
        }
    }

    double vcpus_of(farm::Attempt const& attempt) const
    {
        auto const& record = attempt.record;
        auto const& step = from_.jobs.at(record.job).steps[record.step];
        return farm::taken_by(step, record).get(Kind::vcpu);
    }

    void add_nodes()
    {
        for (auto const& kind : kinds_) {
            for (std::uint64_t i = 0; i < kind.kept; ++i) {
                auto const& node = kind.kept_node(i);
                auto record = node.record;
                record.power.state = farm::NodePower::State::awake;
                to_.apply(record);
                auto& made = to_.nodes.at(node.record.id);
                made.warm_for = node.warm_for;
                made.yields_to = node.yields_to;
                if (made.yields_to)
                    to_.kept.nodes[node.record.id] = *made.yields_to;
                made.present = true;
                made.lease_until = Mono();
            }
        }
        farm::NodeRecord elsewhere;
        elsewhere.id = { from_.last_node + 1 };
        elsewhere.key = "elsewhere";
        elsewhere.draining = true;
        auto& facts = elsewhere.facts;
        facts.name = elsewhere.key;
        add_up(facts);
        to_.apply(elsewhere);
        auto& made = to_.nodes.at(elsewhere.id);
        made.present = true;
        made.lease_until = Mono();
        made.circuit = -1;
        made.cooling = -1;
        // Whatever it is that runs elsewhere, it fits there.
        for (auto const& [key, live] : live_)
            for (auto const* attempt : live.elsewhere)
                made.capacity += farm::taken_by(
                    from_.jobs.at(key.first).steps[key.second], attempt->record);
        elsewhere_ = elsewhere.id;
    }

    // A node like all of them together costs what they cost, by the vcpu.
    void add_up(wire::NodeFacts& facts) const
    {
        double spent_per_h = 0;
        for (auto const& [id, node] : from_.nodes) {
            auto const& of = node.record.facts;
            facts.vcpus += of.vcpus;
            facts.rate.busy_w += of.rate.busy_w;
            facts.rate.usd_per_h += of.rate.usd_per_h;
            spent_per_h += of.rate.busy_w * of.rate.usd_per_kwh;
        }
        if (facts.rate.busy_w > 0)
            facts.rate.usd_per_kwh = spent_per_h / facts.rate.busy_w;
    }

    // The part that is kept of the nodes on which the step fits; of all if it fits nowhere.
    double part_of(farm::Step const& step) const
    {
        double kept = 0;
        double all = 0;
        for (auto const& kind : kinds_) {
            auto const& node = kind.example();
            if (!is_pinned_to(step.wishes.nodes, node)
                || farm::misfit(step.demand, node.record.facts, node.capacity))
                continue;
            kept += static_cast<double>(kind.kept) * kind.vcpus();
            all += static_cast<double>(kind.nodes.size()) * kind.vcpus();
        }
        return all > 0 ? kept / all : course_.part;
    }

    // How many of its tasks may run at a time, if anything says so.
    double most_at_once(farm::Job const& job, farm::Step const& step) const
    {
        auto most = std::numeric_limits<double>::infinity();
        for (auto const* caps : { &job.record.scheduling.caps, &step.wishes.caps }) {
            if (caps->tasks)
                most = std::min(most, static_cast<double>(*caps->tasks));
            if (caps->vcpus)
                most = std::min(most, *caps->vcpus / step.demand.vcpus());
            if (caps->nodes)
                most = std::min(most,
                    static_cast<double>(*caps->nodes)
                        * std::max(1.0, vcpus_a_node_ / step.demand.vcpus()));
        }
        for (auto const& [name, wanted] : step.demand.limits)
            if (auto const* rule = from_.rules.limit(name); rule && wanted > 0)
                most = std::min(most, rule->seats / wanted);
        for (auto const name : farm::project_and_parents(job.record.project))
            if (auto const* rule = from_.rules.project(name); rule && rule->max_vcpus)
                most = std::min(most, *rule->max_vcpus / step.demand.vcpus());
        return std::max(1.0, most);
    }

    bool is_wide(farm::Step const& step) const
    {
        return step.wishes.whole_node
            || step.demand.vcpus() * 2 >= from_.least_capacity.get(Kind::vcpu);
    }

    // How much narrower a task is than a real one.
    double width_of(farm::Job const& job, farm::Step const& step, double part) const
    {
        if (job.has_edges)
            return part;
        // GPUs cannot be divided.
        if (step.demand.reserved.get(Kind::gpu) > 0)
            return 1;
        auto const ready = static_cast<double>(step.tasks.count(TaskState::ready));
        auto const enough = std::min(std::max(ready, 1.0), is_wide(step) ? 1 : least_tasks);
        auto const at_once = most_at_once(job, step);
        return std::min({ 1.0, std::max(ready, 1.0) * part / enough,
            at_once * part / std::min(at_once, least_at_once) });
    }

    void add_job(farm::Job const& job)
    {
        auto& made = to_.jobs.emplace(job.record.id, job).first->second;
        made.record.source = {};
        made.live_attempts = 0;
        made.vcpus = 0;
        made.on_nodes.clear();
        made.use.clear();
        made.failures.clear();
        if (made.open())
            to_.open_jobs.insert(job.record.id);
        double narrowest = 1;
        double its_part = 1;
        for (std::uint32_t i = 0; i < job.steps.size(); ++i) {
            auto const part = part_of(job.steps[i]);
            auto const width = width_of(job, job.steps[i], part);
            if (i == 0 || width < narrowest) {
                narrowest = width;
                its_part = part;
            }
            add_step(job, made.steps[i], i, part, width);
        }
        scale_caps(made.record.scheduling.caps, its_part, narrowest);
        made.states = step_states(made);
    }

    void add_step(
        farm::Job const& job, farm::Step& made, std::uint32_t index, double part, double width)
    {
        StepKey const key { job.record.id, index };
        made.vcpus = 0;
        made.on_nodes.clear();
        make_tasks(job, made, key, part, width);
        scale_caps(made.wishes.caps, part, width);
        auto const found = live_.find(key);
        if (found != live_.end()) {
            auto& live = found->second;
            live.width = width;
            live.keeps_tasks = job.has_edges;
            double vcpus = 0;
            for (auto const* attempt : live.kept)
                vcpus += vcpus_of(*attempt) * width_on(*attempt, width);
            course_.worth[key].live = vcpus > 0 ? live.vcpus / vcpus : 1;
        }
        if (width < 1)
            narrow(made, width);
    }

    // Tasks that run, then those that wait, then one that failed if any did.
    void make_tasks(farm::Job const& job, farm::Step& made, StepKey key, double part, double width)
    {
        auto const& step = job.steps[key.second];
        auto const ready = static_cast<double>(step.tasks.count(TaskState::ready));
        course_.worth[key].piece = 1 / part;
        if (job.has_edges) {
            for (auto task = made.tasks.next(TaskState::leased, 0); task;
                 task = made.tasks.next(TaskState::leased, *task + 1))
                made.tasks.set(*task, TaskState::ready);
            return;
        }
        auto const found = live_.find(key);
        auto const live = found == live_.end() ? 0 : found->second.kept.size();
        auto const work = ready * part / width;
        auto const tasks = ready > 0 ? std::max(1.0, std::round(work)) : 0;
        if (tasks > 0 && (width < 1 || step.demand.reserved.get(Kind::gpu) <= 0))
            course_.tasks_a_piece[key] = work / tasks;
        else if (tasks > 0)
            course_.worth[key].piece = ready / tasks;
        if (tasks == 0 && live == 0)
            return;
        auto const failed = step.tasks.count(TaskState::failed) > 0 ? 1u : 0u;
        auto const skipped = step.tasks.count(TaskState::skipped) > 0 ? 1u : 0u;
        auto const waiting = static_cast<std::uint64_t>(tasks);
        made.tasks = farm::TaskSet(live + waiting + failed + skipped);
        if (failed)
            made.tasks.set(live + waiting, TaskState::failed);
        if (skipped)
            made.tasks.set(live + waiting + failed, TaskState::skipped);
        made.order = farm::TaskOrder::listed;
        made.ordered_from = 0;
        made.troubles.clear();
        made.chunks.reset();
    }

    void narrow(farm::Step& step, double width) const
    {
        auto scaled = step.demand.reserved;
        for (auto const& [name, value] : step.demand.reserved.list())
            scaled.set(name, value * width);
        if (auto const memory = step.memory_mib())
            scaled.set(Kind::memory, *memory * width);
        if (step.wishes.whole_node) {
            double most = 0;
            for (auto const& kind : kinds_)
                most = std::max(most, kind.vcpus());
            scaled.set(Kind::vcpu, most * width);
            step.wishes.whole_node = false;
        }
        step.demand.reserved = scaled;
        step.demand.width = width;
        step.memory = {};
        for (auto& [name, seats] : step.demand.limits)
            seats *= width;
    }

    void scale_caps(farm::Caps& caps, double part, double width) const
    {
        if (caps.vcpus)
            caps.vcpus = *caps.vcpus * part;
        // Less than a node of the sample.
        if (caps.nodes)
            caps.vcpus = std::min(caps.vcpus.value_or(std::numeric_limits<double>::infinity()),
                static_cast<double>(*caps.nodes) * part * vcpus_a_node_);
        auto const scale = [](std::optional<std::uint64_t>& cap, double by) {
            if (cap)
                cap = static_cast<std::uint64_t>(
                    std::max(1.0, std::round(static_cast<double>(*cap) * by)));
        };
        scale(caps.tasks, part / width);
        scale(caps.nodes, part);
        scale(caps.tasks_per_node, 1 / width);
    }

    void scale_rules()
    {
        to_.rules_record = from_.rules_record;
        to_.rules = from_.rules;
        take_seats_as_they_are(to_, from_, course_.now.wall);
        for (auto& rule : to_.rules.projects) {
            rule.guaranteed_vcpus *= course_.part;
            if (rule.max_vcpus)
                rule.max_vcpus = *rule.max_vcpus * course_.part;
            for (auto& [pool, share] : rule.pools) {
                share.guaranteed_vcpus *= course_.part;
                if (share.max_vcpus)
                    share.max_vcpus = *share.max_vcpus * course_.part;
            }
        }
        for (auto const& [name, use] : from_.projects)
            to_.projects[name] = { 0, use.past_vcpu_s * course_.part, use.past_at };
        for (auto& rule : to_.rules.limits)
            scale_limit(rule);
        scale_power();
        for (auto& [id, node] : to_.nodes)
            if (id != elsewhere_)
                std::tie(node.circuit, node.cooling) = std::pair(
                    from_.nodes.at(id).circuit, from_.nodes.at(id).cooling);
    }

    void scale_limit(farm::LimitRule& rule)
    {
        double kept = 0;
        double all = 0;
        for (auto const id : from_.open_jobs)
            for (auto const& step : from_.jobs.at(id).steps)
                for (auto const& [name, wanted] : step.demand.limits) {
                    if (name != rule.name)
                        continue;
                    auto const tasks = static_cast<double>(
                        step.tasks.count(TaskState::ready) + step.tasks.count(TaskState::leased));
                    kept += tasks * part_of(step);
                    all += tasks;
                }
        auto const part = rule.counted_by == farm::CountedBy::user ? 1.0
            : all > 0                                              ? kept / all
                                                                   : course_.part;
        auto const least = rule.counted_by == farm::CountedBy::node ? 1.0 : 0.0;
        rule.seats = std::max(least, rule.seats * part);
        if (rule.soft_seats)
            rule.soft_seats = std::max(least, *rule.soft_seats * part);
    }

    void scale_power()
    {
        auto& rules = to_.rules.power;
        std::vector<double> kept(rules.size(), 0);
        std::vector<double> all(rules.size(), 0);
        for (auto const& [id, node] : from_.nodes) {
            for (auto const place : { node.circuit, node.cooling }) {
                if (place < 0 || !node.present)
                    continue;
                auto const watts = node.record.facts.rate.busy_w;
                all[static_cast<std::size_t>(place)] += watts;
                kept[static_cast<std::size_t>(place)] += kept_nodes_.contains(id) ? watts : 0;
            }
        }
        for (std::size_t i = 0; i < rules.size(); ++i)
            rules[i].rated_w *= all[i] > 0 ? kept[i] / all[i] : 1;
    }

    void add_those_waited_for()
    {
        for (auto const& [id, job] : from_.jobs)
            for (auto const& edge : job.record.scheduling.after_jobs)
                if (auto const* before = from_.job(edge.job);
                    before && before->ended() && !job.ended())
                    to_.jobs.try_emplace(edge.job, *before);
    }

    // What runs on a node that is kept is as wide as it is.
    double width_on(farm::Attempt const& attempt, double width) const
    {
        return kept_nodes_.contains(attempt.record.node) ? 1 : width;
    }

    // In the order in which the farm would have taken them: a node's queue comes last.
    void add_what_runs()
    {
        std::vector<std::pair<farm::Attempt const*, Live const*>> all;
        for (auto const& [key, live] : live_)
            for (auto const* attempt : live.kept)
                all.emplace_back(attempt, &live);
        std::sort(all.begin(), all.end(), [](auto const& left, auto const& right) {
            return std::pair(!left.first->occupies, left.first->record.id)
                < std::pair(!right.first->occupies, right.first->record.id);
        });
        for (auto const& [attempt, live] : all)
            add_attempt(*attempt, *live);
    }

    void add_attempt(farm::Attempt const& attempt, Live const& live)
    {
        auto record = attempt.record;
        auto const& step = from_.jobs.at(record.job).steps[record.step];
        auto const width = width_on(attempt, live.width);
        auto const taken = farm::taken_by(step, record);
        record.vcpus = taken.get(Kind::vcpu) * width;
        record.memory_mib = taken.get(Kind::memory) * width;
        if (!kept_nodes_.contains(record.node))
            record.node = elsewhere_;
        if (!live.keeps_tasks) {
            auto const& tasks = to_.jobs.at(record.job).steps[record.step].tasks;
            record.task = *tasks.next(TaskState::ready, 0);
            if (record.tasks > 1)
                course_.chunks[record.id] = std::exchange(record.tasks, 1);
        }
        to_.apply(record);
        auto& made = to_.attempts.at(record.id);
        made.started = attempt.started;
        made.cancel_reason = attempt.cancel_reason;
        made.preempted = attempt.preempted;
        made.percent = attempt.percent;
    }

    Farm const& from_;
    std::vector<NodeKind> kinds_;
    Course course_;
    Farm& to_;
    std::map<StepKey, Live> live_;
    std::set<NodeId> kept_nodes_;
    NodeId elsewhere_;
    double vcpus_a_node_ { 0 };
};

}

void take_seats_as_they_are(Farm& farm, Farm const& from, Wall now)
{
    for (auto& rule : farm.rules.limits) {
        auto const found = from.limits.find(rule.name);
        rule.poll.reset();
        if (found == from.limits.end())
            continue;
        auto const& known = *from.rules.limit(rule.name);
        auto const& use = found->second;
        auto const ours = [&]() -> double {
            switch (rule.counted_by) {
            case farm::CountedBy::task: return use.held.tasks;
            case farm::CountedBy::node: return static_cast<double>(use.held.nodes.size());
            case farm::CountedBy::user: return static_cast<double>(use.held.users.size());
            }
            VERIFY_NOT_REACHED();
        }();
        if (use.is_stale(known, now))
            rule.mode = farm::LimitMode::advisory;
        auto const others = std::max(0.0, use.seats(known, now) - ours);
        rule.seats = std::max(0.0, use.total(known, now) - others);
        auto& then = farm.limits[rule.name];
        then.report.reset();
        then.newer = {};
        then.refusals = use.refusals;
        then.refused_until = use.refused_until;
    }
}

double places_of(Farm const& farm)
{
    double ready = 0;
    double wanted_vcpus = 0;
    for (auto const id : farm.open_jobs) {
        for (auto const& step : farm.jobs.at(id).steps) {
            auto const tasks = static_cast<double>(step.tasks.count(TaskState::ready));
            ready += tasks;
            wanted_vcpus += tasks * step.demand.vcpus();
        }
    }
    if (ready == 0)
        return 0;
    double vcpus = 0;
    for (auto const& [id, node] : farm.nodes)
        if (node.takes_work())
            vcpus += node.record.facts.vcpus;
    return vcpus / std::max(1.0 / 64, wanted_vcpus / ready);
}

Course sampled(Farm const& farm, Now now, Policy const& policy, double places)
{
    // In halves, so that a few nodes more or fewer change no node of the sample.
    auto const halvings = std::ceil(std::log2(std::max(1.0, places_of(farm) / places)));
    return Sampler(farm, now, policy, std::exp2(-halvings)).run();
}

}
