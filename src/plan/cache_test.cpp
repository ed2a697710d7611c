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
        (std::vector<std::string> {
            "keep the cache in fp8", "weights in FP8", "one more rtx-pro-6000-blackwell" }));
    EXPECT_EQ(remedies("llama.cpp"),
        (std::vector<std::string> { "keep the cache in q8_0", "a micro-batch of 128",
            "weights in Q8_0", "one more rtx-pro-6000-blackwell" }));
}

TEST(Remedies, the_best_quant_is_one_of_the_engine)
{
    Workload workload;
    workload.engine = "vllm";
    auto const machine = read_machine("2xrtx-4090", {}, shipped_catalog());
    auto const best = best_quant(
        named("llama-3.x-70b"), *machine, workload, Wanted {}, shipped_catalog(), {});
    ASSERT_TRUE(best && *best);
    EXPECT_EQ((*best)->plan.weights.quant, "INT4-g128");
}

}
}
