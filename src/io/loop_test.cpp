#include <io/clock.h>
#include <io/loop.h>

#include <gtest/gtest.h>

#include <csignal>
#include <string>
#include <thread>

namespace sidereal::io {
namespace {

TEST(Loop, timers_run_in_the_order_of_their_times_then_of_asking)
{
    Loop loop;
    std::string order;
    auto const time = mono_now() + std::chrono::milliseconds(5);
    loop.call_at(time + std::chrono::milliseconds(1), [&] {
        order += "d";
        loop.stop();
    });
    loop.call_at(time, [&] { order += "b"; });
    loop.call_at(time, [&] { order += "c"; });
    loop.call_at(time - std::chrono::hours(1), [&] { order += "a"; });
    loop.run();
    EXPECT_EQ(order, "abcd");
}

TEST(Loop, timer_does_not_run_before_its_time)
{
    Loop loop;
    auto const time = mono_now() + std::chrono::milliseconds(3);
    Mono ran {};
    loop.call_at(time, [&] {
        ran = mono_now();
        loop.stop();
    });
    loop.run();
    EXPECT_GE(ran, time);
}

TEST(Loop, cancelled_timer_does_not_run)
{
    Loop loop;
    auto ran = false;
    auto const time = mono_now() + std::chrono::milliseconds(1);
    TimerId second;
    auto const first = loop.call_at(time, [&] { ran = true; });
    loop.call_at(time, [&] { loop.cancel(second); });
    second = loop.call_at(time, [&] { ran = true; });
    loop.call_at(time + std::chrono::milliseconds(1), [&] { loop.stop(); });
    loop.cancel(first);
    loop.cancel(first);
    loop.cancel({});
    loop.run();
    EXPECT_FALSE(ran);
}

TEST(Loop, timer_set_by_a_timer_lets_others_have_their_turn)
{
    Loop loop;
    int rounds = 0;
    std::function<void()> again = [&] {
        ++rounds;
        loop.call_after(Duration(0), [&] { again(); });
    };
    again();
    loop.post([&] { loop.stop(); });
    loop.run();
    EXPECT_LT(rounds, 100);
}

TEST(Loop, post_from_another_thread_runs_on_the_loop_thread)
{
    Loop loop;
    std::thread::id ran_on;
    std::jthread const other([&] {
        loop.post([&] {
            ran_on = std::this_thread::get_id();
            loop.stop();
        });
    });
    loop.run();
    EXPECT_EQ(ran_on, std::this_thread::get_id());
}

TEST(Loop, runs_again_after_a_stop)
{
    Loop loop;
    int runs = 0;
    for (int round = 0; round < 2; ++round) {
        loop.post([&] {
            ++runs;
            loop.stop();
        });
        loop.run();
    }
    EXPECT_EQ(runs, 2);
}

TEST(Loop, stop_before_run_is_not_lost)
{
    Loop loop;
    auto ran = false;
    loop.post([&] { ran = true; });
    loop.stop();
    loop.run();
    EXPECT_FALSE(ran);
    loop.post([&] { loop.stop(); });
    loop.run();
    EXPECT_TRUE(ran);
}

TEST(Loop, signals_arrive_as_calls)
{
    Loop loop;
    std::vector<int> seen;
    loop.on_signal({ SIGUSR1, SIGUSR2 }, [&](int signal) {
        seen.push_back(signal);
        if (seen.size() == 2)
            loop.stop();
        else
            ::raise(SIGUSR2);
    });
    ::raise(SIGUSR1);
    loop.run();
    EXPECT_EQ(seen, (std::vector<int> { SIGUSR1, SIGUSR2 }));
}

TEST(Loop, tasks_may_own_what_cannot_be_copied)
{
    Loop loop;
    int seen = 0;
    loop.post([&, number = std::make_unique<int>(7)] {
        seen = *number;
        loop.stop();
    });
    loop.run();
    EXPECT_EQ(seen, 7);
}

}
}
