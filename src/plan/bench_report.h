#pragma once

#include <base/result.h>

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

// What the engines' own benchmarks report.
namespace sidereal::plan {

struct BenchRun {
    // "llama.cpp" or "vllm".
    std::string engine;
    std::string version;
    // The file's or model's name, from which model and quant may be told: "llama 8B Q4_K - Medium".
    std::string model;
    // "NVIDIA GeForce RTX 4090", if it says so.
    std::string device;
    std::string phase;
    std::string cache_type { "f16" };
    double tokens_per_s { 0 };
    std::int64_t prompt { 0 };
    std::int64_t generated { 0 };
    // Tokens in the cache before the test.
    std::int64_t depth { 0 };
    std::int64_t micro_batch { 512 };
    std::int64_t streams { 1 };
};

// By their beginning: the JSON array, the CSV and the markdown table that llama-bench prints, and
// the object that `vllm bench serve` saves. invalid_input names the row and the field.
Result<std::vector<BenchRun>> read_bench_report(std::string_view text, std::string_view name);

}
