#include <base/time.h>

#include <gtest/gtest.h>

namespace sidereal {

using namespace std::chrono_literals;

TEST(Time, rfc_3339_in_utc)
{
    EXPECT_EQ(to_rfc3339(Wall()), "1970-01-01T00:00:00.000Z");
    EXPECT_EQ(to_rfc3339(Wall(1'795'373'544'123'999us)), "2026-11-22T18:52:24.123Z");
    EXPECT_EQ(to_rfc3339(Wall(951'782'399'999'999us)), "2000-02-28T23:59:59.999Z");
    EXPECT_EQ(to_rfc3339(Wall(951'782'400s)), "2000-02-29T00:00:00.000Z");
    EXPECT_EQ(to_rfc3339(Wall(-1us)), "1969-12-31T23:59:59.999Z");
}

TEST(Time, durations_for_people)
{
    EXPECT_EQ(to_human(0us), "0 ms");
    EXPECT_EQ(to_human(850ms), "850 ms");
    EXPECT_EQ(to_human(12'300ms), "12.3 s");
    EXPECT_EQ(to_human(4min + 5s), "4 m 05 s");
    EXPECT_EQ(to_human(2h + 3min + 59s), "2 h 03 m");
    EXPECT_EQ(to_human(76h), "3 d 04 h");
    EXPECT_EQ(to_human(-90s), "-1 m 30 s");
}

TEST(Time, durations_never_read_as_a_full_next_unit)
{
    EXPECT_EQ(to_human(999'600us), "1.0 s");
    EXPECT_EQ(to_human(59'960ms), "1 m 00 s");
    EXPECT_EQ(to_human(3599'999ms), "59 m 59 s");
}

TEST(Time, seconds_both_ways)
{
    EXPECT_EQ(to_seconds(1'500ms), 1.5);
    EXPECT_EQ(from_seconds(1.5), 1'500ms);
    EXPECT_EQ(from_seconds(0.0000004), 0us);
    EXPECT_EQ(from_seconds(-0.25), -250ms);
}

}
