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

TEST(RenderJob, a_place_whose_nodes_have_less_than_a_task_needs_is_hopeless)
{
    auto job = ten_hours();
    job.needs.vcpus = 8;
    job.needs.gpu_memory_gib = 24;
    auto at = place(1);
    EXPECT_FALSE(why_hopeless(job, at).value());
    at.node = { 8, 1, 1, 24 };
    EXPECT_FALSE(why_hopeless(job, at).value());
    at.node.gpu_memory_gib = 16;
    EXPECT_EQ(
        why_hopeless(job, at).value(), "a task needs 24 GiB of GPU memory, and a node has 16");
    at.node.vcpus = 4;
    EXPECT_EQ(why_hopeless(job, at).value(), "a task needs 8 vcpus, and a node has 4");
    EXPECT_FALSE(cost_of(job, at));
}

TEST(RenderJob, devices_tell_gpus_and_memory_as_far_as_they_are_known)
{
    Device gpu;
    gpu.device_class = "consumer-gpu";
    gpu.memory_gib = 24;
    Device small = gpu;
    small.memory_gib = 12;
    Device processor;
    processor.device_class = "cpu";
    auto node = node_of({ gpu, small, processor });
    EXPECT_EQ(node.gpus, 2);
    EXPECT_EQ(node.gpu_memory_gib, 24);
    EXPECT_FALSE(node.memory_gib || node.vcpus);
    processor.memory_gib = 192;
    node = node_of({ processor, processor });
    EXPECT_EQ(node.gpus, 0);
    EXPECT_EQ(node.memory_gib, 384);
    EXPECT_FALSE(node.gpu_memory_gib);
    Device computer;
    computer.device_class = "unified-desktop";
    computer.unified_memory = true;
    computer.memory_gib = 128;
    node = node_of({ computer, computer });
    EXPECT_EQ(node.gpus, 1);
    EXPECT_EQ(node.memory_gib, 128);
    EXPECT_EQ(node.gpu_memory_gib, 128);
}

TEST(RenderJob, gpu_memory_needs_a_gpu)
{
    auto job = ten_hours();
    job.needs.gpu_memory_gib = 24;
    auto at = place(1);
    at.node.gpus = 0;
    EXPECT_EQ(why_hopeless(job, at).value(), "a task needs 1 GPU, and a node has 0");
}

TEST(RenderJob, needs_are_said_in_words_and_a_negative_one_is_named)
{
    EXPECT_EQ(words({ 1, 0.5, 2, {} }), "1 vcpu, 0.5 GiB of memory, 2 GPUs");
    EXPECT_EQ(words({}), "");
    auto job = ten_hours();
    job.needs.memory_gib = -1;
    auto const why = why_hopeless(job, place(1));
    ASSERT_FALSE(why);
    EXPECT_NE(why.error().message.find("GiB of memory of a node is -1"), std::string::npos)
        << why.error().message;
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
