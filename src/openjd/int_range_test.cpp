#include <openjd/int_range.h>

#include <base/prng.h>

#include <gtest/gtest.h>

#include <algorithm>
#include <set>

namespace sidereal::openjd {

namespace {

std::vector<std::int64_t> values_of(std::string_view text)
{
    auto const range = IntRange::parse(text);
    std::vector<std::int64_t> out;
    for (std::uint64_t i = 0; range && i < range->size(); ++i)
        out.push_back(range->at(i));
    return out;
}

std::string fault_of(std::string_view text)
{
    auto const range = IntRange::parse(text);
    return range ? "no fault" : range.error().message;
}

using Values = std::vector<std::int64_t>;

}

TEST(IntRange, values_ascend_whatever_the_order_of_the_parts)
{
    EXPECT_EQ(values_of("7"), (Values { 7 }));
    EXPECT_EQ(values_of("1-10:3"), (Values { 1, 4, 7, 10 }));
    EXPECT_EQ(values_of("10-1:-4"), (Values { 2, 6, 10 }));
    EXPECT_EQ(values_of(" 9 , 1 - 3 "), (Values { 1, 2, 3, 9 }));
    EXPECT_EQ(values_of("-3--1,-10"), (Values { -10, -3, -2, -1 }));
    EXPECT_EQ(values_of("-1 - 1"), (Values { -1, 0, 1 }));
    EXPECT_EQ(values_of("5-5:-1"), (Values { 5 }));
    EXPECT_EQ(values_of("1-9:10,2"), (Values { 1, 2 }));
}

TEST(IntRange, malformed_ranges_are_refused)
{
    EXPECT_EQ(fault_of(""), "range '' ends where a whole number is expected");
    EXPECT_EQ(fault_of("1-"), "range '1-' ends where the range's end is expected");
    EXPECT_EQ(
        fault_of("1,,2"), "range '1,,2' has ',2' at character 3 where a whole number is expected");
    EXPECT_EQ(fault_of("1-2-3"),
        "range '1-2-3' has '-3' at character 4 where ',' or the end is expected");
    EXPECT_EQ(
        fault_of("10-1"), "the range 10-1 goes down and needs a negative step, such as 10-1:-1");
    EXPECT_EQ(fault_of("1-10:-1"), "the range 1-10 goes up and needs a positive step, not -1");
    EXPECT_EQ(fault_of("10-1:2"), "the range 10-1 goes down and needs a negative step, not 2");
    EXPECT_EQ(fault_of("1-10:0"), "range '1-10:0' has the step 0");
    for (auto const text : { "+1", "1.5", "a", "1-5:1.5", "1:2", "1,", ",1", "0x10", "1 2", "- 1" })
        EXPECT_NE(fault_of(text), "no fault") << text;
}

TEST(IntRange, parts_must_not_overlap)
{
    EXPECT_EQ(fault_of("1-5,3-8"),
        "the parts 1-5 and 3-8 overlap; every value may stand in one part only");
    EXPECT_EQ(
        fault_of("1,1"), "the parts 1-1 and 1-1 overlap; every value may stand in one part only");
    EXPECT_EQ(fault_of("1-5,6-8"), "no fault");
}

TEST(IntRange, values_and_counts_stay_below_2_to_the_62)
{
    EXPECT_EQ(IntRange::parse("1-4611686018427387903")->size(), (1ull << 62) - 1);
    EXPECT_EQ(
        fault_of("4611686018427387904"), "range '4611686018427387904' has a value beyond 2^62");
    EXPECT_EQ(
        fault_of("99999999999999999999"), "range '99999999999999999999' has a value beyond 2^62");
    EXPECT_EQ(
        fault_of("-4611686018427387903-4611686018427387903"), "the range has 2^62 values or more");
    EXPECT_EQ(fault_of("-4611686018427387903-4611686018427387903:4611686018427387903"), "no fault");
}

TEST(IntRange, parts_are_limited)
{
    std::string text = "0";
    for (int i = 1; i <= 10'000; ++i)
        text += "," + std::to_string(i * 2);
    EXPECT_EQ(fault_of(text), "a range has at most 10000 parts");
}

TEST(IntRange, index_of_is_the_inverse_of_at)
{
    for (std::uint64_t seed = 0; seed < 500; ++seed) {
        Prng prng(seed);
        std::string text;
        std::set<std::int64_t> expected;
        auto low = prng.between(-1000, 1000);
        for (auto parts = prng.below(5) + 1; parts > 0; --parts) {
            auto const high = low + prng.between(0, 40);
            auto const step = prng.between(1, 7);
            bool const down = prng.chance(0.5) && low != high;
            auto const from = down ? high : low;
            auto const to = down ? low : high;
            for (auto value = from; down ? value >= to : value <= to; value += down ? -step : step)
                expected.insert(value);
            text += (text.empty() ? "" : ",") + std::to_string(from) + "-" + std::to_string(to)
                + ":" + std::to_string(down ? -step : step);
            low = high + prng.between(1, 50);
        }
        auto const range = IntRange::parse(text);
        ASSERT_TRUE(range) << text;
        EXPECT_EQ(values_of(text), Values(expected.begin(), expected.end())) << text;
        for (std::uint64_t i = 0; i < range->size(); ++i)
            EXPECT_EQ(range->index_of(range->at(i)), i) << text;
        for (std::int64_t value = -1100; value < 1500; ++value)
            EXPECT_EQ(range->index_of(value).has_value(), expected.contains(value))
                << text << value;
    }
}

}
