#include <plan/engine_name.h>

#include <plan/catalog.h>
#include <plan/model_plan.h>
#include <plan/speed.h>

#include <gtest/gtest.h>

namespace sidereal::plan {

namespace {

Device const& device(std::string_view id) { return **find_device(shipped_catalog(), id); }

ModelPlan plan_of(std::string_view machine, std::string_view model, Workload const& workload)
{
    auto const& catalog = shipped_catalog();
    return plan_model(model_of(**find_model(catalog, model)), *read_machine(machine, {}, catalog),
        workload, catalog)
        .value();
}

TEST(EngineName, a_back_end_goes_with_the_devices_that_have_it)
{
    EXPECT_TRUE(has_back_end("llama.cpp-rocm", device("rx-7900-xtx")));
    EXPECT_TRUE(has_back_end("llama.cpp-vulkan", device("rtx-3090")));
    EXPECT_TRUE(has_back_end("llama.cpp-cpu", device("epyc-9654")));
    EXPECT_TRUE(has_back_end("llama.cpp-2024-05", device("m1-8c")));
    EXPECT_FALSE(has_back_end("llama.cpp-rocm", device("rtx-3090")));
    EXPECT_FALSE(has_back_end("llama.cpp-metal", device("rtx-3090")));
    EXPECT_FALSE(has_back_end("llama.cpp-cpu", device("m1-8c")));
    EXPECT_FALSE(has_back_end("llama.cpp-vulkan", device("epyc-9654")));
}

TEST(EngineName, an_impossible_back_end_is_refused_with_those_there_are)
{
    auto const found = find_profile(device("rtx-3090"), "llama.cpp-metal", shipped_catalog());
    ASSERT_FALSE(found.has_value());
    EXPECT_NE(found.error().message.find("llama.cpp-vulkan"), std::string::npos)
        << found.error().message;
}

TEST(EngineName, a_back_end_or_version_without_a_profile_goes_by_the_nearest_name)
{
    auto const id = [](std::string_view on, std::string_view engine) {
        return (*find_profile(device(on), engine, shipped_catalog()))->id;
    };
    EXPECT_EQ(id("rtx-3090", "llama.cpp-cuda"), "llama.cpp-ampere");
    EXPECT_EQ(id("m2-10c", "llama.cpp-metal"), "llama.cpp-apple");
    EXPECT_EQ(id("rx-7900-xtx", "llama.cpp-rocm"), "llama.cpp-rocm-rdna3");
    EXPECT_EQ(id("rx-7900-xtx", "llama.cpp-vulkan-2026-03"), "llama.cpp-vulkan-rdna3");
    EXPECT_EQ(id("rtx-4090", "ollama"), "llama.cpp-ada");
}

TEST(EngineName, a_front_end_is_its_engine_with_more_doubt)
{
    Workload workload;
    workload.quant = "Q4_K_M";
    auto const plain = plan_of("rtx-4090", "llama-3.1-8b", workload);
    workload.engine = "ollama";
    auto const ollama = plan_of("rtx-4090", "llama-3.1-8b", workload);
    EXPECT_DOUBLE_EQ(ollama.decode.value, plain.decode.value);
    EXPECT_LT(ollama.decode.low, plain.decode.low);
    EXPECT_LT(ollama.prefill.low, plain.prefill.low);
}

TEST(Speed, a_larger_micro_batch_masks_more_of_its_own_attention)
{
    Workload workload;
    workload.quant = "GPTOSS";
    workload.prompt = 4096;
    auto const speed = [&](std::int64_t micro_batch) {
        workload.micro_batch = micro_batch;
        return plan_of("rtx-4090", "gpt-oss-20b", workload).prefill.value;
    };
    EXPECT_GT(speed(1024), 1.05 * speed(256));
    EXPECT_LT(speed(4096), 1.1 * speed(1024));
}

TEST(Speed, cards_of_two_kinds_read_a_prompt_at_a_speed_between_theirs)
{
    Workload workload;
    workload.quant = "Q4_K_M";
    auto const prefill = [&](std::string_view machine) {
        return plan_of(machine, "llama-3.1-8b", workload).prefill.value;
    };
    auto const mixed = prefill("rtx-4090+rtx-3060-12gb");
    EXPECT_LT(mixed, 0.8 * prefill("rtx-4090"));
    EXPECT_GT(mixed, 1.2 * prefill("rtx-3060-12gb"));
}

TEST(Speed, streams_touch_fewer_experts_than_chance_would)
{
    auto const& catalog = shipped_catalog();
    auto const model = model_of(**find_model(catalog, "qwen3-30b-a3b"));
    Parts bytes;
    bytes.experts = 128;
    EXPECT_DOUBLE_EQ(bytes_read(model, bytes, 1), 8);
    EXPECT_GT(bytes_read(model, bytes, 32), 40);
    EXPECT_LT(bytes_read(model, bytes, 32), 80);
    EXPECT_LT(bytes_read(model, bytes, 100'000), 128.001);
}

}

}
