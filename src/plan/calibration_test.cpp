#include <plan/bench_match.h>
#include <plan/bench_report.h>
#include <plan/calibration.h>
#include <plan/model_plan.h>

#include <gtest/gtest.h>

#include <cmath>

namespace sidereal::plan {

namespace {

Measured run(double ratio, Shares const& shares = {}, std::string version = "")
{
    Measured made;
    made.device = "rtx-3090";
    made.engine = "llama.cpp";
    made.version = std::move(version);
    made.quant_class = "4-bit";
    made.phase = "decode";
    made.predicted = 100;
    made.tokens_per_s = 100 * ratio;
    made.shares = shares;
    return made;
}

CorrectionQuery query(std::string_view engine = "llama.cpp")
{
    return { "rtx-3090", engine, "4-bit", "decode", 0.1, {} };
}

TEST(Calibration, without_runs_the_profile_stands)
{
    auto const correction = Calibration {}.correction(query());
    EXPECT_DOUBLE_EQ(correction.factor, 1);
    EXPECT_DOUBLE_EQ(correction.sigma, 0.1);
    EXPECT_EQ(correction.points, 0);
}

// One run of sigma 0.04 against a prior of 0.1: it counts 25 / 29.
TEST(Calibration, one_run_moves_the_prediction_most_of_the_way)
{
    auto const correction = Calibration { { run(1.2) } }.correction(query());
    EXPECT_NEAR(std::log(correction.factor), std::log(1.2) * 0.01 / (0.01 + 0.0016), 1e-12);
    EXPECT_NEAR(correction.bandwidth_sigma, std::sqrt(1 / (1 / 0.01 + 1 / 0.0016)), 1e-12);
    EXPECT_LT(correction.sigma, 0.1);
}

TEST(Calibration, more_runs_leave_less_doubt)
{
    Calibration calibration;
    double before = 1;
    for (int i = 0; i < 5; ++i) {
        auto next = run(1.1);
        next.predicted += i;
        next.tokens_per_s = 1.1 * next.predicted;
        add_run(calibration, next);
        auto const sigma = calibration.correction(query()).bandwidth_sigma;
        EXPECT_LT(sigma, before);
        before = sigma;
    }
    EXPECT_EQ(calibration.measured.size(), 5u);
    EXPECT_NEAR(calibration.correction(query()).factor, 1.1, 0.01);
}

// A large model tells of bandwidth, a small one of layers.
TEST(Calibration, models_of_different_shares_tell_both_parameters_apart)
{
    Calibration calibration;
    auto large = run(1.0, { 0.98, 0.02 });
    large.model = "large";
    auto small = run(0.8, { 0.3, 0.7 });
    small.model = "small";
    calibration.measured = { large, small };
    auto asked = query();
    asked.shares = { 0.95, 0.05 };
    EXPECT_NEAR(calibration.correction(asked).factor, 1, 0.03);
    asked.shares = { 0.35, 0.65 };
    auto const correction = calibration.correction(asked);
    EXPECT_NEAR(correction.factor, 0.8, 0.05);
    EXPECT_GT(correction.layers, 1.2);
    EXPECT_NEAR(correction.bandwidth, 1, 0.03);
}

TEST(Calibration, the_asked_version_counts_alone_once_it_is_there)
{
    Calibration calibration { { run(1.2, {}, "100"), run(0.9, {}, "200") } };
    EXPECT_EQ(calibration.correction(query()).points, 2);
    EXPECT_EQ(calibration.correction(query("llama.cpp-200")).points, 1);
    EXPECT_LT(calibration.correction(query("llama.cpp-200")).factor, 1);
    EXPECT_EQ(calibration.correction(query("llama.cpp-300")).points, 2);
    EXPECT_EQ(calibration.correction(query("vllm")).points, 0);
}

TEST(Calibration, an_outlier_is_kept_and_does_not_count)
{
    Calibration const calibration { { run(0.4) } };
    EXPECT_TRUE(is_outlier(calibration.measured.front()));
    EXPECT_EQ(calibration.correction(query()).points, 0);
}

TEST(Calibration, the_same_run_again_replaces_the_first)
{
    Calibration calibration;
    add_run(calibration, run(1.1));
    add_run(calibration, run(1.2));
    ASSERT_EQ(calibration.measured.size(), 1u);
    EXPECT_DOUBLE_EQ(calibration.measured.front().tokens_per_s, 120);
}

TEST(Calibration, survives_being_written_and_read)
{
    Calibration calibration { { run(1.1, { 0.7, 0.3 }, "6918") } };
    calibration.measured.front().source = "mine.json";
    auto const back = read_calibration(write_calibration(calibration), "x.json");
    ASSERT_TRUE(back.has_value()) << back.error().message;
    EXPECT_EQ(write_calibration(*back), write_calibration(calibration));
}

TEST(Calibration, changes_what_a_plan_says)
{
    auto const& catalog = shipped_catalog();
    auto const model = model_of(**find_model(catalog, "llama-3.1-8b"));
    auto const machine = *read_machine("rtx-3090", {}, catalog);
    Workload workload;
    workload.quant = "Q4_K_M";
    auto const before = *plan_model(model, machine, workload, catalog);
    Calibration calibration { { run(1.1, before.shares) } };
    auto const after = *plan_model(model, machine, workload, catalog, calibration);
    EXPECT_GT(after.decode.value, before.decode.value * 1.05);
    EXPECT_LT(after.decode.high / after.decode.low, before.decode.high / before.decode.low);
    EXPECT_EQ(after.prefill.value, before.prefill.value);
}

TEST(BenchReport, llama_bench_json_gives_its_runs)
{
    auto const runs = read_bench_report(R"([
        {"build_number": 6918, "gpu_info": "NVIDIA GB10", "model_type": "qwen2 7B Q8_0",
         "n_prompt": 2048, "n_gen": 0, "n_depth": 4096, "n_ubatch": 2048, "avg_ts": 2090.96},
        {"build_number": 6918, "gpu_info": "NVIDIA GB10", "model_type": "qwen2 7B Q8_0",
         "n_prompt": 0, "n_gen": 32, "n_depth": 0, "avg_ts": 29.3, "other": [1]},
        {"build_number": 6918, "model_type": "qwen2 7B Q8_0", "n_prompt": 512, "n_gen": 128,
         "avg_ts": 100}])",
        "b.json");
    ASSERT_TRUE(runs.has_value()) << runs.error().message;
    ASSERT_EQ(runs->size(), 2u);
    EXPECT_EQ(runs->front().phase, "prefill");
    EXPECT_EQ(runs->front().version, "6918");
    EXPECT_EQ(runs->front().depth, 4096);
    EXPECT_EQ(runs->front().micro_batch, 2048);
    EXPECT_EQ(runs->back().phase, "decode");
    EXPECT_EQ(runs->back().device, "NVIDIA GB10");
}

