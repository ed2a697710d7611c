#include <plan/speed.h>

#include <plan/catalog.h>

#include <gtest/gtest.h>

#include <algorithm>

namespace sidereal::plan {

namespace {

Device const& device(std::string_view id) { return **find_device(shipped_catalog(), id); }

ModelPlan plan_of(std::string_view machine, std::string_view model, Workload const& workload,
    Catalog const& catalog = shipped_catalog())
{
    return plan_model(model_of(**find_model(catalog, model)), *read_machine(machine, {}, catalog),
        workload, catalog, {}, Explain::yes)
        .value();
}

Workload with_micro_batch(std::int64_t tokens)
{
    Workload workload;
    workload.engine = "llama.cpp-rocm";
    workload.quant = "Q5_K_M";
    workload.micro_batch = tokens;
    return workload;
}

double spread_of(Estimate const& estimate) { return estimate.high / estimate.value; }

TEST(Speed, micro_batches_of_few_rows_do_not_fill_tiles)
{
    auto const small = plan_of("rx-7900-xtx", "qwen3-14b", with_micro_batch(64)).prefill.value;
    auto const usual = plan_of("rx-7900-xtx", "qwen3-14b", with_micro_batch(512)).prefill.value;
    auto const large = plan_of("rx-7900-xtx", "qwen3-14b", with_micro_batch(1024)).prefill.value;
    EXPECT_LT(small, 0.75 * usual);
    EXPECT_GT(large, usual);
    EXPECT_LT(large, 1.1 * usual);
}

TEST(Speed, metal_skips_masked_blocks_so_large_micro_batches_pay)
{
    Workload workload;
    workload.quant = "Q8_0";
    workload.prompt = 4096;
    workload.micro_batch = 512;
    auto const small = plan_of("m2-ultra-76c", "qwen2.5-7b", workload).prefill.value;
    workload.micro_batch = 2048;
    EXPECT_GE(plan_of("m2-ultra-76c", "qwen2.5-7b", workload).prefill.value, small);
}

TEST(Speed, the_interval_widens_with_the_distance_from_what_was_measured)
{
    auto catalog = shipped_catalog();
    auto const width = [&](std::vector<std::string> const& seen) {
        for (auto& profile : catalog.engines) {
            if (profile.id == "llama.cpp-ada")
                profile.seen = seen;
        }
        Workload workload;
        workload.quant = "Q4_K_M";
        auto const plan = plan_of("rtx-4090", "llama-3.1-8b", workload, catalog);
        return std::pair { spread_of(plan.decode), spread_of(plan.prefill) };
    };
    auto const known = width({ "rtx-4090" });
    auto const family = width({ "rtx-4070" });
    auto const physics = width({});
    EXPECT_LT(known.first, family.first);
    EXPECT_LT(family.first, physics.first);
    EXPECT_LT(known.second, family.second);
    EXPECT_LT(family.second, physics.second);
}

TEST(Speed, what_an_interval_rests_on_is_told)
{
    Workload workload;
    workload.engine = "llama.cpp-vulkan";
    workload.quant = "Q4_K_M";
    auto const plan = plan_of("arc-b580", "llama-3.1-8b", workload);
    EXPECT_GT(spread_of(plan.prefill), 2);
    for (auto const* name : { "decode", "prefill" }) {
        auto const row = std::find_if(plan.explained.begin(), plan.explained.end(),
            [&](Explained const& one) { return one.name == name; });
        ASSERT_NE(row, plan.explained.end());
        EXPECT_NE(row->formula.find("rests on results of this device"), std::string::npos)
            << row->formula;
        EXPECT_NE(row->formula.find("the driver decides"), std::string::npos) << row->formula;
    }
    EXPECT_EQ(known_from(**find_profile(device("rtx-4090"), "llama.cpp", shipped_catalog()),
                  device("rtx-4090")),
        Known::device);
}

TEST(Speed, memory_of_a_processor_has_the_speed_that_is_said)
{
    Workload workload;
    workload.quant = "Q4_K_M";
    auto const fast = plan_of("ryzen-9-7950x:64@80", "llama-3.1-8b", workload).decode.value;
    auto const slow = plan_of("ryzen-9-7950x:64@40", "llama-3.1-8b", workload).decode.value;
    EXPECT_GT(fast, 1.8 * slow);
    EXPECT_LE(fast, 2 * slow);
    for (auto const* text : { "ryzen-9-7950x:64@", "ryzen-9-7950x:64@0", "ryzen-9-7950x:64@x" })
        EXPECT_FALSE(read_machine(text, {}, shipped_catalog())) << text;
}

double decode_of(std::string_view machine, std::string_view model, std::string quant)
{
    Workload workload;
    workload.quant = std::move(quant);
    return plan_of(machine, model, workload).decode.value;
}

// AmpereOne: 192 cores decode a model of 3B half as fast as its memory would let them, one of 70B
// nearly as fast as that.
TEST(Speed, cores_that_wait_for_each_other_cost_small_models_most)
{
    auto catalog = shipped_catalog();
    for (auto& profile : catalog.engines)
        profile.core_us = 0;
    Workload workload;
    workload.quant = "Q4_K_M";
    auto const kept = [&](std::string_view model) {
        return decode_of("ampereone-a192:512", model, "Q4_K_M")
            / plan_of("ampereone-a192:512", model, workload, catalog).decode.value;
    };
    EXPECT_LT(kept("llama-3.2-3b"), 0.5);
    EXPECT_GT(kept("llama-3.x-70b"), 0.6);
}

// Eight results of two E5-2690 v4: two thirds of what the memory of one gives.
TEST(Speed, two_sockets_are_no_faster_than_one)
{
    auto const one = decode_of("xeon-e5-2690-v4:128", "qwen2.5-32b", "Q4_K_M");
    auto const two = decode_of("2xxeon-e5-2690-v4:128", "qwen2.5-32b", "Q4_K_M");
    EXPECT_LT(two, one);
    EXPECT_GT(two, 0.7 * one);
    Workload workload;
    workload.quant = "Q4_K_M";
    auto const plan = plan_of("2xxeon-e5-2690-v4:128", "qwen2.5-32b", workload);
    auto const is_told = [&](std::string_view name, std::string_view text) {
        return std::any_of(plan.explained.begin(), plan.explained.end(), [&](Explained const& row) {
            return row.name == name && row.formula.find(text) != std::string::npos;
        });
    };
    EXPECT_TRUE(is_told("time of weights", "x 0.8 for several sockets"));
    EXPECT_TRUE(is_told("time of layers", "cores wait for each other"));
    EXPECT_NEAR(plan.roofline, 1 / (19.1e9 / 76.8e9), 0.5);
}

// A40 against A6000, 696 against 768 GB/s: 34.3 against 40.7 tokens/s in F16.
TEST(Speed, error_correction_takes_its_part_of_a_server_cards_memory)
{
    auto const ratio = decode_of("a40", "llama-3.1-8b", "F16")
        / decode_of("rtx-a6000", "llama-3.1-8b", "F16");
    EXPECT_NEAR(ratio, 34.26 / 40.71, 0.03);
}

TEST(Speed, quants_that_take_long_to_unpack_slow_the_prompt)
{
    auto const prefill = [](std::string quant) {
        Workload workload;
        workload.quant = std::move(quant);
        return plan_of("rtx-3090", "llama-3.1-8b", workload).prefill.value;
    };
    EXPECT_LT(prefill("Q6_K"), 0.92 * prefill("Q4_K_M"));
}

// A token at a time through llama-bench's prompt (-ub 1): 653 tokens/s.
TEST(Speed, micro_batches_of_single_tokens_are_as_fast_as_decode)
{
    Workload workload;
    workload.quant = "BF16";
    workload.prompt = 512;
    workload.micro_batch = 1;
    auto const plan = plan_of("rtx-5090", "llama-3.2-1b", workload);
    EXPECT_NEAR(plan.prefill.value / plan.decode.value, 1, 0.25);
}

// 42.5 GB of weights on 24 GiB: 19 GB and more cross 25 GB/s of PCIe with each 512 tokens.
TEST(Speed, weights_in_the_hosts_memory_cross_the_bus_once_a_micro_batch)
{
    Workload workload;
    workload.quant = "Q4_K_M";
    workload.host_memory_gib = 64;
    auto const plan = plan_of("rtx-4090", "llama-3.x-70b", workload);
    ASSERT_GT(plan.spilled_fraction, 0.4);
    auto const bus_s = plan.weights.bytes.total() * plan.spilled_fraction / 25.2e9;
    EXPECT_LT(plan.prefill.value, 512 / bus_s);
    EXPECT_GT(plan.prefill.value, 0.5 * 512 / bus_s);
    auto larger = workload;
    larger.micro_batch = 2048;
    EXPECT_GT(plan_of("rtx-4090", "llama-3.x-70b", larger).prefill.value, 1.8 * plan.prefill.value);
    EXPECT_GT(spread_of(plan.prefill), 1.4);
}

TEST(Speed, a_front_end_with_a_profile_of_its_own_goes_by_it)
{
    auto catalog = shipped_catalog();
    auto own = **find_profile(device("rtx-4090"), "ollama", catalog);
    EXPECT_EQ(own.engine, "llama.cpp");
    own.id = "mine";
    own.engine = "ollama";
    catalog.engines.push_back(own);
    EXPECT_EQ((*find_profile(device("rtx-4090"), "ollama", catalog))->id, "mine");
}

}

}
