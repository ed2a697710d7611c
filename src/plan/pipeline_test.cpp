#include <plan/pipeline.h>

#include <plan/catalog.h>

#include <gtest/gtest.h>

#include <algorithm>

namespace sidereal::plan {

namespace {

ModelPlan plan_of(std::string_view machine, Workload const& workload,
    std::string_view model = "llama-3.x-70b", Explain explain = Explain::no)
{
    auto const& catalog = shipped_catalog();
    return plan_model(model_of(**find_model(catalog, model)), *read_machine(machine, {}, catalog),
        workload, catalog, {}, explain)
        .value();
}

Workload served(std::int64_t streams)
{
    Workload workload;
    workload.engine = "vllm";
    workload.quant = "INT4-g128";
    workload.split = Split::layer;
    workload.streams = streams;
    return workload;
}

TEST(Pipeline, there_is_none_for_one_stream_one_device_or_split_tensors)
{
    EXPECT_FALSE(plan_of("4xrtx-3090", served(1)).pipeline);
    EXPECT_FALSE(plan_of("rtx-pro-6000-blackwell", served(8)).pipeline);
    auto tensors = served(8);
    tensors.split = Split::tensor;
    EXPECT_FALSE(plan_of("4xrtx-3090", tensors).pipeline);
}

TEST(Pipeline, equal_stages_give_the_groups_over_one_loop)
{
    auto const plan = plan_of("4xrtx-3090", served(8));
    ASSERT_TRUE(plan.pipeline);
    EXPECT_EQ(plan.pipeline->groups, 4);
    EXPECT_EQ(plan.pipeline->streams_a_group, 2);
    EXPECT_NEAR(plan.pipeline->latency_s, 4 * plan.pipeline->slowest_stage_s, 1e-9);
    EXPECT_NEAR(plan.pipeline->tokens_per_s, 8 / plan.pipeline->latency_s, 1e-6);
    EXPECT_NEAR(plan.decode_all.value, plan.pipeline->tokens_per_s, 1e-6);
    EXPECT_LT(plan.decode.value, plan.roofline);
    EXPECT_LE(plan.decode.high, plan.roofline);
}

TEST(Pipeline, stages_at_work_together_beat_one_batch_and_never_their_number)
{
    auto const one_batch = [](std::string_view machine) {
        auto workload = served(16);
        workload.engine = "llama.cpp";
        workload.quant = "Q4_K_M";
        return plan_of(machine, workload);
    };
    auto const plan = one_batch("2xrtx-3090");
    ASSERT_TRUE(plan.pipeline);
    EXPECT_GT(plan.pipeline->tokens_per_s, plan.decode_all.value);
    EXPECT_LT(plan.pipeline->tokens_per_s, 2 * plan.decode_all.value);
    EXPECT_FALSE(overlaps_stages("llama.cpp-cuda"));
    EXPECT_TRUE(overlaps_stages("vllm"));
}

TEST(Pipeline, the_slowest_stage_sets_the_pace)
{
    auto const even = plan_of("2xrtx-3090", served(4));
    auto const uneven = plan_of("rtx-3090+rtx-3060-12gb", served(4), "qwen2.5-14b");
    ASSERT_TRUE(even.pipeline && uneven.pipeline);
    EXPECT_EQ(uneven.pipeline->groups, 2);
    EXPECT_GT(2 * uneven.pipeline->slowest_stage_s, uneven.pipeline->latency_s);
    EXPECT_NEAR(uneven.pipeline->tokens_per_s, 4 / (2 * uneven.pipeline->slowest_stage_s), 1e-6);
}

TEST(Pipeline, an_explained_plan_shows_its_formula)
{
    auto const plan = plan_of("2xrtx-3090", served(4), "qwen2.5-14b", Explain::yes);
    auto const row = std::find_if(plan.explained.begin(), plan.explained.end(),
        [](Explained const& one) { return one.name == "pipeline"; });
    ASSERT_NE(row, plan.explained.end());
    EXPECT_NE(row->formula.find("2 groups of 2"), std::string::npos) << row->formula;
    EXPECT_NE(row->formula.find("decode counts it in"), std::string::npos) << row->formula;
}

}

}
