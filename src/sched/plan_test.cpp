#include <sched/test_sched.h>

#include <gtest/gtest.h>

namespace sidereal::sched {

namespace {

using namespace std::chrono_literals;

std::vector<std::uint64_t> tasks_of(std::vector<Placement> const& placements)
{
    std::vector<std::uint64_t> tasks;
    for (auto const& placement : placements)
        tasks.push_back(placement.task);
    return tasks;
}

}

TEST(Plan, an_older_job_goes_first_among_equals)
{
    SchedFarm test;
    test.add_present_node(3);
    auto const older = test.submit(2);
    auto const newer = test.submit(4);
    test.run();
    EXPECT_EQ(test.running(older), 2u);
    EXPECT_EQ(test.running(newer), 1u);
}

TEST(Plan, tiers_are_strict)
{
    SchedFarm test;
    test.add_present_node(4);
    auto const normal = test.submit(10, {}, "", "", 100);
    auto const urgent = test.submit(3, {}, "tier: urgent", "", -100);
    test.run();
    EXPECT_EQ(test.running(urgent), 3u);
    EXPECT_EQ(test.running(normal), 1u);
}

TEST(Plan, twenty_points_of_priority_double_the_share)
{
    SchedFarm test;
    test.add_present_node(30);
    auto const low = test.submit(100, {}, "", "", 0);
    auto const high = test.submit(100, {}, "", "", 20);
    test.run();
    EXPECT_EQ(test.running(high), 20u);
    EXPECT_EQ(test.running(low), 10u);
}

TEST(Plan, projects_share_by_weight_and_borrow_what_others_leave)
{
    SchedFarm test;
    test.add_present_node(40);
    test.rule("projects:\n- {name: film, weight: 3}\n- {name: ad, weight: 1}\n");
    auto const film = test.submit(100, {}, "", "film");
    auto const ad = test.submit(4, {}, "", "ad");
    test.run();
    EXPECT_EQ(test.running(ad), 4u);
    EXPECT_EQ(test.running(film), 36u);
}

TEST(Plan, nested_projects_share_inside_their_parent)
{
    SchedFarm test;
    test.add_present_node(40);
    test.rule("projects:\n- {name: film, weight: 1}\n- {name: ad, weight: 1}\n"
              "- {name: film/a, weight: 3}\n- {name: film/b, weight: 1}\n");
    auto const a = test.submit(100, {}, "", "film/a");
    auto const b = test.submit(100, {}, "", "film/b");
    auto const ad = test.submit(100, {}, "", "ad");
    test.run();
    EXPECT_EQ(test.running(ad), 20u);
    EXPECT_EQ(test.running(a), 15u);
    EXPECT_EQ(test.running(b), 5u);
}

TEST(Plan, a_projects_own_jobs_share_with_those_of_the_projects_inside_it)
{
    SchedFarm test;
    test.add_present_node(40);
    test.rule("projects: [{name: film}, {name: film/a}]\n");
    auto const own = test.submit(100, {}, "", "film");
    auto const inner = test.submit(100, {}, "", "film/a");
    test.run();
    EXPECT_EQ(test.running(own), 20u);
    EXPECT_EQ(test.running(inner), 20u);
}

TEST(Plan, a_guarantee_comes_before_weight_and_a_ceiling_holds_on_an_empty_farm)
{
    SchedFarm test;
    test.add_present_node(40);
    test.rule("projects:\n- {name: film, weight: 100}\n"
              "- {name: ad, weight: 1, guaranteed_vcpus: 10, max_vcpus: 12}\n");
    auto const film = test.submit(100, {}, "", "film");
    auto const ad = test.submit(100, {}, "", "ad");
    test.run();
    EXPECT_EQ(test.running(ad), 10u);
    EXPECT_EQ(test.running(film), 30u);
    test.change(film, [](farm::JobRecord& record) { record.canceled = true; });
    test.finish(film);
    test.run();
    EXPECT_EQ(test.running(ad), 12u);
}

TEST(Plan, who_used_much_lately_waits_for_who_did_not)
{
    SchedFarm test;
    test.add_present_node(10);
    auto const greedy = test.submit(20, {}, "", "a");
    test.run();
    test.now.wall += 1h;
    test.finish(greedy, 1h);
    auto const other = test.submit(20, {}, "", "b");
    test.run();
    EXPECT_GT(test.running(other), 5u);
    EXPECT_EQ(test.running(other) + test.running(greedy), 10u);
}

TEST(Plan, caps_of_jobs_and_steps_hold)
{
    SchedFarm test;
    for (int i = 0; i < 4; ++i)
        test.add_present_node(8);
    auto const by_tasks = test.submit(20, {}, "caps: {tasks: 3}");
    auto const by_vcpus = test.submit(20, { { "worker.vcpu", 2 } }, "caps: {vcpus: 5}");
    auto const by_nodes = test.submit(20, {}, "steps: {A: {caps: {nodes: 1, tasks_per_node: 2}}}");
    test.run();
    EXPECT_EQ(test.running(by_tasks), 3u);
    EXPECT_EQ(test.running(by_vcpus), 2u);
    EXPECT_EQ(test.running(by_nodes), 2u);
    EXPECT_EQ(test.farm.jobs.at(by_nodes).on_nodes.size(), 1u);
}

TEST(Plan, tasks_go_out_in_the_order_that_was_asked_for)
{
    SchedFarm test;
    test.add_present_node(5);
    auto const job = test.submit(40, {}, "order: preview");
    EXPECT_EQ(tasks_of(test.run()), (std::vector<std::uint64_t> { 0, 20, 39, 10, 30 }));
    test.finish(job);
    EXPECT_EQ(tasks_of(test.run()), (std::vector<std::uint64_t> { 1, 2, 3, 4, 5 }));
}

TEST(Plan, a_job_waits_for_its_time_and_for_other_jobs)
{
    SchedFarm test;
    test.add_present_node(4);
    auto const first = test.submit(1);
    auto const after = test.submit(1, {}, fmt::format("after_jobs: [{{job: {}}}]", first.value));
    auto const later = test.submit(1, {}, "not_before: 2027-01-15T08:10:00Z");
    test.run();
    EXPECT_EQ(test.running(first), 1u);
    EXPECT_EQ(test.running(after), 0u);
    EXPECT_EQ(test.running(later), 0u);
    test.finish(first);
    test.change(first, [&](farm::JobRecord& record) { record.ended_at = test.now.wall; });
    test.now.wall = *farm::parse_rfc3339("2027-01-15T08:10:00Z");
    test.run();
    EXPECT_EQ(test.running(after), 1u);
    EXPECT_EQ(test.running(later), 1u);
}

TEST(Plan, a_limit_counts_seats_by_task_node_or_user)
{
    SchedFarm test;
    test.add_present_node(8);
    test.add_present_node(8);
    test.rule("limits:\n- {name: maya, seats: 3}\n- {name: nuke, seats: 1, counted_by: node}\n"
              "- {name: free, seats: 1, mode: advisory}\n");
    auto const by_task = test.submit(5, { { "limit.maya", 1 } });
    auto const by_node = test.submit(5, { { "limit.nuke", 1 } });
    auto const advised = test.submit(2, { { "limit.free", 1 } });
    test.run();
    EXPECT_EQ(test.running(by_task), 3u);
    EXPECT_EQ(test.running(by_node), 5u);
    EXPECT_EQ(test.farm.jobs.at(by_node).on_nodes.size(), 1u);
    EXPECT_EQ(test.running(advised), 2u);
}

TEST(Plan, a_circuit_carries_no_more_than_80_percent_of_its_breaker)
{
    SchedFarm test;
    for (int i = 0; i < 4; ++i)
        test.add_present_node(4, 16, [](wire::NodeFacts& facts) {
            facts.rate = { 100, 500, 0.15, 0 };
        });
    // 4 x 100 W idle and 100 W a busy vcpu: (1600 * 0.8 - 400) / 100 tasks.
    test.rule("circuits:\n- {name: wall, breaker_w: 1600, nodes: [node-*]}\n");
    auto const job = test.submit(16);
    test.run();
    EXPECT_EQ(test.running(job), 8u);
}

TEST(Plan, a_room_takes_no_more_heat_than_its_cooling)
{
    SchedFarm test;
    test.add_present_node(4, 16, [](wire::NodeFacts& facts) { facts.rate = { 100, 500, 0, 0 }; });
    test.rule("rooms:\n- {name: attic, cooling_w: 300, nodes: [node-1]}\n");
    auto const job = test.submit(4);
    test.run();
    EXPECT_EQ(test.running(job), 2u);
}

TEST(Plan, nodes_with_gpus_are_kept_for_gpu_work_while_any_waits)
{
    SchedFarm test;
    test.add_present_node(8, 32, [](wire::NodeFacts& facts) {
        facts.gpus = { { "a", "A40", 48ull << 30 }, { "b", "A40", 48ull << 30 } };
    });
    auto const cpu = test.submit(8);
    auto const gpu = test.submit(2, { { "worker.gpu", 1 }, { "worker.vcpu", 2 } });
    test.run();
    EXPECT_EQ(test.running(gpu), 2u);
    EXPECT_EQ(test.running(cpu), 4u);
}

TEST(Plan, work_without_gpus_goes_to_nodes_without_gpus_first)
{
    SchedFarm test;
    test.add_present_node(4, 32, [](wire::NodeFacts& facts) {
        facts.gpus = { { "a", "A40", 48ull << 30 } };
    });
    auto const plain = test.add_present_node(4, 32);
    auto const job = test.submit(4);
    test.run();
    EXPECT_EQ(test.farm.jobs.at(job).on_nodes, (std::map<NodeId, std::uint32_t> { { plain, 4 } }));
}

TEST(Plan, a_big_hole_is_kept_until_it_is_there_and_short_work_fills_the_time)
{
    SchedFarm test;
    auto const node = test.add_present_node(8);
    auto const small = test.submit(40, {}, "tier: low");
    test.run();
    auto const wide = test.submit(1, { { "worker.vcpu", 8 } });
    auto const quick = test.submit(40, {}, "tier: idle");
    for (int i = 0; i < 4; ++i)
        test.farm.jobs.at(quick).steps[0].run_times.add(10s);
    std::vector<AttemptId> live;
    for (auto const& [id, attempt] : test.farm.attempts)
        live.push_back(id);
    test.now.wall += 50s;
    for (std::size_t i = 0; i < 4; ++i)
        test.finish_attempt(live[i], 100s, 10);
    // Four vcpus are free for 50 s more; nothing that takes 100 s may have them.
    test.run();
    EXPECT_EQ(test.running(small), 4u);
    EXPECT_EQ(test.running(quick), 4u);
    test.finish(quick);
    for (std::size_t i = 4; i < 8; ++i)
        test.finish_attempt(live[i], 100s, 10);
    test.run();
    EXPECT_EQ(test.running(wide), 1u);
    EXPECT_EQ(test.farm.nodes.at(node).used.get("worker.vcpu"), 8);
}

TEST(Plan, room_is_kept_for_work_of_more_than_one_task_leaves)
{
    SchedFarm test;
    auto const node = test.add_present_node(8);
    auto const narrow = test.submit(1000);
    test.run();
    auto const wider = test.submit(1, { { "worker.vcpu", 3 } }, "", "", 20);
    // What would start now ends later than what runs.
    test.now.wall += 5min;
    for (int i = 0; i < 3; ++i) {
        test.finish_attempt(*test.farm.nodes.at(node).occupying.begin(), 10min, 1);
        test.run();
    }
    EXPECT_EQ(test.running(wider), 1u);
    EXPECT_EQ(test.running(narrow), 5u);
}

TEST(Plan, a_whole_node_is_taken_whole)
{
    SchedFarm test;
    test.add_present_node(8);
    auto const job = test.submit(2, {}, "steps: {A: {whole_node: true}}");
    auto const placed = test.run();
    ASSERT_EQ(placed.size(), 1u);
    EXPECT_EQ(placed[0].vcpus, 8);
    EXPECT_EQ(test.running(job), 1u);
}

TEST(Plan, a_whole_node_is_not_enough_if_the_task_needs_more)
{
    SchedFarm test;
    test.add_present_node(2);
    test.submit(1, { { "worker.vcpu", 3 } }, "steps: {A: {whole_node: true}}");
    EXPECT_TRUE(test.run().empty());
}

TEST(Plan, a_step_is_pinned_to_the_nodes_it_names)
{
    SchedFarm test;
    test.add_present_node(8);
    auto const second = test.add_present_node(2);
    auto const job = test.submit(3, {}, "steps: {A: {nodes: [node-2]}}");
    test.run();
    EXPECT_EQ(test.farm.jobs.at(job).on_nodes, (std::map<NodeId, std::uint32_t> { { second, 2 } }));
}

TEST(Plan, memory_is_shared_out_by_probes_and_then_by_what_was_measured)
{
    SchedFarm test;
    test.add_present_node(8, 8);
    auto const job = test.submit(100);
    auto const probes = test.run();
    ASSERT_EQ(probes.size(), 8u);
    EXPECT_EQ(probes[0].memory_mib, 1024);
    // Each took 2 GiB: from now on no more than three fit into 8 GiB.
    test.finish(job, 10s, 2048);
    auto const sized = test.run();
    EXPECT_EQ(sized.size(), 3u);
    EXPECT_GE(sized[0].memory_mib, 2048 * 1.17);
}

TEST(Plan, a_task_killed_for_memory_gets_more_and_keeps_its_retries)
{
    SchedFarm test;
    test.add_present_node(8, 8);
    auto const job = test.submit(1, { { "worker.memory", 1000 } });
    test.run();
    test.finish_attempt({ 1 }, 5s, 1000, wire::Outcome::failed, wire::Cause::out_of_memory);
    auto const again = test.run();
    ASSERT_EQ(again.size(), 1u);
    EXPECT_GE(again[0].memory_mib, 1500);
    EXPECT_EQ(test.farm.jobs.at(job).steps[0].troubles.at(0).failures, 0u);
}

TEST(Plan, a_warm_node_is_preferred)
{
    SchedFarm test;
    test.add_present_node(4);
    auto const second = test.add_present_node(4);
    auto const pinned = test.submit(1, {}, "steps: {A: {nodes: [node-2]}}");
    test.run();
    test.finish(pinned);
    test.farm.nodes.at(second).warm_for = std::pair(JobId { 2 }, 0u);
    test.submit(1);
    auto const placed = test.run();
    ASSERT_EQ(placed.size(), 1u);
    EXPECT_EQ(placed[0].node, second);
}

TEST(Plan, nothing_goes_ahead_of_a_job_that_has_to_wait_again)
{
    SchedFarm test;
    test.policy.max_ahead = 64;
    test.add_present_node(1);
    auto const first = test.submit(1);
    auto const after = test.submit(100, {}, fmt::format("after_jobs: [{{job: {}}}]", first.value));
    test.run();
    test.finish(first);
    test.change(first, [&](farm::JobRecord& record) { record.ended_at = test.now.wall; });
    test.run();
    ASSERT_EQ(test.running(after), 1u);
    test.finish(after, 1ms);
    test.run();
    test.run();
    ASSERT_GT(test.running(after), 1u) << "short tasks go ahead";
    // The first job is retried: what runs goes on, nothing more follows.
    test.change(first, [](farm::JobRecord& record) { record.ended_at.reset(); });
    test.apply(farm::ResetRecord { first, 0, 0, { test.farm.last_attempt + 1 } });
    auto const running = test.running(after);
    test.finish_attempt(test.farm.attempts.begin()->first, 1ms, 1);
    test.run();
    EXPECT_EQ(test.running(after), running - 1);
}

TEST(Plan, says_that_there_is_more_when_it_was_cut_off)
{
    SchedFarm test;
    test.policy.max_placements = 3;
    test.add_present_node(8);
    test.submit(20);
    EXPECT_TRUE(plan(test.farm, test.now, test.policy).more);
    EXPECT_EQ(test.run().size(), 8u);
}

TEST(Plan, a_step_that_was_killed_for_memory_goes_on_with_few_probes)
{
    SchedFarm test;
    for (int i = 0; i < 4; ++i)
        test.add_present_node(8, 64);
    auto const job = test.submit(100);
    ASSERT_EQ(test.run().size(), 32u);
    for (std::uint64_t id = 1; id <= 32; ++id)
        test.finish_attempt({ id }, 5s, 8192, wire::Outcome::failed, wire::Cause::out_of_memory);
    EXPECT_EQ(test.run().size(), 8u);
    test.finish(job, 10s, 9000);
    EXPECT_EQ(test.run().size(), 16u);
}

TEST(Plan, is_the_same_for_the_same_farm)
{
    SchedFarm test;
    for (int i = 0; i < 20; ++i)
        test.add_present_node(4 + i % 3);
    for (int i = 0; i < 10; ++i)
        test.submit(20, {}, "", i % 2 == 0 ? "a" : "b", i);
    EXPECT_EQ(plan(test.farm, test.now, test.policy).placements,
        plan(test.farm, test.now, test.policy).placements);
}

namespace {

std::vector<std::uint64_t> chunks_of(std::vector<Placement> const& placements)
{
    std::vector<std::uint64_t> sizes;
    for (auto const& placement : placements)
        sizes.push_back(placement.tasks);
    return sizes;
}

}

TEST(Plan, chunks_go_out_as_large_as_the_step_says_and_grow_to_their_target)
{
    SchedFarm test;
    test.add_present_node(2);
    auto const job = test.submit_chunks(1000, { 5, 100s });
    EXPECT_EQ(chunks_of(test.run()), (std::vector<std::uint64_t> { 5, 5 }));
    EXPECT_EQ(test.farm.jobs.at(job).count(farm::TaskState::leased), 10u);
    test.succeed({ 1 }); // 5 frames in 10 s, so that 50 would be right
    EXPECT_EQ(chunks_of(test.run()), std::vector<std::uint64_t> { 16 }); // 5 + 45 / 4
    EXPECT_EQ(test.farm.jobs.at(job).count(farm::TaskState::succeeded), 5u);
}

TEST(Plan, the_end_of_a_chunked_step_is_shared_out)
{
    SchedFarm test;
    for (int i = 0; i < 4; ++i)
        test.add_present_node(1);
    test.submit_chunks(10, { 8, 100s });
    EXPECT_EQ(chunks_of(test.run()), (std::vector<std::uint64_t> { 3, 3, 3, 1 }));
}

TEST(Plan, a_task_that_failed_in_a_chunk_goes_alone)
{
    SchedFarm test;
    test.add_present_node(1);
    auto const job = test.submit_chunks(6, { 3, 100s });
    test.run();
    test.fail({ 1 });
    EXPECT_EQ(chunks_of(test.run()), std::vector<std::uint64_t> { 1 });
    // The second time is one too often for that task, and for no other.
    test.fail({ 2 });
    EXPECT_EQ(test.farm.jobs.at(job).count(farm::TaskState::failed), 1u);
    test.run();
    test.succeed({ 3 });
    EXPECT_EQ(test.farm.jobs.at(job).count(farm::TaskState::succeeded), 1u);
}

}
