#pragma once

#include <farm/test_farm.h>
#include <sched/plan.h>

#include <fmt/format.h>

#include <functional>
#include <map>
#include <string>
#include <vector>

// Farms for tests of the scheduler; what plan() says is carried out as the brain would.
namespace sidereal::sched {

class SchedFarm : public farm::TestFarm {
public:
    Now now;
    Policy policy;

    SchedFarm()
    {
        now.wall = Wall(std::chrono::hours(500'000));
        // Run times are measured in tests of other things, too.
        policy.max_ahead = 0;
    }

    NodeId add_present_node(double vcpus, double memory_gib = 16,
        std::function<void(wire::NodeFacts&)> const& change = {})
    {
        farm::NodeRecord record;
        record.id = { farm.last_node + 1 };
        record.key = to_string(record.id);
        record.facts = farm::facts_of(vcpus);
        record.facts.name = fmt::format("node-{}", record.id.value);
        record.facts.memory_bytes = static_cast<std::uint64_t>(memory_gib * (1 << 30));
        if (change)
            change(record.facts);
        record.epoch = 1;
        apply(record);
        auto& node = farm.nodes.at(record.id);
        node.present = true;
        node.lease_until = Mono();
        return record.id;
    }

    // hostRequirements by name: { "worker.vcpu", 2 }, { "limit.maya", 1 }.
    JobId submit(std::uint64_t tasks, farm::Amounts const& wants = {},
        std::string const& scheduling = "", std::string project = "", int priority = 0)
    {
        farm::JobRecord record;
        record.id = { farm.last_job + 1 };
        record.source = { template_of(tasks, wants), "test.yaml", {} };
        record.project = std::move(project);
        record.priority = priority;
        record.submitted_at = now.wall;
        auto parsed = farm::parse_scheduling(scheduling, "scheduling.yaml");
        if (!parsed)
            fmt::print(stderr, "{}\n", openjd::to_string(parsed.error()));
        VERIFY(parsed.has_value());
        record.scheduling = std::move(*parsed);
        apply(record);
        return record.id;
    }

    // Frames in chunks that are cut as they are given out.
    JobId submit_chunks(std::uint64_t frames, openjd::ChunkTarget const& target)
    {
        farm::JobRecord record;
        record.id = { farm.last_job + 1 };
        record.source = {
            fmt::format("specificationVersion: jobtemplate-2023-09\nname: chunks\n"
                        "extensions: [TASK_CHUNKING]\nsteps:\n- name: Step\n"
                        "  parameterSpace:\n    taskParameterDefinitions:\n"
                        "    - name: F\n      type: CHUNK[INT]\n      range: 1-{}\n"
                        "      chunks:\n        defaultTaskCount: {}\n"
                        "        targetRuntimeSeconds: {}\n"
                        "        rangeConstraint: CONTIGUOUS\n"
                        "  script: {{actions: {{onRun: {{command: x}}}}}}\n",
                frames, target.default_task_count,
                std::chrono::duration_cast<std::chrono::seconds>(target.run_time).count()),
            "chunks.yaml", {}
        };
        record.max_retries = 1;
        record.submitted_at = now.wall;
        apply(record);
        return record.id;
    }

    void rule(std::string text)
    {
        apply(farm::RulesRecord { farm.rules_record.number + 1, std::move(text), "", now.wall });
    }

    // Plans until nothing more can be placed; what was placed, in order.
    std::vector<Placement> run()
    {
        std::vector<Placement> all;
        for (bool more = true; more;) {
            auto const next = plan(farm, now, policy);
            for (auto const& placement : next.placements)
                carry_out(placement);
            all.insert(all.end(), next.placements.begin(), next.placements.end());
            more = next.more;
        }
        auto const broken = farm::broken_invariant(farm);
        if (!broken.empty())
            fmt::print(stderr, "{}\n", broken);
        VERIFY(broken.empty());
        return all;
    }

    std::uint64_t running(JobId job) const { return farm.jobs.at(job).live_attempts; }

    // Ends every attempt of the job that runs.
    void finish(
        JobId job, Duration run_time = std::chrono::seconds(10), std::uint64_t peak_mib = 100)
    {
        std::vector<AttemptId> live;
        for (auto const& [id, attempt] : farm.attempts)
            if (attempt.record.job == job)
                live.push_back(id);
        for (auto const id : live)
            finish_attempt(id, run_time, peak_mib);
    }

    void finish_attempt(AttemptId id, Duration run_time, std::uint64_t peak_mib,
        wire::Outcome outcome = wire::Outcome::succeeded, wire::Cause cause = wire::Cause::none)
    {
        auto record = farm.attempts.at(id).record;
        record.state = farm::AttemptState::ended;
        record.ended_at = now.wall;
        record.outcome = outcome;
        record.cause = cause;
        record.usage = { run_time, run_time, peak_mib << 20 };
        apply(record);
    }

private:
    static std::string template_of(std::uint64_t tasks, farm::Amounts const& wants)
    {
        std::string text
            = "specificationVersion: jobtemplate-2023-09\nname: test\nsteps:\n- name: A\n";
        auto const list = wants.list();
        if (!list.empty())
            text += "  hostRequirements:\n    amounts:\n";
        for (auto const& [name, amount] : list)
            text += fmt::format("    - name: amount.{}\n      min: {}\n", name, amount);
        if (tasks > 1)
            text += fmt::format("  parameterSpace:\n    taskParameterDefinitions:\n"
                                "    - name: Index\n      type: INT\n      range: 1-{}\n",
                tasks);
        return text + "  script:\n    actions:\n      onRun:\n        command: \"true\"\n";
    }

    void carry_out(Placement const& placement) { apply(lease_for(farm, placement, now)); }
};

}
