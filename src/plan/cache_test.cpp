#include <plan/cache.h>
#include <plan/inverse.h>
#include <plan/machine.h>

#include <gtest/gtest.h>

namespace sidereal::plan {
namespace {

Model named(std::string_view id) { return model_of(**find_model(shipped_catalog(), id)); }

TEST(Cache, llama_cpp_keeps_room_for_a_micro_batch_beside_a_window)
{
    Layer layer;
    layer.q_heads = layer.kv_heads = 1;
    layer.key_dim = layer.value_dim = 64;
    layer.window = 128;
    auto const tokens = [&](CacheShape const& shape) {
        return layer_cache_bytes(layer, shape) / (2.0 * 64 * 2);
    };
    EXPECT_EQ(tokens({ 8192, 16, 16 }), 128);
    EXPECT_EQ(tokens({ 8192, 16, 256, 512 }), 768);
    // Never more than the context.
    EXPECT_EQ(tokens({ 300, 16, 256, 512 }), 512);
    EXPECT_EQ(tokens({ 100, 16, 256, 512 }), 256);
}

double cache_on_each(std::string_view model, std::string_view machine, Split split)
{
    Workload workload;
    workload.quant = "FP8";
    workload.engine = "vllm";
    workload.split = split;
    auto const plan = plan_model(
        named(model), *read_machine(machine, {}, shipped_catalog()), workload, shipped_catalog());
    return plan->devices.front().cache;
}

TEST(Cache, what_split_tensors_cannot_share_each_device_has_for_itself)
{
    // 4 key-value heads on 8 devices, and what latent attention keeps.
    auto const all = [](std::string_view model) {
        return cache_bytes(named(model), { 8192, 16, 16 });
    };
    constexpr std::string_view eight = "8xh200-141gb-sxm";
    EXPECT_EQ(cache_on_each("qwen3-235b-a22b", eight, Split::tensor), all("qwen3-235b-a22b") / 4);
    EXPECT_EQ(cache_on_each("deepseek-v3-671b", eight, Split::tensor), all("deepseek-v3-671b"));
    EXPECT_EQ(cache_on_each("llama-3.x-70b", eight, Split::tensor), all("llama-3.x-70b") / 8);
    EXPECT_EQ(cache_on_each("deepseek-v3-671b", eight, Split::layer), all("deepseek-v3-671b") / 8);
}

TEST(Remedies, give_what_they_give_on_all_devices)
{
    Workload workload;
    workload.quant = "FP8";
    workload.engine = "vllm";
    workload.split = Split::tensor;
    workload.streams = 64;
    workload.context = 32'768;
    auto const plan = plan_model(named("deepseek-v3-671b"),
        *read_machine("8xh200-141gb-sxm", {}, shipped_catalog()), workload, shipped_catalog());
    double cache = 0;
    for (auto const& device : plan->devices)
        cache += device.cache;
    ASSERT_GE(plan->remedies.size(), 2u);
    EXPECT_EQ(plan->remedies[1].what, "keep the cache in fp8");
    EXPECT_DOUBLE_EQ(plan->remedies[1].gives_bytes, cache / 2);
}

std::vector<std::string> remedies(std::string engine)
{
    Workload workload;
    workload.quant = "BF16";
    workload.engine = std::move(engine);
    workload.context = 32'768;
    auto const machine = read_machine("rtx-pro-6000-blackwell", {}, shipped_catalog());
    auto const plan = plan_model(named("llama-3.x-70b"), *machine, workload, shipped_catalog());
    std::vector<std::string> all;
    for (auto const& remedy : plan->remedies)
        all.push_back(remedy.what);
    return all;
}

TEST(Remedies, are_what_the_engine_has)
{
    EXPECT_EQ(remedies("vllm"),
        (std::vector<std::string> { "--gpu-memory-utilization 0.95", "keep the cache in fp8",
            "weights in FP8", "one more rtx-pro-6000-blackwell" }));
    EXPECT_EQ(remedies("llama.cpp"),
        (std::vector<std::string> { "keep the cache in q8_0", "a micro-batch of 128",
            "weights in Q8_0", "one more rtx-pro-6000-blackwell" }));
}

// 14.96 GiB of weights and 24 GiB: what vLLM leaves of them is what is left for the cache.
TEST(Memory, vllm_takes_nine_tenths_unless_it_is_told_otherwise)
{
    auto const plan_with = [](std::string engine, std::int64_t context) {
        Workload workload;
        workload.quant = "BF16";
        workload.engine = std::move(engine);
        workload.context = context;
        return *plan_model(named("llama-3.1-8b"), *read_machine("rtx-4090", {}, shipped_catalog()),
            workload, shipped_catalog());
    };
    auto const plan = plan_with("vllm", 8192);
    EXPECT_DOUBLE_EQ(plan.devices.front().usable,
        capacity_bytes(**find_device(shipped_catalog(), "rtx-4090")) * 0.9);
    EXPECT_GT(plan_with("llama.cpp", 8192).devices.front().usable, plan.devices.front().usable);
    auto const tight = plan_with("vllm", 45'000);
    ASSERT_EQ(tight.verdict, Verdict::fits_if);
    EXPECT_EQ(tight.remedies.front().what, "--gpu-memory-utilization 0.95");
    EXPECT_TRUE(tight.remedies.front().is_enough);
}

TEST(Remedies, the_best_quant_is_one_of_the_engine)
{
    Workload workload;
    workload.engine = "vllm";
    auto const machine = read_machine("rtx-pro-6000-blackwell", {}, shipped_catalog());
    auto const best = best_quant(
        named("llama-3.x-70b"), *machine, workload, Wanted {}, shipped_catalog(), {});
    ASSERT_TRUE(best && *best);
    EXPECT_EQ((*best)->plan.weights.quant, "FP8");
}

}
}
