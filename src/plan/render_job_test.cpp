#include <plan/render_job.h>

#include <gtest/gtest.h>

#include <cmath>

namespace sidereal::plan {

namespace {

RenderPlace place(double usd_per_h)
{
    RenderPlace at;
    at.name = "there";
    at.usd_per_h = usd_per_h;
    return at;
}

RenderJob ten_hours() { return { 600, 1, 1, 0, 0 }; }

}

TEST(RenderJob, ten_hours_cost_60_usd_at_a_farm_and_25_by_oneself)
{
    auto const farm = price(ten_hours(), place(0), { 4, 8 });
    auto const own = price(ten_hours(), place(0), { 2, 3 });
    ASSERT_TRUE(farm && own);
    EXPECT_NEAR(farm->middle.total_usd(), 60, 1e-9);
    EXPECT_NEAR(own->middle.total_usd(), 25, 1e-9);
    EXPECT_NEAR(farm->low.total_usd(), 40, 1e-9);
    EXPECT_NEAR(farm->high.total_usd(), 80, 1e-9);
}

TEST(RenderJob, forty_hours_take_less_than_one_on_fifty_nodes_at_the_same_price)
{
    auto const cost = cost_of({ 2400, 1, 50, 0, 0 }, place(2));
    ASSERT_TRUE(cost);
    EXPECT_NEAR(cost->wall_h, 0.8, 1e-9);
    EXPECT_NEAR(cost->total_usd(), 80, 1e-9);
}

TEST(RenderJob, some_nodes_do_a_frame_more_and_none_stays_without)
{
    auto const cost = cost_of({ 7, 30, 3, 0, 0 }, place(1));
    ASSERT_TRUE(cost);
    EXPECT_NEAR(cost->wall_h, 1.5, 1e-9);
    EXPECT_NEAR(cost->billed_h, 3.5, 1e-9);
    auto const few = cost_of({ 2, 30, 10, 0, 0 }, place(1));
    ASSERT_TRUE(few);
    EXPECT_EQ(few->nodes_used, 2);
}

TEST(RenderJob, starting_is_paid_on_each_node_and_in_whole_steps)
{
    auto at = place(6);
    at.boot_min = 3;
    at.input_mb_per_s = 100;
    at.billed_step_min = 60;
    // 18 GB take three minutes more.
    auto const cost = cost_of({ 100, 6, 10, 18, 4 }, at);
    ASSERT_TRUE(cost);
    EXPECT_NEAR(cost->wall_h, 1.1, 1e-9);
    EXPECT_NEAR(cost->start_h, 1, 1e-9);
    EXPECT_NEAR(cost->billed_h, 20, 1e-9);
    EXPECT_NEAR(cost->compute_usd, 120, 1e-9);
    EXPECT_NEAR(cost->work_usd, 60, 1e-9);
}

TEST(RenderJob, whole_steps_are_not_rounded_up)
{
    auto at = place(1);
    at.billed_step_min = 6;
    EXPECT_NEAR(cost_of({ 3, 2, 1, 0, 0 }, at)->billed_h, 0.1, 1e-12);
}

TEST(RenderJob, interruptions_repeat_half_a_frame_and_the_start)
{
    auto at = place(2);
    at.boot_min = 6;
    at.interruptions_per_h = 0.5;
    // 0.5 x (0.5 h + 0.1 h) = 30 % of the time is lost.
    auto const cost = cost_of({ 7, 60, 1, 0, 0 }, at);
    ASSERT_TRUE(cost);
    EXPECT_NEAR(cost->repeated_h, 3, 1e-9);
    EXPECT_NEAR(cost->interruptions, 5, 1e-9);
    EXPECT_NEAR(cost->wall_h, 10.1, 1e-9);
}

TEST(RenderJob, an_interruption_before_each_frames_end_is_refused)
{
    auto at = place(2);
    at.interruptions_per_h = 2;
    auto const cost = cost_of({ 7, 60, 1, 0, 0 }, at);
    ASSERT_FALSE(cost);
    EXPECT_EQ(cost.error().message.substr(0, 21), "interruptions an hour");
}

TEST(RenderJob, a_place_where_no_frame_would_end_says_so_and_nonsense_does_not_count_as_such)
{
    auto at = place(2);
    at.interruptions_per_h = 0.5;
    auto const fine = why_hopeless({ 7, 60, 1, 0, 0 }, at);
    ASSERT_TRUE(fine);
    EXPECT_FALSE(fine->has_value());
    at.interruptions_per_h = 2;
    auto const hopeless = why_hopeless({ 7, 60, 1, 0, 0 }, at);
    ASSERT_TRUE(hopeless);
    ASSERT_TRUE(hopeless->has_value());
    EXPECT_NE((*hopeless)->find("all of the time would be lost"), std::string::npos);
    at.interruptions_per_h = -1;
    EXPECT_FALSE(why_hopeless({ 7, 60, 1, 0, 0 }, at));
}

TEST(RenderJob, licences_and_egress_add_up)
{
    auto at = place(2);
    at.licence_usd_per_h = 0.5;
    at.egress_usd_per_gb = 0.09;
    auto const cost = cost_of({ 60, 10, 2, 0, 100 }, at);
    ASSERT_TRUE(cost);
    EXPECT_NEAR(cost->total_usd(), 20 + 5 + 9, 1e-9);
}

TEST(RenderJob, nonsense_is_refused_by_name)
{
    EXPECT_EQ(cost_of({ 0, 1, 1, 0, 0 }, place(1)).error().message.substr(0, 11), "frames is 0");
    EXPECT_FALSE(cost_of({ 1, std::nan(""), 1, 0, 0 }, place(1)));
    EXPECT_FALSE(cost_of({ 1, 1, 0, 0, 0 }, place(1)));
    EXPECT_FALSE(cost_of({ 1, 1, 1, 0, 0 }, place(-1)));
    EXPECT_FALSE(cost_of({ 1, 1e308, 1, 0, 0 }, place(1)));
}

}
