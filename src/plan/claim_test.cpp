#include <plan/claim.h>

#include <gtest/gtest.h>

#include <algorithm>

namespace sidereal::plan {

namespace {

Claim read(std::string_view text)
{
    auto const claim = read_claim(text, shipped_catalog());
    EXPECT_TRUE(claim.has_value()) << text << ": " << claim.error().message;
    return claim.value_or(Claim {});
}

ClaimAnswer answer(std::string_view text)
{
    auto const answer = check_claim(read(text), shipped_catalog());
    EXPECT_TRUE(answer.has_value()) << text << ": " << answer.error().message;
    return answer.value_or(ClaimAnswer {});
}

std::string fault(std::string_view text)
{
    auto const claim = read_claim(text, shipped_catalog());
    if (!claim)
        return claim.error().message;
    auto const answer = check_claim(*claim, shipped_catalog());
    return answer ? "" : answer.error().message;
}

struct Reading {
    std::string_view text;
    ClaimKind kind;
    double low;
    double high;
    std::string_view model;
    std::string_view machine;
    std::string_view quant;
};

void expect_read(Reading const& wanted)
{
    auto const claim = read(wanted.text);
    EXPECT_EQ(to_string(claim.kind), to_string(wanted.kind)) << wanted.text;
    EXPECT_DOUBLE_EQ(claim.low, wanted.low) << wanted.text;
    EXPECT_DOUBLE_EQ(claim.high, wanted.high) << wanted.text;
    EXPECT_EQ(claim.model.value_or(""), wanted.model) << wanted.text;
    EXPECT_EQ(claim.machine.value_or(""), wanted.machine) << wanted.text;
    EXPECT_EQ(claim.quant.value_or(""), wanted.quant) << wanted.text;
}

TEST(Claim, a_sentence_is_taken_apart)
{
    for (auto const& wanted : {
             Reading { "Llama 3.1 8B Q4_K_M decodes at 213 tok/s on an RTX 5090", ClaimKind::decode,
                 213, 213, "llama-3.1-8b", "rtx-5090", "Q4_K_M" },
             Reading { "DGX Spark runs gpt-oss-120b at 35\u201355 tokens per second",
                 ClaimKind::decode, 35, 55, "gpt-oss-120b", "dgx-spark-gb10", "" },
             Reading { "prompt processing of gpt-oss 120B on 3x RTX 3090: 1,642 t/s",
                 ClaimKind::prefill, 1642, 1642, "gpt-oss-120b", "3xrtx-3090", "" },
             Reading { "Two DGX Sparks decode Qwen3 235B A22B NVFP4 at 11.73 tps",
                 ClaimKind::decode, 11.73, 11.73, "qwen3-235b-a22b", "2xdgx-spark-gb10", "NVFP4" },
             Reading { "the M3 Ultra hits 100 tok/s with llama3.1:8b in 8-bit", ClaimKind::decode,
                 100, 100, "llama-3.1-8b", "m3-ultra-80c", "Q8_0" },
             Reading { "fine-tuning Llama 3.1 8B with LoRA on DGX Spark: 53,657.6 tok/s",
                 ClaimKind::training, 53657.6, 53657.6, "llama-3.1-8b", "dgx-spark-gb10", "" },
             Reading { "DGX Spark delivers 1 petaflop of FP4", ClaimKind::compute, 1000, 1000, "",
                 "dgx-spark-gb10", "NVFP4" },
             Reading { "RTX 3090 - 5000 tok/s prompt processing for Llama 3.1 8B",
                 ClaimKind::prefill, 5000, 5000, "llama-3.1-8b", "rtx-3090", "" },
             Reading { "of the two models Llama 3.1 8B does 90 tok/s on dual 24 GB RTX 4090",
                 ClaimKind::decode, 90, 90, "llama-3.1-8b", "2xrtx-4090", "" },
             Reading { "we ran two tests: Qwen3 8B at 100 tok/s on the RTX 3090", ClaimKind::decode,
                 100, 100, "qwen3-8b", "rtx-3090", "" },
             Reading { "Llama 3.3 70B in FP16 needs 140 GB", ClaimKind::memory, 140, 140,
                 "llama-3.x-70b", "", "F16" },
         }) {
        expect_read(wanted);
    }
}

TEST(Claim, sentences_as_people_write_them)
{
    for (auto const& wanted : {
             Reading { "8xH100 serve Llama 405B FP8 at 130 tok/s", ClaimKind::decode, 130, 130,
                 "llama-3.1-405b", "8xh100-80gb-sxm", "FP8" },
             Reading { "4x3090 do 70B Llama FP16 at 20 tok/s", ClaimKind::decode, 20, 20,
                 "llama-3.x-70b", "4xrtx-3090", "F16" },
             Reading { "RTX 4090 schafft Llama 3.1 8B mit 97,5 Token/s", ClaimKind::decode, 97.5,
                 97.5, "llama-3.1-8b", "rtx-4090", "" },
             Reading { "RTX 4090 runs Llama 3.1 8B at 1e9 tokens / s", ClaimKind::decode, 1e9, 1e9,
                 "llama-3.1-8b", "rtx-4090", "" },
             Reading { "1.5k t/s for Llama 3.1 8B on an A100 with vLLM", ClaimKind::decode, 1500,
                 1500, "llama-3.1-8b", "a100-80gb-sxm", "" },
             Reading { "50 users at once each get 40 tok/s from one 4090 with Llama 3.1 8B",
                 ClaimKind::decode, 2000, 2000, "llama-3.1-8b", "rtx-4090", "" },
             Reading { "M3 Ultra runs DeepSeek V3 at 20 tokens/second", ClaimKind::decode, 20, 20,
                 "deepseek-v3-671b", "m3-ultra-80c", "" },
             Reading { "M3 Ultra runs DeepSeek R1 at 20 tokens/second", ClaimKind::decode, 20, 20,
                 "deepseek-v3-671b", "m3-ultra-80c", "" },
             Reading {
                 "Phi-4 14B at 8-bit uses 15 GB", ClaimKind::memory, 15, 15, "phi-4", "", "Q8_0" },
             Reading { "Llama 4 Scout fits on one H100 with int4", ClaimKind::fit, 1, 1,
                 "llama-4-scout", "h100-80gb-sxm", "INT4-g128" },
             Reading { "5 nodes of 2,800 W produce 51,000 BTU/h", ClaimKind::heat, 51'000, 51'000,
                 "", "", "" },
             Reading { "two 1600 W supplies on one 20A 120V outlet", ClaimKind::circuit, 3200, 3200,
                 "", "", "" },
             Reading { "I bought 2 RTX 3090s and Llama 3.3 70B Q4_K_M does 16 tok/s",
                 ClaimKind::decode, 16, 16, "llama-3.x-70b", "2xrtx-3090", "Q4_K_M" },
             Reading { "4 H100s serve Llama 3.3 70B at 90 tok/s", ClaimKind::decode, 90, 90,
                 "llama-3.x-70b", "4xh100-80gb-sxm", "" },
             Reading { "Gemma 3 27B on 24 GB RTX 4090s at 40 tok/s", ClaimKind::decode, 40, 40,
                 "gemma-3-27b", "rtx-4090", "" },
             Reading { "Llama 3.1 405B in FP8 on 8x H100", ClaimKind::fit, 1, 1, "llama-3.1-405b",
                 "8xh100-80gb-sxm", "FP8" },
             Reading {
                 "3 nodes of 1.2 kW need 1 ton of cooling", ClaimKind::heat, 1, 1, "", "", "" },
             Reading { "1.5 kW on a 15 amp 120 volt breaker", ClaimKind::circuit, 1500, 1500, "",
                 "", "" },
             Reading { "RTX PRO 6000 runs gpt-oss-120b at 150 tok/s", ClaimKind::decode, 150, 150,
                 "gpt-oss-120b", "rtx-pro-6000-blackwell", "" },
             Reading {
                 "RTX 5090: 3352 AI TOPS", ClaimKind::compute, 3352, 3352, "", "rtx-5090", "" },
         }) {
        expect_read(wanted);
    }
}

TEST(Claim, training_takes_more_than_its_weights)
{
    EXPECT_EQ(answer("QLoRA of Llama 70B fits in 48 GB").judgement, ClaimJudgement::possible);
    EXPECT_EQ(answer("You can fine-tune Llama 70B with QLoRA on a 24GB card").judgement,
        ClaimJudgement::impossible);
    EXPECT_EQ(answer("an RTX 4090 can fine-tune Llama 3.1 8B with QLoRA").judgement,
        ClaimJudgement::possible);
    EXPECT_EQ(answer("full fine-tuning of Llama 3.1 8B fits in 24 GB").judgement,
        ClaimJudgement::impossible);
}

TEST(Claim, what_does_not_fit_is_read_from_elsewhere)
{
    auto const slow = answer("RTX 4090 runs Llama 3.3 70B Q4_K_M at 3 tok/s");
    EXPECT_EQ(slow.judgement, ClaimJudgement::possible_if);
    ASSERT_FALSE(slow.conditions.empty());
    EXPECT_NE(slow.conditions.back().find("read elsewhere"), std::string::npos);
    auto const fast = answer("RTX 4090 runs Llama 3.3 70B Q4_K_M at 22 tok/s");
    EXPECT_NE(fast.conditions.back().find("fast enough"), std::string::npos);
}

TEST(Claim, devices_on_a_circuit_draw_what_their_maker_says)
{
    EXPECT_EQ(answer("Four RTX 5090s on a 240V 20A circuit").judgement, ClaimJudgement::possible);
    EXPECT_EQ(answer("Four RTX 5090s on a 120V 15A circuit").judgement, ClaimJudgement::impossible);
}

TEST(Claim, needs_are_told_in_round_numbers)
{
    EXPECT_EQ(answer("A 70B Llama at FP8 needs 70 GB").judgement, ClaimJudgement::possible);
    EXPECT_NE(fault("DGX Spark has 31 TFLOPS FP32").find("no fp32 peak"), std::string::npos);
}

TEST(Claim, what_is_ambiguous_or_nonsense_is_refused)
{
    EXPECT_NE(fault("RTX 4090, Llama 3.1 8B: 128 tok/s, prompt eval 5,200 tok/s")
                  .find("several speeds, 128 and 5200"),
        std::string::npos);
    EXPECT_NE(fault("-5 tok/s of Llama 3.1 8B on a 4090").find("above 0"), std::string::npos);
    EXPECT_NE(fault("Node pays back after 3,500 hours at $4/h vs $1.06").find("lacks a price"),
        std::string::npos);
}

TEST(Claim, what_hardware_does_is_possible)
{
    for (auto const* text : { "Llama 3.1 8B Q4_K_M decodes at 200 tok/s on an RTX 5090",
             "gpt-oss-120b on DGX Spark: 55 tok/s",
             "gpt-oss-120b prefill 1,725-1,821 tok/s on DGX Spark at 2k context",
             "Llama 3.3 70B in FP16 needs 142 GB",
             "the KV cache of a 70B Llama takes 10.7 GB at 32k", "RTX 5090 has 1,792 GB/s",
             "15,000 W are 51,182 BTU/h", "a 1,900 W node on a 120 V 20 A circuit" })
        EXPECT_EQ(to_string(answer(text).judgement), "possible") << text;
}

TEST(Claim, more_than_the_bytes_allow_needs_an_assumption)
{
    auto const fast = answer("RTX 4090 runs Llama 3.3 70B Q4_K_M at 300 tok/s");
    EXPECT_EQ(fast.judgement, ClaimJudgement::possible_if);
    EXPECT_GT(fast.factor, 10);
    ASSERT_FALSE(fast.conditions.empty());
    EXPECT_NE(fast.conditions.front().find("requests at a time"), std::string::npos)
        << fast.conditions.front();
}

TEST(Claim, more_than_the_bytes_allow_of_one_stream_is_impossible)
{
    auto const fast = answer("RTX 4090 runs Llama 3.3 70B Q4_K_M at 300 tok/s with batch size 1");
    EXPECT_EQ(fast.judgement, ClaimJudgement::impossible);
    EXPECT_NEAR(fast.factor, 300 / fast.ceiling, 1e-9);
    EXPECT_NEAR(fast.ceiling, 1008 / 41.9, 0.6);
}

TEST(Claim, the_posts_own_training_rates_count_padding)
{
    auto const rate = answer("Llama 3.1 8B LoRA fine-tuning peaks at 53,657 tok/s on DGX Spark");
    EXPECT_EQ(rate.judgement, ClaimJudgement::possible_if);
    EXPECT_NEAR(rate.factor, 13.8, 0.3);
    EXPECT_NE(rate.conditions.front().find("not there"), std::string::npos);
}

TEST(Claim, a_petaflop_counts_zeros)
{
    auto const sparse = answer("DGX Spark delivers 1 petaflop of FP4");
    EXPECT_EQ(sparse.judgement, ClaimJudgement::possible_if);
    EXPECT_DOUBLE_EQ(sparse.ceiling, 500);
    EXPECT_EQ(
        answer("DGX Spark delivers 2 petaflops of FP4").judgement, ClaimJudgement::impossible);
}

TEST(Claim, a_slow_result_is_called_held_back)
{
    auto const slow = answer("Qwen3 30B A3B Q4_K_M at 16k context: 20-24 tok/s on DGX Spark");
    EXPECT_EQ(slow.judgement, ClaimJudgement::possible);
    ASSERT_FALSE(slow.conditions.empty());
    EXPECT_NE(slow.conditions.front().find("less than half"), std::string::npos);
}

TEST(Claim, payback_says_what_would_make_it_true)
{
    auto const payback = answer(
        "The $3,999 Spark pays for itself in 2-6 months at 4+ hours a day against $4/h");
    EXPECT_EQ(payback.judgement, ClaimJudgement::possible_if);
    EXPECT_NEAR(payback.ceiling, 8.3, 0.1);
    EXPECT_EQ(payback.conditions.size(), 2u);
    auto const hours = answer("An $8,235 node breaks even after 3,000-4,000 hours at $3/h");
    EXPECT_EQ(hours.judgement, ClaimJudgement::possible);
}

TEST(Claim, heat_behind_power_supplies_is_explained)
{
    auto const heat = answer("a node of 2,800 W gives 10,200 BTU/h");
    EXPECT_EQ(heat.judgement, ClaimJudgement::possible_if);
    EXPECT_NE(heat.conditions.front().find("93.7 %"), std::string::npos) << heat.conditions.front();
    EXPECT_EQ(answer("a node of 2,800 W gives 30,000 BTU/h").judgement, ClaimJudgement::impossible);
    EXPECT_EQ(
        answer("a 2,989 W node on a 120 V 20 A circuit").judgement, ClaimJudgement::impossible);
}

TEST(Claim, that_a_machine_runs_a_model_needs_no_number)
{
    auto const sparks = answer("the pair of Sparks runs Llama 405B");
    EXPECT_EQ(sparks.judgement, ClaimJudgement::possible_if);
    ASSERT_FALSE(sparks.conditions.empty());
    EXPECT_NE(sparks.conditions.front().find("weights are in"), std::string::npos);
    EXPECT_EQ(answer("an RTX 5090 runs gpt-oss-120b").judgement, ClaimJudgement::impossible);
    EXPECT_EQ(answer("DGX Spark runs gpt-oss-120b").judgement, ClaimJudgement::possible);
}

TEST(Claim, speeds_of_processors_need_no_memory_said)
{
    auto const claim = answer("two EPYC 9654 run Llama 3.1 8B Q4_K_M at 300 tok/s");
    EXPECT_EQ(claim.judgement, ClaimJudgement::possible_if);
    EXPECT_NE(std::find(claim.assumed.begin(), claim.assumed.end(), "memory enough for it"),
        claim.assumed.end());
    EXPECT_NE(fault("an EPYC 9654 runs Llama 3.1 8B").find("memory"), std::string::npos);
}

TEST(Claim, what_cannot_be_told_is_said)
{
    EXPECT_NE(fault("it is really fast").find("cannot tell what is claimed"), std::string::npos);
    EXPECT_NE(fault("").find("cannot tell what is claimed"), std::string::npos);
    EXPECT_NE(fault("RTX 5090 reaches 200 tok/s").find("which model"), std::string::npos);
    EXPECT_NE(fault("Llama 3.1 8B reaches 200 tok/s").find("which device"), std::string::npos);
    EXPECT_NE(
        fault("The Spark pays back in 3 months at $4/h").find("hours of use"), std::string::npos);
    EXPECT_NE(fault("the KV cache of Llama 3.1 8B takes 4 GB").find("context"), std::string::npos);
    EXPECT_NE(fault(std::string(20'000, 'x')).find("sentence"), std::string::npos);
}

TEST(Claim, streams_and_contexts_that_no_machine_has_are_refused)
{
    auto const digits = std::string(40, '9');
    EXPECT_NE(fault("Llama 3.1 8B reaches 200 tok/s on an RTX 5090 with " + digits + " users")
                  .find("streams is 1e+40"),
        std::string::npos);
    EXPECT_NE(fault("the KV cache of Llama 3.1 8B takes 4 GB at " + digits + "k context")
                  .find("context is"),
        std::string::npos);
}

// With AddressSanitizer: a model that was read already must not be lost with the error.
TEST(Claim, a_known_model_on_an_unknown_device_is_an_error_without_a_leak)
{
    EXPECT_NE(fault("gpt-oss-120b prefill 1,725 tokens per second on k").find("which device"),
        std::string::npos);
}

TEST(Claim, any_text_gives_an_answer_or_an_error)
{
    for (auto const* text :
        { "$", "-", "1,,,2 tok/s", "999999999999999999999999999 tok/s RTX 5090 8b",
            "0 tok/s Llama 3.1 8B RTX 5090", "\xff\xfe tok/s", "1-1-1-1 tok/s", "k k k 5k at 5k",
            "99x RTX 5090 Llama 3.1 8B 5 tok/s at 99999999k context" })
        static_cast<void>(fault(text));
}

}

}
