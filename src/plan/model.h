#pragma once

#include <base/result.h>
#include <plan/catalog.h>

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

// What a model is made of, as far as memory and speed go, whoever described it.
namespace sidereal::plan {

enum class LayerKind : std::uint8_t {
    attention,
    // Linear attention or a state space: its memory does not grow with the context.
    recurrent,
};

struct Layer {
    LayerKind kind { LayerKind::attention };
    std::int64_t q_heads { 0 };
    std::int64_t kv_heads { 0 };
    std::int64_t key_dim { 0 };
    std::int64_t value_dim { 0 };
    // Of latent attention (MLA): what is kept a token, rotated part included; else 0.
    std::int64_t latent_dim { 0 };
    std::int64_t rope_dim { 0 };
    std::int64_t q_rank { 0 };
    // What attention gives is multiplied with a gate as wide as the queries.
    bool is_gated { false };
    // Tokens kept; 0: all.
    std::int64_t window { 0 };
    // Of a recurrent layer, or of what is recurrent in a layer that attends as well: a sequence, in
    // fp32.
    double state_bytes { 0 };
    double state_params { 0 };
    // Width of the dense or shared part and of one expert.
    std::int64_t ffn { 0 };
    std::int64_t expert_ffn { 0 };
};

// One number for each part that engines store and read differently.
struct Parts {
    double embedding { 0 };
    // 0 if it is the embedding.
    double head { 0 };
    double attention { 0 };
    double ffn { 0 };
    double experts { 0 };
    // Norms, biases, routers.
    double small { 0 };

    double total() const { return embedding + head + attention + ffn + experts + small; }
};

struct Model {
    std::string id;
    // "catalogue", "GGUF file x.gguf".
    std::string source;
    std::int64_t hidden { 0 };
    std::int64_t vocab { 0 };
    bool tied { false };
    std::int64_t experts { 0 };
    std::int64_t experts_per_token { 0 };
    // 3 with a gate (SwiGLU), 2 without.
    int ffn_matrices { 3 };
    // A layer. Each one more than the usual two is some kernels more that an engine launches.
    std::int64_t norms { 2 };
    std::vector<Layer> layers;
    Parts params;
    // From a list of tensors, exact.
    std::optional<Parts> bytes;
    // Of a file, or what it is published in; empty if it may be any.
    std::string quant;
    // Types of tensors that are not in the catalogue.
    std::vector<std::string> unknown_types;
    // What was taken for granted, for people.
    std::vector<std::string> notes;
    std::optional<std::int64_t> max_context;

    bool is_moe() const { return experts > 0; }
    // Read for one token: everything but the table of embeddings and the experts not chosen.
    double active_params() const;
    // Multiplied with each token of a prompt: the head is not.
    double prompt_params() const;
};

// Counts from the shape alone.
Parts count_params(Model const& model, ModelEntry const* biases = nullptr);

Model model_of(ModelEntry const& entry);

// Everything within the limits that a real model can have; invalid_input names what is not.
Status check_model(Model const& model);

}
