#include <sched/slumber.h>
#include <sched/test_sched.h>
#include <sched/why.h>

#include <gtest/gtest.h>

namespace sidereal::sched {

namespace {

using namespace std::chrono_literals;
using Kind = PowerChange::Kind;
using State = farm::NodePower::State;

std::vector<std::pair<std::uint64_t, Kind>> changes(PowerPlan const& plan)
{
    std::vector<std::pair<std::uint64_t, Kind>> list;
    for (auto const& change : plan.changes)
        list.emplace_back(change.node.value, change.kind);
    return list;
}
using Changes = std::vector<std::pair<std::uint64_t, Kind>>;

struct Sleepers : SchedFarm {
    explicit Sleepers(int nodes, std::string const& more = "")
    {
        rule("power: {sleep: {after_s: 600, keep_awake: 1, wake_s: 90, nodes: ['*']}}\n" + more);
        for (int i = 0; i < nodes; ++i)
            add(4, 50 + 10 * i);
    }
    void add(double vcpus, double idle_w)
    {
        auto const id = add_present_node(vcpus, 16, [&](wire::NodeFacts& facts) {
            facts.rate = { idle_w, 300, 0, 0, 2 };
        });
        farm.nodes.at(id).idle_since = now.wall;
    }
    void put(std::uint64_t id, State state)
    {
        auto record = farm.nodes.at({ id }).record;
        record.power.state = state;
        record.power.since = now.wall;
        apply(record);
        auto& node = farm.nodes.at({ id });
        node.present = state == State::awake;
        node.lease_until = node.present ? std::optional(Mono()) : std::nullopt;
        node.idle_since = now.wall;
    }
    PowerPlan ask() { return plan_power(farm, now, policy); }
};

}

TEST(Sleep, idle_nodes_sleep_after_a_time_the_thirstiest_first_and_some_stay)
{
    Sleepers test(3);
    EXPECT_EQ(changes(test.ask()), Changes {});
    EXPECT_EQ(test.ask().next, test.now.wall + 600s);
    test.now.wall += 600s;
    EXPECT_EQ(
        changes(test.ask()), (Changes { { 3, Kind::fall_asleep }, { 2, Kind::fall_asleep } }));
}

TEST(Sleep, one_with_work_or_a_reservation_stays)
{
    Sleepers test(3);
    test.submit(1, {}, "steps: {A: {nodes: [node-3]}}");
    test.run();
    test.now.wall += 600s;
    EXPECT_EQ(
        changes(test.ask()), (Changes { { 2, Kind::fall_asleep }, { 1, Kind::fall_asleep } }));
}

TEST(Sleep, no_rule_no_sleep)
{
    Sleepers test(3);
    test.rule("");
    test.now.wall += 24h;
    EXPECT_EQ(changes(test.ask()), Changes {});
}

TEST(Wake, work_that_finds_no_room_wakes_as_many_as_it_fills)
{
    Sleepers test(4);
    for (std::uint64_t id = 2; id <= 4; ++id)
        test.put(id, State::asleep);
    test.submit(4 + 5);
    test.run();
    EXPECT_EQ(changes(test.ask()), (Changes { { 2, Kind::wake }, { 3, Kind::wake } }));
}

TEST(Wake, what_wakes_already_is_counted_on)
{
    Sleepers test(4);
    test.put(2, State::waking);
    test.put(3, State::asleep);
    test.put(4, State::asleep);
    auto const job = test.submit(4 + 4);
    test.run();
    EXPECT_EQ(changes(test.ask()), Changes {});
    auto const rows = why(test.farm, test.now, test.policy, test.farm.jobs.at(job));
    ASSERT_EQ(rows.size(), 1u);
    EXPECT_EQ(rows[0].reason, WaitClass::waking);
    EXPECT_EQ(rows[0].text, "wakes node-2: there in about 1 m 30 s");
}

TEST(Wake, not_for_what_is_free_sooner_than_anybody_wakes)
{
    Sleepers test(2);
    test.put(2, State::asleep);
    auto const job = test.submit(12);
    test.run();
    test.finish(job, 20s);
    test.run();
    // Four of 20 s run and four wait: they begin within 20 s, a woken node in 90.
    EXPECT_EQ(changes(test.ask()), Changes {});
    test.submit(40, { { "worker.vcpu", 4 } });
    EXPECT_EQ(changes(test.ask()), (Changes { { 2, Kind::wake } }))
        << "longer ones may be worth it";
}

TEST(Wake, only_where_it_fits)
{
    Sleepers test(1);
    test.add(32, 100);
    test.put(2, State::asleep);
    test.submit(1, { { "worker.vcpu", 64 } });
    test.run();
    EXPECT_EQ(changes(test.ask()), Changes {});
    test.submit(1, { { "worker.vcpu", 32 } });
    test.run();
    EXPECT_EQ(changes(test.ask()), (Changes { { 2, Kind::wake } }));
}

TEST(Wake, a_full_circuit_lets_nobody_wake)
{
    // 0.8 * 500 W; one awake and at work draws 300 W, the next needs 70 to be awake.
    Sleepers test(3, "circuits: [{name: wall, breaker_w: 450, nodes: ['*']}]\n");
    test.put(2, State::asleep);
    test.put(3, State::asleep);
    test.submit(12);
    test.run();
    EXPECT_EQ(changes(test.ask()), Changes {});
    test.rule("power: {sleep: {nodes: ['*']}}\n"
              "circuits: [{name: wall, breaker_w: 600, nodes: ['*']}]\n");
    EXPECT_EQ(changes(test.ask()), (Changes { { 2, Kind::wake } }));
}

TEST(Wake, what_did_not_wake_is_left_alone_for_a_while)
{
    Sleepers test(2);
    test.put(2, State::asleep);
    auto record = test.farm.nodes.at({ 2 }).record;
    record.power.failed_wakes = 2;
    test.apply(record);
    test.submit(8);
    test.run();
    EXPECT_EQ(changes(test.ask()), Changes {});
    EXPECT_EQ(test.ask().next, test.now.wall + 4min);
    test.now.wall += 4min;
    EXPECT_EQ(changes(test.ask()), (Changes { { 2, Kind::wake } }));
}

TEST(Wake, the_time_it_took_is_remembered)
{
    Sleepers test(1);
    EXPECT_EQ(wake_time(test.farm, test.farm.nodes.at({ 1 })), 90s);
    auto record = test.farm.nodes.at({ 1 }).record;
    record.power.wake_time = 33s;
    test.apply(record);
    EXPECT_EQ(wake_time(test.farm, test.farm.nodes.at({ 1 })), 33s);
}

TEST(Wake, without_a_rule_all_wake)
{
    Sleepers test(3);
    test.put(2, State::asleep);
    test.put(3, State::asleep);
    test.rule("");
    EXPECT_EQ(changes(test.ask()), (Changes { { 2, Kind::wake }, { 3, Kind::wake } }));
}

}
