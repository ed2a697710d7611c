#include <openjd/text_rules.h>

#include <gtest/gtest.h>

#include <limits>

namespace sidereal::openjd {

TEST(TextRules, utf8_is_checked_strictly)
{
    EXPECT_EQ(find_bad_utf8("aé€😀"), std::nullopt);
    EXPECT_EQ(find_bad_utf8("a\xc3"), 1u);
    EXPECT_EQ(find_bad_utf8("\xc0\x80"), 0u);
    EXPECT_EQ(find_bad_utf8("ab\xe0\x80\x80"), 2u);
    EXPECT_EQ(find_bad_utf8("\xf4\x90\x80\x80"), 0u);
    EXPECT_EQ(find_bad_utf8("\xed\xbf\xbf"), 0u);
    EXPECT_EQ(find_bad_utf8(std::string_view("a\0", 2)), 1u);
    EXPECT_EQ(count_code_points("aé€😀"), 4u);
}

TEST(TextRules, whole_numbers_are_of_base_10_and_fit_64_bits)
{
    EXPECT_EQ(parse_int("-9223372036854775808"), std::numeric_limits<std::int64_t>::min());
    EXPECT_EQ(parse_int("+007"), 7);
    for (auto const text :
        { "", "+", "-", "+-1", "1.0", "0x1", " 1", "1 ", "9223372036854775808", "1e3" })
        EXPECT_EQ(parse_int(text), std::nullopt) << text;
}

TEST(TextRules, numbers_are_finite_decimals)
{
    EXPECT_EQ(parse_float("-.5e+1"), -5.0);
    EXPECT_EQ(parse_float("+1."), 1.0);
    EXPECT_EQ(parse_float("1e-999"), 0.0);
    for (auto const text :
        { "", ".", "-", "e5", "1e", "1e+", "nan", "inf", "0x1p3", "1e309", "1_0", "1 2" })
        EXPECT_EQ(parse_float(text), std::nullopt) << text;
}

TEST(TextRules, near_words_are_suggested_and_far_ones_not)
{
    std::vector<std::string_view> const words { "Scene", "Frames" };
    EXPECT_EQ(nearest("Scean", words), "Scene");
    EXPECT_EQ(nearest("frame", words), "Frames");
    EXPECT_EQ(nearest("Camera", words), std::nullopt);
    EXPECT_EQ(nearest("B", { "A" }), std::nullopt);
}

TEST(TextRules, excerpts_do_not_cut_characters)
{
    std::string text(79, 'x');
    EXPECT_EQ(excerpt(text + "é" + text), text + "…");
}

}
