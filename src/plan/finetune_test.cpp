#include <plan/finetune.h>

#include <gtest/gtest.h>

namespace sidereal::plan {

namespace {

Model known(std::string_view id) { return model_of(**find_model(shipped_catalog(), id)); }
Machine machine(std::string_view text) { return *read_machine(text, {}, shipped_catalog()); }

TEST(Finetune, adapters_of_all_linear_layers_are_counted_as_published)
{
    EXPECT_NEAR(adapter_params(known("llama-3.x-70b"), 8), 103.5e6, 0.1e6);
    EXPECT_NEAR(adapter_params(known("llama-3.1-8b"), 16), 41.9e6, 0.1e6);
}

TEST(Finetune, the_nominal_rate_counts_padding_and_the_real_one_does_not)
{
    Training training;
    training.method = Method::full;
    training.batch = 8;
    training.mean_length = 128;
    auto const plan = plan_training(known("llama-3.2-3b"), machine("dgx-spark-gb10"), training);
    ASSERT_TRUE(plan);
    EXPECT_NEAR(plan->nominal_tokens_per_s / plan->real_tokens_per_s, 16, 1e-9);
    EXPECT_LT(plan->real_tokens_per_s, plan->ceiling_tokens_per_s);
    EXPECT_NEAR(plan->steps_per_s * 8 * 2048, plan->nominal_tokens_per_s, 1e-6);
}

TEST(Finetune, a_70b_model_in_four_bits_needs_about_forty_gigabytes_at_least)
{
    Training training;
    training.method = Method::qlora;
    training.batch = 1;
    training.max_length = 512;
    training.fused_loss = true;
    auto const plan = plan_training(known("llama-3.x-70b"), machine("rtx-6000-ada"), training);
    ASSERT_TRUE(plan);
    EXPECT_NEAR(plan->memory.weights + plan->memory.optimizer, 41.2e9, 2e9);
    EXPECT_TRUE(plan->fits);
    auto const small = plan_training(known("llama-3.x-70b"), machine("rtx-5090"), training);
    EXPECT_FALSE(small->fits);
}

TEST(Finetune, checkpointing_and_smaller_batches_need_less)
{
    Training training;
    training.checkpointing = false;
    auto const all = plan_training(known("llama-3.1-8b"), machine("rtx-5090"), training);
    training.checkpointing = true;
    auto const some = plan_training(known("llama-3.1-8b"), machine("rtx-5090"), training);
    training.batch = 1;
    auto const few = plan_training(known("llama-3.1-8b"), machine("rtx-5090"), training);
    EXPECT_GT(all->memory.total(), some->memory.total());
    EXPECT_GT(some->memory.total(), few->memory.total());
    EXPECT_FALSE(all->fits);
    EXPECT_TRUE(few->fits);
}

TEST(Finetune, what_does_not_fit_says_with_what_it_would)
{
    auto const model = known("llama-3.1-8b");
    auto const card = machine("rtx-4090");
    Training training;
    auto const lora = plan_training(model, card, training);
    EXPECT_FALSE(lora->fits);
    EXPECT_EQ(lora->fits_with, (std::vector<std::string> { "--fused-loss", "--batch 1" }));
    EXPECT_LT(lora->fits_with_bytes, lora->usable_bytes);
    training.method = Method::full;
    EXPECT_EQ(plan_training(model, card, training)->fits_with,
        (std::vector<std::string> { "--fused-loss", "--batch 1", "--method lora" }));
    training.method = Method::qlora;
    EXPECT_TRUE(plan_training(model, card, training)->fits_with.empty());
    EXPECT_TRUE(plan_training(known("llama-3.1-405b"), card, training)->fits_with.empty());
}

TEST(Finetune, nonsense_is_refused_by_name)
{
    Training training;
    training.batch = 0;
    auto const plan = plan_training(known("llama-3.1-8b"), machine("rtx-5090"), training);
    ASSERT_FALSE(plan);
    EXPECT_NE(plan.error().message.find("batch is 0"), std::string::npos);
}

}

}
