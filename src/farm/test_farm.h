#pragma once

#include <base/verify.h>
#include <farm/farm.h>

#include <fmt/format.h>

#include <string>
#include <utility>
#include <vector>

// Farms for tests: jobs from a line or two, and all records that made the farm what it is.
namespace sidereal::farm {

struct StepShape {
    std::string name;
    std::uint64_t tasks { 1 };
    std::vector<std::string> depends_on {};
    double vcpus { 1 };
};

// A template that makes such steps; each task runs `true`.
inline openjd::JobSource source_of(std::vector<StepShape> const& steps)
{
    std::string text = "specificationVersion: jobtemplate-2023-09\nname: test\nsteps:\n";
    for (auto const& step : steps) {
        text += fmt::format("- name: {}\n", step.name);
        if (!step.depends_on.empty())
            text += "  dependencies:\n";
        for (auto const& upstream : step.depends_on)
            text += fmt::format("  - dependsOn: {}\n", upstream);
        text += fmt::format("  hostRequirements:\n    amounts:\n"
                            "    - name: amount.worker.vcpu\n      min: {}\n",
            step.vcpus);
        if (step.tasks > 1)
            text += fmt::format("  parameterSpace:\n    taskParameterDefinitions:\n"
                                "    - name: Index\n      type: INT\n      range: 1-{}\n",
                step.tasks);
        text += "  script:\n    actions:\n      onRun:\n        command: \"true\"\n";
    }
    return { text, "test.yaml", {} };
}

inline wire::NodeFacts facts_of(double vcpus)
{
    wire::NodeFacts facts;
    facts.name = "node";
    facts.os_family = "linux";
    facts.cpu_arch = "x86_64";
    facts.vcpus = vcpus;
    facts.memory_bytes = 16ull << 30;
    return facts;
}

// A farm together with the log of what was applied to it.
class TestFarm {
public:
    Farm farm;
    Records log;

    void apply(Record const& record)
    {
        log.push_back(record);
        auto const status = farm.apply(record);
        if (!status)
            fmt::print(stderr, "{}\n", status.error().message);
        VERIFY(status.has_value());
    }

    // The jobs' first id is 1, as is that of nodes and attempts.
    JobId add_job(std::vector<StepShape> const& steps, std::uint32_t max_retries = 2,
        std::string_view scheduling = "")
    {
        JobRecord record;
        record.scheduling = parse_scheduling(scheduling, "scheduling.yaml").value();
        record.id = { farm.last_job + 1 };
        record.source = source_of(steps);
        record.max_retries = max_retries;
        apply(record);
        return record.id;
    }

    // A node that its agent is in contact with.
    NodeId add_node(double vcpus)
    {
        NodeRecord record;
        record.id = { farm.last_node + 1 };
        record.key = to_string(record.id);
        record.facts = facts_of(vcpus);
        record.epoch = 1;
        apply(record);
        farm.nodes.at(record.id).lease_until = Mono();
        return record.id;
    }

    AttemptId lease(JobId job, std::uint32_t step, std::uint64_t task, NodeId node)
    {
        AttemptRecord record;
        record.id = { farm.last_attempt + 1 };
        record.job = job;
        record.step = step;
        record.task = task;
        record.node = node;
        record.node_epoch = 1;
        apply(record);
        return record.id;
    }

    void end(AttemptId id, wire::Outcome outcome, wire::Cause cause = wire::Cause::none)
    {
        auto record = farm.attempts.at(id).record;
        record.state = AttemptState::ended;
        record.outcome = outcome;
        record.cause = cause;
        record.usage = { std::chrono::seconds(10), std::chrono::seconds(8), id.value };
        record.energy_wh = 0.5;
        record.cost = { 25 };
        record.message = "attempt " + to_string(id);
        apply(record);
    }
    void succeed(AttemptId id) { end(id, wire::Outcome::succeeded); }
    void fail(AttemptId id) { end(id, wire::Outcome::failed, wire::Cause::task_error); }
    void lose(AttemptId id) { end(id, wire::Outcome::failed, wire::Cause::lost_node); }
    void cancel(AttemptId id) { end(id, wire::Outcome::canceled, wire::Cause::canceled); }

    void reset(JobId job, std::uint32_t step, std::uint64_t task)
    {
        apply(ResetRecord { job, step, task, { farm.last_attempt + 1 } });
    }
    void skip(JobId job, std::uint32_t step, std::uint64_t task, std::uint64_t tasks = 1)
    {
        apply(ResetRecord { job, step, task, { farm.last_attempt + 1 }, tasks, true });
    }
    // Changes a job as a person does.
    template<typename Change>
    void change(JobId id, Change const& change)
    {
        auto record = farm.jobs.at(id).record;
        change(record);
        apply(record);
    }

    TaskState state(JobId job, std::uint32_t step, std::uint64_t task) const
    {
        return farm.jobs.at(job).steps.at(step).tasks.get(task);
    }
};

}
