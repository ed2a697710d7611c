#include <openjd/chunk_sizer.h>

#include <gtest/gtest.h>

namespace sidereal::openjd {

using namespace std::chrono_literals;

TEST(ChunkSizer, begins_with_what_the_template_says)
{
    EXPECT_EQ(ChunkSizer({ 7, 60s }).size(), 7u);
}

TEST(ChunkSizer, goes_a_quarter_of_the_way_at_first)
{
    ChunkSizer sizer({ 10, 100s });
    // A second a value: a hundred of them would be right.
    sizer.add(10, 10s);
    EXPECT_EQ(sizer.size(), 33u); // 10 + (100 - 10) / 4 = 32.5
    sizer.add(32, 32s);
    EXPECT_EQ(sizer.size(), 49u); // 32.5 + 67.5 / 4 = 49.4
}

TEST(ChunkSizer, goes_all_the_way_once_ten_have_ended)
{
    ChunkSizer sizer({ 10, 100s });
    for (std::uint64_t i = 0; i < ChunkSizer::first_chunks; ++i)
        sizer.add(10, 10s);
    EXPECT_LT(sizer.size(), 100u);
    sizer.add(10, 10s);
    EXPECT_EQ(sizer.size(), 100u);
}

TEST(ChunkSizer, never_goes_below_one_value_or_beyond_what_counts)
{
    ChunkSizer slow({ 5, 1s });
    for (int i = 0; i < 20; ++i)
        slow.add(1, 1h);
    EXPECT_EQ(slow.size(), 1u);
    ChunkSizer quick({ 5, 1h });
    for (int i = 0; i < 20; ++i)
        quick.add(1'000'000'000'000, Duration(0));
    EXPECT_EQ(quick.size(), 1'000'000'000'000'000u);
}

}
