#pragma once

#include <plan/model.h>

#include <cstdint>

// The key-value cache.
namespace sidereal::plan {

struct CacheShape {
    std::int64_t context { 0 };
    // Bits an element.
    double bits { 16 };
    // What an engine rounds the tokens of a sequence up to.
    std::int64_t padding { 1 };
    // Tokens of a micro-batch for which llama.cpp keeps room beside each window; others: 0.
    std::int64_t micro_batch { 0 };
};

// Bytes of one sequence: sum over the layers of the tokens that a layer keeps times its row. Exact
// for whole blocks.
double cache_bytes(Model const& model, CacheShape const& shape);

// Bytes that one more token adds once all windows are full.
double cache_bytes_per_token(Model const& model, double bits);

// Bytes of one layer, and its elements a token.
double layer_cache_bytes(Layer const& layer, CacheShape const& shape);
double layer_row_elements(Layer const& layer);

}
