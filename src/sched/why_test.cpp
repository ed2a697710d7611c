#include <sched/test_sched.h>
#include <sched/why.h>

#include <gtest/gtest.h>

namespace sidereal::sched {

namespace {

using namespace std::chrono_literals;

std::vector<Waiting> why_of(SchedFarm const& test, JobId job)
{
    return why(test.farm, test.now, test.policy, test.farm.jobs.at(job));
}

WaitClass reason_of(SchedFarm const& test, JobId job)
{
    auto const rows = why_of(test, job);
    EXPECT_EQ(rows.size(), 1u);
    return rows.empty() ? WaitClass::next : rows[0].reason;
}

}

TEST(Why, every_class_is_told_with_its_lever)
{
    SchedFarm test;
    auto const lonely = test.submit(1);
    EXPECT_EQ(reason_of(test, lonely), WaitClass::no_nodes);
    test.add_present_node(4, 8, [](wire::NodeFacts& facts) { facts.rate = { 0, 400, 0, 0 }; });
    EXPECT_EQ(reason_of(test, lonely), WaitClass::next);
    auto const huge = test.submit(1, { { "worker.vcpu", 64 } });
    EXPECT_EQ(why_of(test, huge)[0].text,
        "no node can ever run it (needs 64 worker.vcpu, the node has 4 on node-1): add a node that "
        "has this, or lower the step's hostRequirements");
    test.rule("projects: [{name: ad, max_vcpus: 1}]\nlimits: [{name: maya, seats: 1}]\n"
              "circuits: [{name: wall, breaker_w: 1000, nodes: [other]}]\n");
    auto const paused = test.submit(1);
    test.change(paused, [](farm::JobRecord& record) { record.paused = true; });
    auto const later = test.submit(1, {}, "not_before: 2099-01-01T00:00:00Z");
    auto const after = test.submit(1, {}, fmt::format("after_jobs: [{{job: {}}}]", lonely.value));
    auto const capped = test.submit(2, {}, "caps: {tasks: 1}");
    auto const ad = test.submit(2, {}, "", "ad");
    auto const maya = test.submit(2, { { "limit.maya", 1 } });
    test.run();
    EXPECT_EQ(reason_of(test, paused), WaitClass::paused);
    EXPECT_EQ(reason_of(test, later), WaitClass::not_before);
    EXPECT_EQ(reason_of(test, after), WaitClass::after_job);
    EXPECT_EQ(reason_of(test, capped), WaitClass::job_cap);
    EXPECT_EQ(reason_of(test, ad), WaitClass::project_cap);
    EXPECT_EQ(why_of(test, maya)[0].text,
        "1 of 1 seats of 'maya' are taken: wait for one, or raise the limit");
    auto const more = test.submit(1);
    EXPECT_EQ(reason_of(test, more), WaitClass::busy);
}

TEST(Why, memory_power_heat_and_gpus_have_classes_of_their_own)
{
    SchedFarm test;
    test.add_present_node(8, 8, [](wire::NodeFacts& facts) { facts.rate = { 0, 800, 0, 0 }; });
    auto const memory = test.submit(2, { { "worker.memory", 6000 } });
    test.run();
    EXPECT_EQ(reason_of(test, memory), WaitClass::memory);
    EXPECT_EQ(why_of(test, memory)[0].text.substr(0, 69),
        "short of memory: needs 5.86 GiB, the best node (node-1) has 2.14 free");
    test.finish(memory);
    test.finish(memory);
    test.rule("circuits: [{name: wall, breaker_w: 300, nodes: [node-1]}]\n");
    auto const power = test.submit(5, { { "worker.memory", 10 } });
    test.run();
    EXPECT_EQ(reason_of(test, power), WaitClass::power);
    test.rule("rooms: [{name: attic, cooling_w: 100, nodes: ['*']}]\n");
    EXPECT_EQ(reason_of(test, power), WaitClass::heat);
}

TEST(Why, tasks_that_wait_for_tasks_are_told_apart_from_the_others)
{
    SchedFarm test;
    test.add_present_node(1);
    auto const job = test.submit(5, {}, "steps: {A: {after_tasks: [{first: -1, last: -1}]}}");
    auto const rows = why_of(test, job);
    ASSERT_EQ(rows.size(), 2u);
    EXPECT_EQ(rows[0].reason, WaitClass::after_task);
    EXPECT_EQ(rows[0].tasks, 4u);
    EXPECT_EQ(rows[1].reason, WaitClass::next);
    EXPECT_EQ(rows[1].tasks, 1u);
}

TEST(Why, an_idle_node_tells_what_it_waits_for)
{
    SchedFarm test;
    auto const node = test.add_present_node(4);
    auto const ask = [&] {
        return why_idle(test.farm, test.now, test.policy, test.farm.nodes.at(node));
    };
    EXPECT_EQ(ask().text, "no work waits");
    test.submit(1, { { "worker.vcpu", 64 } });
    EXPECT_EQ(ask().text,
        "1 step waits, and may not start here now; step 'A' of job 1 needs 64 worker.vcpu, the "
        "node has 4");
    test.submit(4);
    test.run();
    EXPECT_EQ(ask().text, "it is not idle: all its CPUs are taken");
}

TEST(Why, when_there_will_be_room_is_said_only_where_it_was_measured)
{
    SchedFarm test;
    test.add_present_node(1);
    auto const first = test.submit(3);
    test.run();
    auto const text = [&] { return why_of(test, first).back().text; };
    EXPECT_EQ(text().find("room in about"), std::string::npos) << text();
    test.finish(first, 60s);
    test.run();
    EXPECT_NE(text().find("room in about 1 m"), std::string::npos) << text();
}

TEST(Why, a_task_that_looks_stuck_is_named_where_others_wait_for_it)
{
    SchedFarm test;
    test.add_present_node(1);
    farm::JobRecord record;
    record.id = { 1 };
    record.source = farm::source_of({ { "sim", 6 }, { "shade", 1, { "sim" } } });
    record.submitted_at = test.now.wall;
    test.apply(record);
    for (int i = 0; i < 5; ++i) {
        test.run();
        test.finish({ 1 }, 60s);
    }
    test.run();
    auto const text = [&] { return why_of(test, { 1 }).back().text; };
    EXPECT_EQ(text(), "waits for step 'sim' (5 of 6 tasks done)");
    auto& attempt = test.farm.attempts.begin()->second;
    attempt.started = true;
    attempt.since = test.now.mono;
    attempt.silent_since = test.now.mono;
    test.now.mono += 10min;
    EXPECT_EQ(text(),
        "waits for step 'sim' (5 of 6 tasks done, 1 running and stuck, it seems: see 'sidereal job "
        "show 1')");
}

}
