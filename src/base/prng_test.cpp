#include <base/prng.h>

#include <gtest/gtest.h>

#include <algorithm>
#include <array>

namespace sidereal {

// From the authors' C code, seeded the same way.
TEST(Prng, known_answers)
{
    Prng zero(0);
    EXPECT_EQ(zero.next(), 0x99ec5f36cb75f2b4u);
    EXPECT_EQ(zero.next(), 0xbf6e1f784956452au);
    EXPECT_EQ(zero.next(), 0x1a5f849d4933e6e0u);
    EXPECT_EQ(zero.next(), 0x6aa594f1262d2d2cu);
    Prng forty_two(42);
    EXPECT_EQ(forty_two.next(), 0x15780b2e0c2ec716u);
    EXPECT_EQ(forty_two.next(), 0x6104d9866d113a7eu);
    EXPECT_EQ(forty_two.next(), 0xae17533239e499a1u);
    EXPECT_EQ(forty_two.next(), 0xecb8ad4703b360a1u);
}

TEST(Prng, below_stays_below_and_reaches_all)
{
    Prng prng(1);
    std::array<int, 7> drawn {};
    for (int round = 0; round < 7000; ++round)
        ++drawn.at(prng.below(7));
    EXPECT_GT(*std::min_element(drawn.begin(), drawn.end()), 800);
    EXPECT_EQ(prng.below(1), 0u);
    EXPECT_LT(prng.below(~0ull), ~0ull);
}

TEST(Prng, between_takes_both_ends)
{
    Prng prng(2);
    auto least = 0l;
    auto most = 0l;
    for (int round = 0; round < 1000; ++round) {
        auto const drawn = prng.between(-3, 3);
        least = std::min(least, drawn);
        most = std::max(most, drawn);
    }
    EXPECT_EQ(least, -3);
    EXPECT_EQ(most, 3);
    EXPECT_EQ(prng.between(5, 5), 5);
    (void)prng.between(INT64_MIN, INT64_MAX);
}

TEST(Prng, unit_is_at_least_0_and_below_1)
{
    Prng prng(3);
    double sum = 0;
    for (int round = 0; round < 10000; ++round) {
        auto const drawn = prng.unit();
        ASSERT_GE(drawn, 0);
        ASSERT_LT(drawn, 1);
        sum += drawn;
    }
    EXPECT_NEAR(sum / 10000, 0.5, 0.02);
    EXPECT_FALSE(prng.chance(0));
    EXPECT_TRUE(prng.chance(1));
}

TEST(Prng, a_fork_is_a_stream_of_its_own)
{
    Prng prng(4);
    auto fork = prng.fork();
    Prng again(4);
    (void)again.next();
    EXPECT_EQ(prng.next(), again.next());
    EXPECT_NE(fork.next(), prng.next());
}

TEST(PrngDeath, a_bound_of_0_is_our_own_mistake)
{
    EXPECT_DEATH((void)Prng(1).below(0), "broken assumption: bound > 0");
}

}