TEST(BenchReport, its_markdown_and_csv_say_the_same)
{
    auto const markdown = read_bench_report("| model                  |     size | params | "
                                            "backend | ngl |            test |      t/s |\n"
                                            "| ---------------------- | -------: | -----: | "
                                            "------- | --: | --------------: | -------: |\n"
                                            "| llama 8B Q4_K - Medium | 4.58 GiB | 8.03 B | CUDA   "
                                            " |  99 |   tg128 @ d4096 | 110.5 \xc2\xb1 1 |\n"
                                            "| llama 8B Q4_K - Medium | 4.58 GiB | 8.03 B | CUDA   "
                                            " |  99 |           pp512 | 4030.40 |\n"
                                            "\nbuild: 2f68ce7cf (6918)\n",
        "b.md");
    ASSERT_TRUE(markdown.has_value()) << markdown.error().message;
    ASSERT_EQ(markdown->size(), 2u);
    EXPECT_DOUBLE_EQ(markdown->front().tokens_per_s, 110.5);
    EXPECT_EQ(markdown->front().depth, 4096);
    EXPECT_EQ(markdown->back().prompt, 512);
    EXPECT_EQ(markdown->back().version, "6918");
    auto const csv = read_bench_report(
        "build_number,model_type,n_prompt,n_gen,n_depth,avg_ts\n"
        "\"6918\",\"llama 8B Q4_K - Medium\",\"0\",\"128\",\"4096\",\"110.5\"\n",
        "b.csv");
    ASSERT_TRUE(csv.has_value()) << csv.error().message;
    ASSERT_EQ(csv->size(), 1u);
    EXPECT_EQ(csv->front().model, markdown->front().model);
    EXPECT_DOUBLE_EQ(csv->front().tokens_per_s, 110.5);
}

