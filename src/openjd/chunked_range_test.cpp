#include <openjd/chunked_range.h>

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace sidereal::openjd {

namespace {

using Texts = std::vector<std::string>;

ChunkedRange cut(std::string_view range, std::uint64_t most, ChunkConstraint constraint)
{
    return { IntRange::parse(range).value(), most, constraint };
}

Texts all(ChunkedRange const& range)
{
    Texts out;
    for (std::uint64_t i = 0; i < range.size(); ++i)
        out.push_back(range.at(i));
    return out;
}

Texts contiguous(std::string_view range, std::uint64_t most)
{
    return all(cut(range, most, ChunkConstraint::contiguous));
}

Texts noncontiguous(std::string_view range, std::uint64_t most)
{
    return all(cut(range, most, ChunkConstraint::noncontiguous));
}

}

TEST(ChunkedRange, chunks_differ_by_one_value_at_most)
{
    EXPECT_EQ(contiguous("1-8", 3), (Texts { "1-3", "4-6", "7-8" }));
    EXPECT_EQ(contiguous("1-12", 5), (Texts { "1-4", "5-8", "9-12" }));
    EXPECT_EQ(contiguous("1-22", 5), (Texts { "1-5", "6-9", "10-14", "15-18", "19-22" }));
    EXPECT_EQ(contiguous("5", 10), (Texts { "5-5" }));
    EXPECT_EQ(contiguous("1-3", 100), (Texts { "1-3" }));
}

TEST(ChunkedRange, contiguous_chunks_never_bridge_gaps)
{
    EXPECT_EQ(contiguous("1,10-12,18-50", 10),
        (Texts { "1-1", "10-12", "18-26", "27-34", "35-42", "43-50" }));
    EXPECT_EQ(contiguous("1-9:2", 2), (Texts { "1-1", "3-3", "5-5", "7-7", "9-9" }));
}

TEST(ChunkedRange, neighbouring_intervals_are_one_run)
{
    EXPECT_EQ(contiguous("1-3,4-8:2", 2), (Texts { "1-2", "3-4", "6-6", "8-8" }));
    EXPECT_EQ(contiguous("1-5:2,6", 2), (Texts { "1-1", "3-3", "5-6" }));
    EXPECT_EQ(contiguous("1-10,11-20", 30), (Texts { "1-20" }));
}

TEST(ChunkedRange, noncontiguous_chunks_are_range_expressions)
{
    EXPECT_EQ(noncontiguous("1-8", 3), (Texts { "1-3", "4-6", "7,8" }));
    EXPECT_EQ(noncontiguous("1-9:2", 3), (Texts { "1-5:2", "7,9" }));
    EXPECT_EQ(noncontiguous("1-3,5,7-9", 10), (Texts { "1-3,5,7-9" }));
    EXPECT_EQ(
        noncontiguous("1,10-12,18-50", 10), (Texts { "1,10-12,18-23", "24-32", "33-41", "42-50" }));
}

TEST(ChunkedRange, huge_ranges_are_cut_by_arithmetic)
{
    auto const range = cut("1-1000000000000000000", 3, ChunkConstraint::contiguous);
    EXPECT_EQ(range.size(), 333333333333333334U);
    EXPECT_EQ(range.at(range.size() - 1), "999999999999999999-1000000000000000000");
    auto const whole = cut("1-1000000000000000000:2,2000000000000000000",
        1'000'000'000'000'000'000U, ChunkConstraint::noncontiguous);
    EXPECT_EQ(whole.size(), 1U);
}

TEST(ChunkedRange, sets_of_its_values_are_known)
{
    auto const range = cut("1-10,20-30:5", 4, ChunkConstraint::contiguous);
    for (auto const text : { "1", "2-9:3", "7,20,30", "1-10" })
        EXPECT_TRUE(range.holds(text)) << text;
    for (auto const text : { "0", "1-11", "21", "x", "1-200000" })
        EXPECT_FALSE(range.holds(text)) << text;
}

TEST(ChunkedRange, a_chunk_is_found_by_its_values)
{
    for (auto const constraint : { ChunkConstraint::contiguous, ChunkConstraint::noncontiguous }) {
        auto const range = cut("-4-3,4-8:2,20-40,50-90:10", 4, constraint);
        for (std::uint64_t i = 0; i < range.size(); ++i)
            EXPECT_EQ(range.index_of(range.at(i)), i) << range.at(i);
        EXPECT_EQ(range.index_of("100"), std::nullopt);
        EXPECT_EQ(range.index_of("22,24"), std::nullopt);
        EXPECT_EQ(range.index_of("x"), std::nullopt);
    }
    EXPECT_EQ(cut("1-8", 3, ChunkConstraint::noncontiguous).index_of("8,7"), 2U);
}

}
