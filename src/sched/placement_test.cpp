#include <sched/test_sched.h>
#include <sched/why.h>

#include <gtest/gtest.h>

// GPUs as individuals, open sessions, shares of pools, a step's part of a node.
namespace sidereal::sched {

namespace {

using namespace std::chrono_literals;

std::function<void(wire::NodeFacts&)> with_gpus(std::vector<std::pair<std::string, double>> gpus)
{
    return [gpus](wire::NodeFacts& facts) {
        for (auto const& [uuid, gib] : gpus)
            facts.gpus.push_back(
                { facts.name + '-' + uuid, "GPU", static_cast<std::uint64_t>(gib * (1 << 30)) });
    };
}

std::vector<std::string> gpus_of(std::vector<Placement> const& placements)
{
    std::vector<std::string> names;
    for (auto const& placement : placements)
        for (auto const& part : placement.gpus)
            names.push_back(part.uuid);
    return names;
}

// One task of the job ends well; it took so long, of that so much to enter.
void end_one(
    SchedFarm& test, JobId job, Duration run_time, Duration enter, std::uint64_t vram_mib = 0)
{
    for (auto const& [id, attempt] : test.farm.attempts) {
        if (attempt.record.job != job || !attempt.occupies)
            continue;
        auto record = attempt.record;
        record.state = farm::AttemptState::ended;
        record.ended_at = test.now.wall;
        record.outcome = wire::Outcome::succeeded;
        record.usage = { run_time, run_time, 100 << 20, enter, vram_mib << 20 };
        return test.apply(record);
    }
    FAIL() << "nothing of job " << job.value << " runs";
}

}

TEST(GpuPlacement, a_task_gets_the_smallest_gpu_that_fits_on_whatever_node)
{
    SchedFarm test;
    test.add_present_node(16, 64, with_gpus({ { "a", 48 }, { "b", 48 } }));
    test.add_present_node(16, 64, with_gpus({ { "a", 24 } }));
    test.add_present_node(16, 64, with_gpus({ { "a", 80 }, { "b", 12 } }));
    test.submit(3, { { "worker.gpu", 1 }, { "worker.gpu.memory", 10'000 } });
    EXPECT_EQ(
        gpus_of(test.run()), (std::vector<std::string> { "node-3-b", "node-2-a", "node-1-a" }));
}

TEST(GpuPlacement, two_tasks_never_have_one_gpu)
{
    SchedFarm test;
    test.add_present_node(16, 64, with_gpus({ { "a", 24 }, { "b", 24 } }));
    auto const job = test.submit(5, { { "worker.gpu", 1 } });
    EXPECT_EQ(gpus_of(test.run()), (std::vector<std::string> { "node-1-a", "node-1-b" }));
    end_one(test, job, 10s, 0s);
    EXPECT_EQ(gpus_of(test.run()), std::vector<std::string> { "node-1-a" });
}

TEST(GpuPlacement, parts_share_a_gpu_up_to_its_memory)
{
    SchedFarm test;
    test.add_present_node(16, 64, with_gpus({ { "a", 24 } }));
    test.submit(
        9, { { "worker.gpu", 1 }, { "worker.gpu.memory", 7000 } }, "steps: {A: {gpu_share: true}}");
    EXPECT_EQ(test.run().size(), 3u);
    test.submit(1, { { "worker.gpu", 1 } }, "tier: urgent");
    EXPECT_EQ(test.run().size(), 0u) << "a whole one is not free";
}

TEST(GpuPlacement, learned_vram_sizes_the_parts)
{
    SchedFarm test;
    test.add_present_node(16, 64, with_gpus({ { "a", 24 } }));
    auto const job = test.submit(50, { { "worker.gpu", 1 } }, "steps: {A: {gpu_share: true}}");
    for (int probe = 0; probe < 4; ++probe) {
        ASSERT_EQ(test.run().size(), 1u) << "a probe has the GPU to itself";
        end_one(test, job, 10s, 0s, 4000);
    }
    // 4000 and a quarter on top, rounded up: four of them in 24 GiB.
    EXPECT_EQ(test.run().size(), 4u);
}

TEST(GpuPlacement, what_ran_out_of_vram_goes_to_a_larger_gpu_and_then_to_the_largest)
{
    SchedFarm test;
    test.add_present_node(16, 64, with_gpus({ { "a", 12 } }));
    test.add_present_node(16, 64, with_gpus({ { "a", 24 } }));
    auto const job = test.submit(1, { { "worker.gpu", 1 } });
    for (auto const* const wanted : { "node-1-a", "node-2-a", "node-2-a" }) {
        auto const placed = test.run();
        EXPECT_EQ(gpus_of(placed), std::vector<std::string> { wanted });
        test.finish_attempt(test.farm.attempts.begin()->first, 10s, 100, wire::Outcome::failed,
            wire::Cause::out_of_vram);
    }
    EXPECT_EQ(test.farm.jobs.at(job).count(farm::TaskState::ready), 1u);
}

TEST(Sessions, the_node_with_the_open_session_is_preferred_by_what_it_saves)
{
    SchedFarm test;
    test.add_present_node(1);
    test.add_present_node(64, 256);
    auto const job = test.submit(40, {}, "caps: {tasks: 1}\nsteps: {A: {nodes: [node-1]}}");
    test.submit(1);
    test.run();
    end_one(test, job, 60s, 50s);
    // A huge empty node costs far less by its load.
    test.farm.jobs.at(job).steps[0].wishes.nodes.clear();
    test.farm.nodes.at({ 1 }).warm_for.reset();
    auto const placed = test.run();
    ASSERT_EQ(placed.size(), 1u);
    EXPECT_EQ(placed[0].node, NodeId { 1 });
}

TEST(Sessions, one_that_was_left_long_ago_is_no_longer_open)
{
    SchedFarm test;
    test.add_present_node(1);
    test.add_present_node(64, 256);
    auto const job = test.submit(40, {}, "caps: {tasks: 1}\nsteps: {A: {nodes: [node-1]}}");
    test.run();
    end_one(test, job, 60s, 50s);
    test.farm.jobs.at(job).steps[0].wishes.nodes.clear();
    test.farm.nodes.at({ 1 }).warm_for.reset();
    test.now.wall += 1min;
    auto const placed = test.run();
    ASSERT_EQ(placed.size(), 1u);
    EXPECT_EQ(placed[0].node, NodeId { 2 });
}

TEST(Sessions, the_last_few_tasks_wait_for_an_open_one_rather_than_enter_another)
{
    SchedFarm test;
    test.add_present_node(1);
    test.add_present_node(1);
    auto const job = test.submit(6);
    test.run();
    // 55 s to enter, 5 s a task.
    end_one(test, job, 60s, 55s);
    end_one(test, job, 60s, 55s);
    test.run();
    end_one(test, job, 5s, 0s);
    test.now.wall += 10s; // its session is closed; two tasks are left, one runs in the other
    EXPECT_TRUE(test.run().empty());
    auto const rows = why(test.farm, test.now, test.policy, test.farm.jobs.at(job));
    ASSERT_EQ(rows.size(), 1u);
    EXPECT_EQ(rows[0].reason, WaitClass::session) << rows[0].text;
    EXPECT_NE(rows[0].text.find("entering another would take 55"), std::string::npos)
        << rows[0].text;
}

TEST(Sessions, short_tasks_go_ahead_for_as_long_as_entering_takes)
{
    SchedFarm test;
    test.policy.max_ahead = 64;
    test.add_present_node(1);
    auto const job = test.submit(40);
    test.run();
    end_one(test, job, 9s, 8s);
    EXPECT_EQ(test.run().size(), 1u);
    // 8.025 s of tasks of 1 s behind the one that runs.
    EXPECT_EQ(test.run().size(), 8u);
}

TEST(Pools, a_share_of_one_pool_is_guaranteed_there_and_nowhere_else)
{
    SchedFarm test;
    auto const in_pool = [](std::string pool) {
        return [pool](wire::NodeFacts& facts) { facts.pool = pool; };
    };
    test.add_present_node(8, 32, in_pool("lan"));
    test.add_present_node(8, 32, in_pool("attic"));
    test.rule("projects:\n- {name: ad, weight: 1000}\n"
              "- {name: film, pools: {lan: {guaranteed_vcpus: 6}}}\n");
    auto const ad = test.submit(100, {}, "", "ad");
    auto const film = test.submit(100, {}, "", "film");
    test.run();
    EXPECT_EQ(test.farm.jobs.at(film).on_nodes, (std::map<NodeId, std::uint32_t> { { { 1 }, 6 } }));
    EXPECT_EQ(test.running(ad), 10u);
}

TEST(Pools, what_its_owner_does_not_use_is_lent)
{
    SchedFarm test;
    test.add_present_node(8, 32, [](wire::NodeFacts& facts) { facts.pool = "lan"; });
    test.rule("projects:\n- {name: ad}\n- {name: film, pools: {lan: {guaranteed_vcpus: 6}}}\n");
    auto const ad = test.submit(100, {}, "", "ad");
    test.run();
    EXPECT_EQ(test.running(ad), 8u);
}

TEST(Pools, the_ceiling_of_one_pool_leaves_the_others_open)
{
    SchedFarm test;
    test.add_present_node(8, 32, [](wire::NodeFacts& facts) { facts.pool = "lan"; });
    test.rule("projects:\n- {name: film, pools: {lan: {max_vcpus: 3}}}\n");
    auto const job = test.submit(100, {}, "", "film/a");
    test.run();
    EXPECT_EQ(test.running(job), 3u);
    auto const rows = why(test.farm, test.now, test.policy, test.farm.jobs.at(job));
    ASSERT_EQ(rows.size(), 1u);
    EXPECT_EQ(rows[0].reason, WaitClass::project_cap) << rows[0].text;
    test.add_present_node(8);
    test.run();
    EXPECT_EQ(test.running(job), 11u);
}

TEST(StepPart, a_step_has_its_part_of_each_node_while_others_wait_and_then_the_rest)
{
    SchedFarm test;
    for (int i = 0; i < 4; ++i)
        test.add_present_node(8, 64);
    test.rule("step_part_of_node: 0.25\n");
    auto const first = test.submit(100);
    auto const second = test.submit(8);
    auto const third = test.submit(4);
    test.run();
    EXPECT_EQ(test.running(second), 8u);
    EXPECT_EQ(test.running(third), 4u);
    EXPECT_EQ(test.running(first), 20u) << "what the others leave";
    for (auto const& [node, tasks] : test.farm.jobs.at(second).on_nodes)
        EXPECT_EQ(tasks, 2u);
}

}
