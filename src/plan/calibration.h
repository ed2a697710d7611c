#pragma once

#include <base/result.h>

#include <string>
#include <string_view>
#include <vector>

// What measured runs say about the predictions: by device, engine, version and class of quants.
namespace sidereal::plan {

// Of a decode step's predicted time, how much goes with the share of bandwidth that is reached and
// how much with the overhead of layers; of prefill all goes with the first.
struct Shares {
    double bandwidth { 1 };
    double layers { 0 };
};

struct Measured {
    std::string device;
    std::string engine;
    // The engine's build; empty if it is not known.
    std::string version;
    // As plan/quant.h's quant_class gives it.
    std::string quant_class;
    std::string model;
    // "decode" or "prefill".
    std::string phase;
    double tokens_per_s { 0 };
    // By the profile alone.
    double predicted { 0 };
    Shares shares;
    // The file it was read from.
    std::string source;
};

// What a correction is asked for.
struct CorrectionQuery {
    std::string_view device;
    // "llama.cpp", or with a version of its own: "llama.cpp-6918".
    std::string_view engine;
    std::string_view quant_class;
    std::string_view phase;
    // Of the profile: standard deviation of the logarithm of measured over predicted.
    double prior_sigma { 0.1 };
    Shares shares;
};

// Multiplies a prediction; sigma is the standard deviation of its logarithm.
struct Correction {
    double factor { 1 };
    double sigma { 0 };
    int points { 0 };
    // Factors on the two parameters: more bandwidth, and less overhead of layers, than the profile
    // says; with their standard deviations. Those of the profile are `prior`.
    double bandwidth { 1 };
    double bandwidth_sigma { 0 };
    double layers { 1 };
    double layers_sigma { 0 };
    double prior_bandwidth_sigma { 0 };
    double prior_layers_sigma { 0 };
};

struct Calibration {
    std::vector<Measured> measured;

    // Bayes' rule for both parameters: each run's logarithm of measured over predicted is their
    // logarithms weighted with the shares, and noise. Runs of the asked version count if there are
    // any, otherwise those of all versions. Outliers do not count.
    Correction correction(CorrectionQuery const& query) const;
};

// One that is more than twice off the prediction is suspect.
bool is_outlier(Measured const& run);

// {"runs": [...]}, strictly; the error names the field.
Result<Calibration> read_calibration(std::string_view text, std::string_view name);
std::string write_calibration(Calibration const& calibration);

// The same run again takes the place of the one that is there.
void add_run(Calibration& calibration, Measured run);

}
