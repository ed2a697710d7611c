#pragma once

#include <base/json.h>
#include <plan/fields.h>
#include <plan/model_family.h>

#include <cstdint>
#include <string>
#include <vector>

// The numbers of a config.json that say how large a model is, by whatever name.
namespace sidereal::plan {

struct Mamba {
    std::int64_t heads { 0 };
    std::int64_t head_dim { 0 };
    std::int64_t inner { 0 };
    std::int64_t state { 0 };
    std::int64_t groups { 0 };
    std::int64_t kernel { 0 };
    // Of the first kind, which has no heads.
    std::int64_t dt_rank { 0 };
};

struct ConfigShape {
    std::int64_t layers { 0 };
    std::int64_t hidden { 0 };
    std::int64_t vocab { 0 };
    std::int64_t ffn { 0 };
    std::int64_t expert_ffn { 0 };
    std::int64_t shared { 0 };
    std::int64_t experts { 0 };
    std::int64_t experts_per_token { 0 };
    // Layers from `leading_dense` on that have experts: each `sparse_step`th.
    std::int64_t leading_dense { 0 };
    std::int64_t sparse_step { 1 };
    std::int64_t sparse_offset { 0 };
    std::int64_t q_heads { 0 };
    std::int64_t kv_heads { 0 };
    std::int64_t head_dim { 0 };
    bool is_gated { false };
    std::int64_t window { 0 };
    // Layers before this one see everything, window or not.
    std::int64_t windows_from { 0 };
    std::int64_t full_every { 0 };
    std::int64_t windows_every { 0 };
    std::int64_t latent { 0 };
    std::int64_t q_rank { 0 };
    std::int64_t nope { 0 };
    std::int64_t rope { 0 };
    std::int64_t value { 0 };
    std::int64_t linear_key_heads { 0 };
    std::int64_t linear_value_heads { 0 };
    std::int64_t linear_key_dim { 0 };
    std::int64_t linear_value_dim { 0 };
    std::int64_t linear_kernel { 0 };
    // Of Kimi's delta attention; its kernel is the linear one's.
    std::int64_t delta_heads { 0 };
    std::int64_t delta_dim { 0 };
    // Of short convolutions.
    std::int64_t conv_kept { 0 };
    Mamba mamba;
    // Attention and a state space side by side in each layer.
    bool is_parallel { false };
    // What each layer is, as the config calls it; empty: all attention.
    std::vector<std::string> types;
};

// Faults, missing fields among them, are told to `fields`.
ConfigShape read_config_shape(
    JsonObject const& config, Fields& fields, ModelFamily const& family, std::string_view type);

}
