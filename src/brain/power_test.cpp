#include <brain/test_brain.h>

namespace sidereal::brain {

using namespace std::chrono_literals;
using State = farm::NodePower::State;
using Kind = sched::PowerChange::Kind;

// One node that sleeps after a minute without work, and a driver whose orders are kept.
struct PowerTest : BrainTest {
    PlayedAgent agent { .key = "a" };
    std::vector<Kind> told;

    PowerTest()
    {
        apply_rules("power: {sleep: {after_s: 60, keep_awake: 0, wake_s: 90, nodes: ['*']}}\n");
        talk(agent);
    }

    farm::Node const& node() const { return brain.farm.nodes.at({ 1 }); }
    State state() const { return node().record.power.state; }

    void tick(Duration time)
    {
        now.mono += time;
        now.wall += time;
        Effects turn;
        on_tick(brain, now, turn);
        for (auto const& order : turn.power)
            told.push_back(order.kind);
        keep(turn);
    }
    // Keeps calling meanwhile.
    void idle(Duration time)
    {
        for (; time > 0s; time -= 5s) {
            talk(agent);
            tick(5s);
        }
    }
    void fall_asleep()
    {
        idle(65s);
        ASSERT_EQ(told, std::vector<Kind> { Kind::fall_asleep });
        tick(31s);
        ASSERT_EQ(state(), State::asleep);
        told.clear();
    }
    JobId submit_and_tick()
    {
        auto const job = submit(template_of(1));
        tick(2s);
        return job;
    }
    PlayedAgent born_again() const
    {
        PlayedAgent next { .key = "a" };
        next.instance = agent.instance + 1;
        return next;
    }
};

TEST_F(PowerTest, an_idle_node_is_told_to_sleep_and_sleeps_once_it_is_silent)
{
    idle(50s);
    EXPECT_EQ(told, std::vector<Kind> {});
    idle(15s);
    EXPECT_EQ(told, std::vector<Kind> { Kind::fall_asleep });
    EXPECT_EQ(state(), State::falling_asleep);
    EXPECT_FALSE(node().takes_work());
    tick(31s);
    EXPECT_EQ(state(), State::asleep);
    for (auto const& note : effects.notes)
        EXPECT_NE(note.event, "node_lost");
}

TEST_F(PowerTest, work_wakes_it_and_the_time_that_took_is_remembered)
{
    fall_asleep();
    submit_and_tick();
    EXPECT_EQ(told, std::vector<Kind> { Kind::wake });
    tick(38s);
    agent = born_again();
    talk(agent);
    EXPECT_EQ(state(), State::awake);
    EXPECT_EQ(node().record.power.wake_time, 38s);
    EXPECT_EQ(agent.holding.size(), 1u);
}

TEST_F(PowerTest, one_that_does_not_wake_is_tried_again_later)
{
    fall_asleep();
    submit_and_tick();
    for (int i = 0; i < 14; ++i)
        tick(20s);
    EXPECT_EQ(state(), State::asleep);
    EXPECT_EQ(node().record.power.failed_wakes, 1u);
    EXPECT_EQ(told, std::vector<Kind> { Kind::wake });
    tick(121s);
    EXPECT_EQ(told, (std::vector<Kind> { Kind::wake, Kind::wake }));
}

TEST_F(PowerTest, an_agent_started_anew_on_the_way_down_is_given_no_work)
{
    idle(65s);
    ASSERT_EQ(state(), State::falling_asleep);
    agent = born_again();
    talk(agent);
    EXPECT_EQ(state(), State::falling_asleep);
    submit_and_tick();
    EXPECT_EQ(node().live_attempts(), 0u);
    tick(61s);
    agent = born_again();
    talk(agent);
    EXPECT_EQ(state(), State::awake);
}

TEST_F(PowerTest, one_that_was_not_heard_of_on_the_way_down_does_not_count_as_woken)
{
    fall_asleep();
    ASSERT_EQ(state(), State::asleep);
    talk(agent);
    EXPECT_EQ(state(), State::falling_asleep);
    EXPECT_FALSE(node().takes_work());
    tick(31s);
    EXPECT_EQ(state(), State::asleep);
}

TEST_F(PowerTest, one_that_goes_on_answering_is_awake)
{
    idle(65s);
    ASSERT_EQ(state(), State::falling_asleep);
    idle(310s);
    EXPECT_EQ(state(), State::awake);
    submit_and_tick();
    EXPECT_EQ(node().live_attempts(), 1u);
}

TEST_F(PowerTest, a_restart_of_the_brain_knows_who_sleeps)
{
    fall_asleep();
    restart();
    EXPECT_EQ(state(), State::asleep);
    submit(template_of(1));
    EXPECT_EQ(told, std::vector<Kind> {}) << "those that are awake may not have called yet";
    tick(31s);
    EXPECT_EQ(told, std::vector<Kind> { Kind::wake });
}

TEST_F(PowerTest, an_agent_that_stops_because_its_machine_sleeps_is_not_gone)
{
    idle(65s);
    auto last = agent.call();
    last.leaving = true;
    send(last);
    tick(2s);
    EXPECT_EQ(state(), State::asleep);
    EXPECT_FALSE(node().record.stopped);
}

}
