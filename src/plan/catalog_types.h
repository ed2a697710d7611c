#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

// The rows of the catalogue about models, how they are stored and what runs them.
namespace sidereal::plan {

// A block format of a tensor in a file.
struct QuantType {
    std::string id;
    std::int64_t ggml_type { 0 };
    std::uint64_t block_elements { 1 };
    std::uint64_t block_bytes { 1 };

    double bits_per_weight() const
    {
        return 8.0 * static_cast<double>(block_bytes) / static_cast<double>(block_elements);
    }
};

// How a checkpoint is quantised as a whole.
struct QuantScheme {
    std::string id;
    std::string name;
    double bits_per_weight { 0 };
    // Whether the embedding and the head stay in bf16.
    bool bf16_embedding { false };
};

// The average of a whole GGUF file of an 8B model.
struct FileType {
    std::string id;
    double bits_per_weight { 0 };
};

// How much of a device an engine gets: a few numbers with a meaning, by family of devices.
struct EngineProfile {
    std::string id;
    std::string engine;
    std::vector<std::string> families;
    // Of nominal memory bandwidth.
    double bandwidth_efficiency { 0 };
    // What a layer costs besides moving its bytes: launches, synchronisation.
    double layer_dense_us { 0 };
    double layer_moe_us { 0 };
    // Standard deviation of the logarithm of measured over predicted, for devices among the
    // measured ones and for others.
    double decode_sigma_seen { 0 };
    double decode_sigma_unseen { 0 };
    // "int8", "fp16" or "best": the peak that prefill is a share of.
    std::string prefill_path;
    double prefill_efficiency_dense { 0 };
    double prefill_efficiency_moe { 0 };
    // Of the fp16 peak.
    double attention_efficiency { 0 };
    std::vector<std::string> seen;
    std::string source;
};

struct ModelEntry {
    std::string id;
    std::int64_t layers { 0 };
    std::int64_t hidden { 0 };
    // Of one expert if there are any.
    std::int64_t ffn { 0 };
    std::int64_t q_heads { 0 };
    std::int64_t kv_heads { 0 };
    std::int64_t head_dim { 0 };
    std::int64_t vocab { 0 };
    bool tied_embeddings { false };
    std::int64_t experts { 0 };
    std::int64_t experts_per_token { 0 };
    std::int64_t sliding_window { 0 };
    std::int64_t full_attention_every { 0 };
    // "none", "qkv" or "qkvo".
    std::string attention_bias { "none" };
    bool expert_bias { false };
    // The one it is published in, if it is quantised.
    std::string natural_quant;
    std::optional<std::int64_t> published_params;
};

}
