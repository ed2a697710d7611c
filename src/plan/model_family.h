#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

// What the config.json of a family of models leaves unsaid.
namespace sidereal::plan {

struct ModelFamily {
    // As model_type says it.
    std::string_view type;
    // 3 with a gate (SwiGLU), 2 without.
    int ffn_matrices { 3 };
    // The head is the embedding unless the config says otherwise.
    bool is_tied { false };
    std::int64_t norms { 2 };
    // Every so manieth layer sees everything, if there is a window and no list of layers.
    std::int64_t full_every { 0 };
    // Queries are twice as wide: one half gates what attention gives.
    bool is_gated { false };
    // The feed-forward part is four times the width where no width of it is given.
    bool is_four_wide { false };
    // The head sizes and the vocabulary that configs of this family leave out.
    std::int64_t q_heads { 0 };
    std::int64_t kv_heads { 0 };
    std::int64_t head_dim { 0 };
    std::int64_t vocab { 0 };
};

// The family, or nothing if it is not known.
ModelFamily const* find_family(std::string_view model_type);

// Models that a config.json does not tell enough of: layers of kinds of their own.
bool is_beyond_config(std::string_view model_type);

// Words in the name of a field that belong to layers which are no plain transformer's.
std::vector<std::string_view> const& structural_words();

}
