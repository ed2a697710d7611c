#include <farm/limit_use.h>

#include <gtest/gtest.h>

namespace sidereal::farm {

namespace {

using namespace std::chrono_literals;

constexpr Wall start { 1000h };

AttemptRecord attempt_at(Wall leased_at, std::uint64_t node = 1)
{
    AttemptRecord record;
    record.leased_at = leased_at;
    record.node = { node };
    return record;
}

LimitRule polled(double seats, CountedBy counted_by = CountedBy::task)
{
    LimitRule rule;
    rule.name = "maya";
    rule.seats = seats;
    rule.counted_by = counted_by;
    rule.poll = LimitPoll { { "lmstat" }, 1min, "(?P<used>\\d+)" };
    return rule;
}

}

TEST(LimitUse, without_a_report_counts_what_is_held)
{
    LimitUse use;
    use.begin(attempt_at(start), 2, "a");
    EXPECT_EQ(use.seats(polled(10), start), 2);
    use.end(attempt_at(start), 2, "a");
    EXPECT_EQ(use.seats(polled(10), start), 0);
}

TEST(LimitUse, adds_what_is_newer_to_what_the_server_said)
{
    LimitUse use;
    use.begin(attempt_at(start), 1, "a");
    use.report = SeatReport { 7, 12, start + 10s };
    use.begin(attempt_at(start + 20s), 1, "a");
    EXPECT_EQ(use.seats(polled(20), start + 30s), 8);
    EXPECT_EQ(use.total(polled(20), start + 30s), 12);
    EXPECT_EQ(use.total(polled(5), start + 30s), 5);
    // The server has not seen that this one is over.
    use.end(attempt_at(start), 1, "a");
    EXPECT_EQ(use.seats(polled(20), start + 30s), 8);
}

TEST(LimitUse, a_node_that_held_a_seat_takes_no_other)
{
    LimitUse use;
    use.begin(attempt_at(start, 1), 1, "a");
    use.report = SeatReport { 3, {}, start + 10s };
    use.begin(attempt_at(start + 20s, 1), 1, "a");
    EXPECT_EQ(use.seats(polled(9, CountedBy::node), start + 30s), 3);
    use.begin(attempt_at(start + 20s, 2), 1, "a");
    EXPECT_EQ(use.seats(polled(9, CountedBy::node), start + 30s), 4);
}

TEST(LimitUse, an_old_report_is_stale)
{
    LimitUse use;
    use.report = SeatReport { 3, {}, start };
    EXPECT_FALSE(use.is_stale(polled(9), start + 3min));
    EXPECT_TRUE(use.is_stale(polled(9), start + 3min + 1s));
}

TEST(LimitUse, waits_twice_as_long_after_each_refusal)
{
    LimitUse use;
    use.refuse(start);
    EXPECT_EQ(use.refused_until - start, 30s);
    use.refuse(use.refused_until);
    EXPECT_EQ(use.refused_until - start, 90s);
    for (int i = 0; i < 100; ++i)
        use.refuse(use.refused_until);
    auto const before = use.refused_until;
    use.refuse(before);
    EXPECT_EQ(use.refused_until - before, 15min);
}

TEST(LimitUse, tasks_that_began_before_a_refusal_are_refused_together)
{
    LimitUse use;
    for (int i = 0; i < 10; ++i)
        use.refuse(start + i * 1s);
    EXPECT_EQ(use.refusals, 1u);
    EXPECT_EQ(use.refused_until - start, 30s);
}

TEST(LimitUse, after_a_refusal_there_are_the_seats_that_are_held_and_more_with_time)
{
    LimitUse use;
    LimitRule const rule { "maya", 50 };
    for (int i = 0; i < 4; ++i)
        use.begin(attempt_at(start, 1), 1, "a");
    use.refuse(start);
    EXPECT_EQ(use.total(rule, start), 4);
    EXPECT_EQ(use.total(rule, start + 14min), 7);
    EXPECT_EQ(use.total(rule, start + 30min), 16);
    EXPECT_EQ(use.total(rule, start + 24h), 50);
}

TEST(SeatReport, is_read_from_what_a_licence_manager_prints)
{
    LimitPoll const poll { { "lmstat" }, 1min,
        "Users of maya:  \\(Total of (?P<total>\\d+) licenses? issued;  Total of (?P<used>\\d+)" };
    auto const report = read_report(poll,
        "lmstat - Copyright\nUsers of nuke:  (Total of 4 licenses issued;  Total of 1 licenses in "
        "use)\nUsers of maya:  (Total of 20 licenses issued;  Total of 13 licenses in use)\n",
        start);
    ASSERT_TRUE(report.has_value());
    EXPECT_EQ(*report, (SeatReport { 13, 20, start }));
    EXPECT_EQ(read_report(poll, "lmgrd is down", start).error().code, ErrorCode::not_found);
}

TEST(SeatReport, refuses_what_is_no_number)
{
    LimitPoll const poll { { "x" }, 1min, "used=(?P<used>\\S+)" };
    EXPECT_FALSE(read_report(poll, "used=many", start).has_value());
    EXPECT_FALSE(read_report(poll, "used=-1", start).has_value());
    EXPECT_TRUE(read_report(poll, "used=0", start).has_value());
}

}
