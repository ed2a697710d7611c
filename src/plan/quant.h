#pragma once

#include <plan/model.h>

#include <string>
#include <string_view>
#include <vector>

// How many bytes a model's parts take in a quantisation.
namespace sidereal::plan {

struct Weights {
    Parts bytes;
    std::string quant;
    // How it was reckoned: for --explain.
    std::string formula;
    // "exact" from tensors, "high" from rules by class, "medium" from an average.
    std::string confidence;
};

// Those of the file if it has a list of tensors; `quant` must then be empty or the file's own.
// `engine` decides what an ambiguous name means: NVFP4 is a tensor type to llama.cpp, a checkpoint
// with a bf16 head to others. invalid_input "cannot size" for what the catalogue does not know.
Result<Weights> size_weights(
    Model const& model, std::string_view quant, std::string_view engine, Catalog const& catalog);

// Bits of one element of the cache: "f16", "q8_0", "fp8".
Result<double> cache_bits(std::string_view type, Catalog const& catalog);

// From many bits to few, those worth trying when memory is short.
std::vector<std::string> quant_ladder(std::string_view engine);

// "fp16", "q8", "k4": what calibration takes for alike.
std::string quant_class(std::string_view quant);

}