TEST(BenchReport, what_was_logged_before_it_is_left_out)
{
    std::string const log = "ggml_cuda_init: found 1 CUDA devices:\n  Device 0: NVIDIA, VMM: yes\n";
    auto const table = read_bench_report(
        log + "| model | backend | test | t/s |\n| x 8B Q4_0 | CUDA | tg128 | 100.5 |\n", "b.md");
    ASSERT_TRUE(table.has_value()) << table.error().message;
    EXPECT_DOUBLE_EQ(table->front().tokens_per_s, 100.5);
    std::string const line = R"({"model_type":"x 8B Q4_0","gpu_info":"NVIDIA GB10","n_prompt":0,)"
                             R"("n_gen":128,"n_depth":0,"avg_ts":90.5})";
    auto const lines = read_bench_report(log + line + "\n" + line + "\n", "b.jsonl");
    ASSERT_TRUE(lines.has_value()) << lines.error().message;
    ASSERT_EQ(lines->size(), 2u);
    EXPECT_DOUBLE_EQ(lines->back().tokens_per_s, 90.5);
    EXPECT_FALSE(read_bench_report(line + "\n{\"avg_ts\":\n", "b.jsonl"));
}

TEST(BenchReport, vllm_gives_decode_and_of_one_stream_prefill)
{
    auto const alone = read_bench_report(
        R"({"model_id": "meta-llama/Llama-3.1-8B", "max_concurrency": 1, "num_prompts": 10,
            "total_input_tokens": 10240, "total_output_tokens": 1280, "mean_tpot_ms": 10,
            "mean_ttft_ms": 100})",
        "v.json");
    ASSERT_TRUE(alone.has_value()) << alone.error().message;
    ASSERT_EQ(alone->size(), 2u);
    EXPECT_DOUBLE_EQ(alone->front().tokens_per_s, 100);
    EXPECT_EQ(alone->front().depth, 1024);
    EXPECT_DOUBLE_EQ(alone->back().tokens_per_s, 10240);
    auto const many = read_bench_report(
        R"({"model_id": "m", "max_concurrency": 8, "mean_tpot_ms": 10, "mean_ttft_ms": 100})",
        "v.json");
    ASSERT_TRUE(many.has_value());
    EXPECT_EQ(many->size(), 1u);
}

TEST(BenchReport, what_it_is_not_is_said)
{
    for (auto const* text : { "", "hello", "model,avg_xx\n1,2\n", "{}", "[1]",
             "[{\"model_type\": \"x\"}]", "| model | t/s |\n|---|---|\n| x | fast |\n" }) {
        auto const runs = read_bench_report(text, "b");
        ASSERT_FALSE(runs.has_value()) << text;
        EXPECT_TRUE(runs.error().message.starts_with("b")) << runs.error().message;
    }
}

TEST(BenchMatch, model_quant_and_device_are_told_from_what_llama_bench_writes)
{
    BenchRun run;
    run.engine = "llama.cpp";
    run.phase = "decode";
    run.generated = 128;
    run.tokens_per_s = 100;
    struct Case {
        std::string_view model;
        std::string_view device;
        std::string_view id;
        std::string_view quant_class;
        std::string_view device_id;
    };
    for (auto const& wanted : {
             Case { "llama 8B Q4_K - Medium", "NVIDIA GeForce RTX 4090", "llama-3.1-8b", "4-bit",
                 "rtx-4090" },
             Case { "qwen3moe 30B.A3B Q8_0", "NVIDIA GB10", "qwen3-30b-a3b", "8-bit",
                 "dgx-spark-gb10" },
             Case { "gpt-oss 20B MXFP4 MoE", "NVIDIA GeForce RTX 5080", "gpt-oss-20b", "4-bit",
                 "rtx-5080" },
             Case {
                 "qwen2 7B Q8_0", "NVIDIA A100-SXM4-80GB", "qwen2.5-7b", "8-bit", "a100-80gb-sxm" },
             Case { "gemma3 4B Q4_0", "Apple M4 Max", "gemma-3-4b", "4-bit", "m4-max-40c" },
         }) {
        run.model = wanted.model;
        run.device = wanted.device;
        auto const measured = measure(run, { {}, {}, {}, "b.json" }, shipped_catalog());
        ASSERT_TRUE(measured.has_value()) << measured.error().message;
        EXPECT_EQ(measured->model, wanted.id);
        EXPECT_EQ(measured->quant_class, wanted.quant_class) << wanted.model;
        EXPECT_EQ(measured->device, wanted.device_id);
    }
    run.device = "Matrox Mystique";
    auto const unknown = measure(run, { {}, {}, {}, "b.json" }, shipped_catalog());
    ASSERT_FALSE(unknown.has_value());
    EXPECT_NE(unknown.error().message.find("--machine"), std::string::npos);
}

}

}
