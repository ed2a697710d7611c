#include <sim/random_farms.h>

#include <gtest/gtest.h>

namespace sidereal::sim {

TEST(RandomFarms, nothing_is_given_out_twice)
{
    std::uint64_t placed = 0;
    for (std::uint64_t seed = 1; seed <= 2000; ++seed) {
        auto const course = run_random_farm(seed);
        ASSERT_EQ(course.failure, "") << "farm " << seed;
        placed += course.placed;
    }
    EXPECT_GT(placed, 20'000u) << "farms on which hardly anything runs prove little";
}

}
