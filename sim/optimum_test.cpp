#include <sim/optimum.h>

#include <gtest/gtest.h>

namespace sidereal::sim {

TEST(Optimum, shares_out_as_by_hand)
{
    // 3 + 3 | 2 + 2 + 2: what the longest-first rule misses.
    auto const best = optimum({ { 3 }, { 3 }, { 2 }, { 2 }, { 2 } }, 2);
    EXPECT_DOUBLE_EQ(best.makespan_s, 6);
    // 2, 4, 7 | 2, 5.
    EXPECT_DOUBLE_EQ(best.weighted_ends_s, 20);
}

TEST(Optimum, weight_goes_before_length)
{
    EXPECT_DOUBLE_EQ(optimum({ { 1, 1 }, { 2, 10 } }, 1).weighted_ends_s, 2 * 10 + 3);
}

TEST(Optimum, more_machines_than_tasks)
{
    EXPECT_DOUBLE_EQ(optimum({ { 5 }, { 1 } }, 4).makespan_s, 5);
}

}
