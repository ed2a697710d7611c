#include <sim/random_farms.h>

#include <base/prng.h>
#include <base/verify.h>
#include <farm/farm.h>
#include <sched/plan.h>

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <memory>
#include <set>
#include <utility>
#include <vector>

namespace sidereal::sim {

namespace {

using farm::Amounts;
using farm::Farm;
using Kind = Amounts::Kind;
using Spec = std::shared_ptr<openjd::Job const>;

constexpr double tolerance = 1e-6;
constexpr double mib = 1024.0 * 1024.0;
constexpr int rounds = 5;

// What a job's one step asks for.
struct Shape {
    std::int64_t tasks { 1 };
    std::int64_t vcpus { 1 };
    std::int64_t memory_mib { 0 };
    std::int64_t gpus { 0 };
    std::int64_t gpu_mib { 0 };
    bool limited { false };

    auto operator<=>(Shape const&) const = default;
};

// Making a job from text takes longer than all the rest; there are few shapes.
Spec spec_of(Shape const& shape)
{
    thread_local std::map<Shape, Spec> known;
    auto& spec = known[shape];
    if (spec)
        return spec;
    auto text = fmt::format("specificationVersion: jobtemplate-2023-09\nname: drawn\nsteps:\n"
                            "- name: A\n  hostRequirements:\n    amounts:\n"
                            "    - {{name: amount.worker.vcpu, min: {}}}\n",
        shape.vcpus);
    auto const add = [&](std::string_view name, std::int64_t amount) {
        if (amount > 0)
            text += fmt::format("    - {{name: amount.{}, min: {}}}\n", name, amount);
    };
    add("worker.memory", shape.memory_mib);
    add("worker.gpu", shape.gpus);
    add("worker.gpu.memory", shape.gpu_mib);
    add("limit.maya", shape.limited ? 1 : 0);
    text += fmt::format("  parameterSpace:\n    taskParameterDefinitions:\n"
                        "    - {{name: Frame, type: INT, range: 1-{}}}\n"
                        "  script: {{actions: {{onRun: {{command: render}}}}}}\n",
        shape.tasks);
    auto made = openjd::create_job({ text, "drawn.yaml", {} });
    VERIFY(made);
    spec = std::make_shared<openjd::Job const>(std::move(*made));
    return spec;
}

// What is given out of one node, from the leases alone.
struct Given {
    double vcpus { 0 };
    double memory_mib { 0 };
    std::map<std::string, std::pair<double, std::uint64_t>> gpus; // MiB, attempts
    std::set<std::string> whole_gpus;
};

class RandomFarm {
public:
    explicit RandomFarm(std::uint64_t seed)
        : draw_(seed)
    {
        now_.wall = Wall(std::chrono::hours(500'000));
        draw_rules();
        for (auto left = draw_.between(1, 4); left > 0; --left)
            add_node();
        for (auto left = draw_.between(1, 5); left > 0; --left)
            add_job();
    }

    FarmCourse run()
    {
        for (int round = 0; round < rounds && course_.failure.empty(); ++round) {
            place();
            // A moment or an hour.
            now_.wall += Duration(draw_.between(1, draw_.chance(0.5) ? 1'000'000 : 3'600'000'000));
            end_some();
            if (draw_.chance(0.2))
                lose_or_find_a_node();
        }
        return course_;
    }

private:
    void draw_rules()
    {
        std::string text;
        if (draw_.chance(0.3))
            text += "projects: [{name: film, guaranteed_vcpus: 4, max_vcpus: 9, pools: {lan: "
                    "{guaranteed_vcpus: 2, max_vcpus: 5}}}, {name: ad}]\n";
        if (draw_.chance(0.3))
            text += "limits: [{name: maya, seats: 3}]\n";
        if (draw_.chance(0.3))
            text += "circuits: [{name: wall, breaker_w: 1500, nodes: [node-1, node-2]}]\n";
        if (draw_.chance(0.2))
            text += "step_part_of_node: 0.25\n";
        if (!text.empty())
            VERIFY(farm_.apply(farm::RulesRecord { 1, text, "", now_.wall }).has_value());
    }

    void add_node()
    {
        farm::NodeRecord record;
        record.id = { farm_.last_node + 1 };
        record.key = to_string(record.id);
        auto& facts = record.facts;
        facts.name = fmt::format("node-{}", record.id.value);
        facts.os_family = "linux";
        facts.cpu_arch = "x86_64";
        facts.vcpus = static_cast<double>(draw_.between(1, 16));
        facts.memory_bytes = static_cast<std::uint64_t>(draw_.between(2, 64)) << 30;
        facts.pool = draw_.chance(0.5) ? "lan" : "local";
        facts.rate = { 50, 400, 0.3, 0, 2 };
        for (auto gpus = draw_.chance(0.5) ? draw_.between(1, 4) : 0; gpus > 0; --gpus) {
            constexpr std::uint64_t sizes_gib[] = { 8, 16, 24, 48 };
            facts.gpus.push_back(
                { fmt::format("{}-{}", facts.name, gpus), "GPU", sizes_gib[draw_.below(4)] << 30 });
        }
        record.epoch = 1;
        farm_.apply(record);
        auto& node = farm_.nodes.at(record.id);
        node.present = true;
        node.lease_until = Mono();
    }

    void add_job()
    {
        Shape shape;
        shape.tasks = draw_.chance(0.7) ? 12 : 3;
        shape.vcpus = draw_.between(1, 5);
        shape.memory_mib = draw_.chance(0.5) ? draw_.between(1, 6) * 1500 : 0;
        shape.gpus = draw_.chance(0.4) ? draw_.between(1, 2) : 0;
        shape.gpu_mib = shape.gpus > 0 && draw_.chance(0.6) ? draw_.between(1, 5) * 4000 : 0;
        shape.limited = draw_.chance(0.2);
        farm::JobRecord record;
        record.id = { farm_.last_job + 1 };
        record.priority = static_cast<int>(draw_.between(-50, 50));
        char const* const projects[] = { "", "film", "film/a", "ad" };
        record.project = projects[draw_.below(4)];
        record.submitted_at = now_.wall;
        auto& wishes = record.scheduling;
        wishes.tier = static_cast<farm::Tier>(draw_.below(5));
        if (draw_.chance(0.3))
            wishes.caps.tasks = static_cast<std::uint64_t>(draw_.between(1, 4));
        auto& step = wishes.steps["A"];
        step.gpu_share = shape.gpus == 1 && draw_.chance(0.6);
        step.whole_node = draw_.chance(0.1);
        VERIFY(farm_.apply(record, spec_of(shape)).has_value());
    }

    void place()
    {
        for (bool more = true; more && course_.failure.empty();) {
            auto const plan = sched::plan(farm_, now_, policy_);
            for (auto const& placement : plan.placements)
                farm_.apply(sched::lease_for(farm_, placement, now_));
            course_.placed += plan.placements.size();
            more = plan.more;
            check();
        }
    }

    void fail(std::string failure)
    {
        if (course_.failure.empty())
            course_.failure = std::move(failure);
    }

    void check()
    {
        if (auto broken = farm::broken_invariant(farm_); !broken.empty())
            fail(std::move(broken));
        std::map<NodeId, Given> given;
        double seats = 0;
        std::map<std::string, double> in_lan;
        for (auto const& [id, attempt] : farm_.attempts) {
            if (!attempt.occupies)
                continue;
            auto const& job = farm_.jobs.at(attempt.record.job);
            add(given[attempt.record.node], attempt.record, job.steps[0]);
            seats += job.steps[0].demand.limits.empty() ? 0 : 1;
            auto const& facts = farm_.nodes.at(attempt.record.node).record.facts;
            if (facts.pool == "lan" && job.record.project.starts_with("film"))
                in_lan["film"] += attempt.record.vcpus;
        }
        for (auto const& [id, of_node] : given)
            check_node(farm_.nodes.at(id), of_node);
        check_rules(given, seats, in_lan["film"]);
    }

    void add(Given& given, farm::AttemptRecord const& record, farm::Step const& step)
    {
        given.vcpus += record.vcpus;
        given.memory_mib += record.memory_mib;
        auto const& demand = step.demand;
        if (static_cast<double>(record.gpus.size()) != demand.reserved.get(Kind::gpu))
            fail(fmt::format("attempt {} has {} GPUs", record.id.value, record.gpus.size()));
        for (auto const& part : record.gpus) {
            auto& [used_mib, attempts] = given.gpus[part.uuid];
            used_mib += part.memory_mib;
            ++attempts;
            if (part.part >= 1)
                given.whole_gpus.insert(part.uuid);
            if (part.part < 1 && !step.wishes.gpu_share)
                fail(fmt::format("attempt {} has a part of a GPU", record.id.value));
            if (part.memory_mib + tolerance < demand.floors.get(Kind::gpu_memory))
                fail(fmt::format("attempt {} has too small a GPU", record.id.value));
        }
    }

    void check_node(farm::Node const& node, Given const& given)
    {
        auto const& facts = node.record.facts;
        if (given.vcpus > facts.vcpus + tolerance)
            fail(fmt::format(
                "{} has {} of {} vcpus given out", facts.name, given.vcpus, facts.vcpus));
        if (given.memory_mib > static_cast<double>(facts.memory_bytes) / mib + tolerance)
            fail(fmt::format("{} has {} MiB given out", facts.name, given.memory_mib));
        for (auto const& [uuid, use] : given.gpus) {
            auto const gpu = std::find_if(facts.gpus.begin(), facts.gpus.end(),
                [&uuid = uuid](wire::Gpu const& known) { return known.uuid == uuid; });
            if (gpu == facts.gpus.end())
                fail(fmt::format("{} has no {}", facts.name, uuid));
            else if (use.first > static_cast<double>(gpu->memory_bytes) / mib + tolerance)
                fail(fmt::format("{} MiB of {} given out", use.first, uuid));
            if (use.second > 1 && given.whole_gpus.contains(uuid))
                fail(fmt::format("{} is given out whole and to {}", uuid, use.second));
        }
    }

    void check_rules(std::map<NodeId, Given> const& given, double seats, double film_in_lan)
    {
        auto const& rules = farm_.rules;
        if (!rules.limits.empty() && seats > rules.limits[0].seats)
            fail(fmt::format("{} seats taken", seats));
        if (!rules.projects.empty() && film_in_lan > 5 + tolerance)
            fail(fmt::format("film has {} vcpus in lan", film_in_lan));
        double watts = 0;
        for (auto const& [id, of_node] : given) {
            auto const& node = farm_.nodes.at(id);
            if (id.value <= 2 && node.present)
                watts += node.watts(of_node.vcpus) - node.watts(0);
        }
        // What is idle draws power too, but nobody can help that.
        double idle = 0;
        for (auto const& [id, node] : farm_.nodes)
            idle += id.value <= 2 && node.present ? node.watts(0) : 0;
        if (!rules.power.empty() && watts > 0 && !lost_some_
            && watts + idle > rules.power[0].usable_w() + tolerance)
            fail(fmt::format("{} W on a circuit", watts + idle));
    }

    void end_some()
    {
        std::vector<AttemptId> ending;
        for (auto const& [id, attempt] : farm_.attempts)
            if (attempt.occupies && draw_.chance(0.6))
                ending.push_back(id);
        for (auto const id : ending)
            if (farm_.attempts.contains(id))
                end(id);
    }

    void end(AttemptId id)
    {
        constexpr wire::Cause causes[] = { wire::Cause::task_error, wire::Cause::out_of_memory,
            wire::Cause::out_of_vram, wire::Cause::interrupted };
        auto record = farm_.attempts.at(id).record;
        record.state = farm::AttemptState::ended;
        record.ended_at = now_.wall;
        record.outcome = draw_.chance(0.7) ? wire::Outcome::succeeded : wire::Outcome::failed;
        if (record.outcome == wire::Outcome::failed)
            record.cause = causes[draw_.below(4)];
        record.usage.run_time = now_.wall - record.leased_at;
        record.usage.max_rss_bytes = static_cast<std::uint64_t>(draw_.between(100, 12'000)) << 20;
        if (!record.gpus.empty() && draw_.chance(0.7))
            record.usage.max_vram_bytes = static_cast<std::uint64_t>(
                draw_.unit() * record.gpus[0].memory_mib * mib);
        if (draw_.chance(0.3))
            record.usage.enter_time = record.usage.run_time / 2;
        farm_.apply(record);
    }

    void lose_or_find_a_node()
    {
        auto& node = farm_.nodes.at({ 1 + draw_.below(farm_.nodes.size()) });
        lost_some_ = true;
        node.present = !node.present;
        node.lease_until = node.present ? std::optional(Mono()) : std::nullopt;
        std::vector<AttemptId> held(node.queue.begin(), node.queue.end());
        held.insert(held.end(), node.occupying.begin(), node.occupying.end());
        for (auto const id : held) {
            auto record = farm_.attempts.at(id).record;
            record.state = farm::AttemptState::ended;
            record.ended_at = now_.wall;
            record.outcome = wire::Outcome::failed;
            record.cause = wire::Cause::lost_node;
            farm_.apply(record);
        }
    }

    Prng draw_;
    Now now_;
    sched::Policy policy_;
    Farm farm_;
    FarmCourse course_;
    // A node that comes back draws power whether its circuit has it or not.
    bool lost_some_ { false };
};

}

FarmCourse run_random_farm(std::uint64_t seed) { return RandomFarm(seed).run(); }

}
