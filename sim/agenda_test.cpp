#include <sim/agenda.h>

#include <gtest/gtest.h>

#include <string>

namespace sidereal::sim {

using namespace std::chrono_literals;

TEST(Agenda, runs_by_time_and_then_in_order)
{
    Agenda agenda;
    std::string done;
    agenda.at(2s, [&] { done += 'c'; });
    agenda.at(1s, [&] {
        done += 'a';
        agenda.after(0s, [&] { done += 'b'; });
    });
    agenda.at(2s, [&] { done += 'd'; });
    while (agenda.step()) { }
    EXPECT_EQ(done, "abcd");
    EXPECT_EQ(agenda.now(), 2s);
    EXPECT_EQ(agenda.steps(), 4u);
}

TEST(Agenda, what_lies_in_the_past_is_done_now)
{
    Agenda agenda;
    Duration when {};
    agenda.at(5s, [&] { agenda.at(1s, [&] { when = agenda.now(); }); });
    while (agenda.step()) { }
    EXPECT_EQ(when, 5s);
}

TEST(ProcessClock, a_step_moves_the_time_of_day_alone)
{
    ProcessClock clock(10s, 0s);
    auto const before = clock.read(1s);
    clock.step(-1h);
    auto const after = clock.read(1s);
    EXPECT_EQ(after.mono, before.mono);
    EXPECT_EQ(after.wall, before.wall - 1h);
    EXPECT_EQ(clock.world_time(after.mono), 1s);
}

}
