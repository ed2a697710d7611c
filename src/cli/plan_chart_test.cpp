#include <cli/plan_chart.h>

#include <gtest/gtest.h>

namespace sidereal::cli {

TEST(PlanChart, money_has_commas_and_cents)
{
    EXPECT_EQ(in_usd(0), "0.00");
    EXPECT_EQ(in_usd(-0.001), "0.00");
    EXPECT_EQ(in_usd(999.999), "1,000.00");
    EXPECT_EQ(in_usd(-1234567.891), "-1,234,567.89");
    EXPECT_EQ(in_usd(123), "123.00");
}

TEST(PlanChart, a_line_rises_from_corner_to_corner)
{
    EXPECT_EQ(draw_lines({ { '*', { 0, 1, 2, 3 } } }, { 4, 4, "a", "b" }),
        "        3.00 |   *\n"
        "             |  * \n"
        "             | *  \n"
        "        0.00 |*---\n"
        "              a  b\n");
}

TEST(PlanChart, nothing_and_a_flat_line_can_be_drawn)
{
    EXPECT_EQ(draw_lines({}, {}), "");
    EXPECT_NE(draw_lines({ { '*', { 0, 0 } } }, {}), "");
    EXPECT_NE(draw_lines({ { '*', { 5 } } }, {}), "");
}

TEST(PlanChart, a_bar_shows_where_zero_is)
{
    EXPECT_EQ(draw_bar({ -1, 2 }, { -2, 2, 5 }), " #|##");
    EXPECT_EQ(draw_bar({ 2, 1 }, { 0, 2, 5 }), "  ###");
}

}
