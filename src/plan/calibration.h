#pragma once

#include <base/result.h>

#include <string>
#include <string_view>
#include <vector>

// What measured runs say about the predictions: by device, engine, version and class of quants.
namespace sidereal::plan {

struct Measured {
    std::string device;
    std::string engine;
    std::string version;
    // As plan/quant.h's quant_class gives it.
    std::string quant_class;
    std::string model;
    // "decode" or "prefill".
    std::string phase;
    double tokens_per_s { 0 };
    // By the profile alone.
    double predicted { 0 };
};

// Multiplies a prediction; sigma is the standard deviation of its logarithm.
struct Correction {
    double factor { 1 };
    double sigma { 0 };
    int points { 0 };
};

struct Calibration {
    std::vector<Measured> measured;

    // The mean of the logarithms of measured over predicted, drawn towards the profile, whose own
    // sigma is the prior's. Runs of an engine count for all of its versions until one of the asked
    // version is there.
    Correction correction(std::string_view device, std::string_view engine,
        std::string_view quant_class, std::string_view phase, double prior_sigma) const;
};

// One that is more than twice off the prediction is suspect.
bool is_outlier(Measured const& run);

// {"runs": [...]}, strictly; the error names the field.
Result<Calibration> read_calibration(std::string_view text, std::string_view name);
std::string write_calibration(Calibration const& calibration);

// What a benchmark's own report holds; the rest of Measured is for the caller to fill in.
struct BenchRun {
    std::string version;
    // The file's or model's name, from which its quant may be told.
    std::string model;
    std::string phase;
    double tokens_per_s { 0 };
    double prompt { 0 };
    double generated { 0 };
    double depth { 0 };
    double streams { 1 };
};
// The array that `llama-bench -o json` prints.
Result<std::vector<BenchRun>> read_llama_bench(std::string_view text, std::string_view name);
// The object that `vllm bench serve` or `vllm bench throughput` saves.
Result<std::vector<BenchRun>> read_vllm_bench(std::string_view text, std::string_view name);

}
