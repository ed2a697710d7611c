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
    // Of nominal memory bandwidth: weights in 16 bits, and the cache.
    double bandwidth_efficiency { 0 };
    double cache_efficiency { 0 };
    // Of bandwidth_efficiency, where unpacking a class of quants costs more than moving it.
    double relative_8bit { 1 };
    double relative_4bit { 1 };
    double relative_k { 1 };
    double relative_i { 1 };
    // What a layer costs besides moving its bytes: launches, synchronisation.
    double layer_dense_us { 0 };
    double layer_moe_us { 0 };
    // More of it for each core of the processors: they wait for each other.
    double core_us { 0 };
    // Of one processor's memory speed, what is left where two work on a model: much of what each
    // reads lies in the other's memory.
    double sockets_share { 1 };
    // And where several streams choose experts.
    double batch_moe_us { 0 };
    // Standard deviation of the logarithm of measured over predicted, for devices among the
    // measured ones and for others.
    double decode_sigma_seen { 0 };
    double decode_sigma_unseen { 0 };
    double prefill_sigma { 0 };
    // "int8", "fp16" or "best": the peak that prefill is a share of.
    std::string prefill_path;
    double prefill_efficiency_dense { 0 };
    double prefill_efficiency_moe { 0 };
    // Of weights in 16 bits where the path is for quants.
    double prefill_efficiency_float { 0 };
    // Of these, with quants that take long to unpack.
    double prefill_slow { 1 };
    // Of the fp16 peak, for heads of 128.
    double attention_efficiency { 0 };
    // A board whose watts for one int8 TOPS are these reaches half of what power would not limit;
    // 0: not limited by it.
    double half_watts_per_tops { 0 };
    // An expert that gets so many tokens of a micro-batch reaches half of its rate.
    double half_expert_tokens { 0 };
    // A micro-batch of so many tokens reaches half of what an endless one would: tiles of rows that
    // are not full. 0: not known, as if all were alike.
    double half_rows { 0 };
    // Of the scores of a micro-batch with its own later tokens, which are masked, what is reckoned
    // all the same; kernels that skip masked blocks leave 0.
    double masked_share { 1 };
    // A layer and micro-batch of a prompt.
    double prefill_layer_us { 0 };
    // The measured ones; none: a prior, from physics and from other profiles.
    std::vector<std::string> seen;
    // Why results differ much, for the reader of an explained plan.
    std::string doubt;
    std::string source;
};

struct ModelEntry {
    std::string id;
    std::int64_t layers { 0 };
    std::int64_t hidden { 0 };
    // Of one expert if there are any.
    std::int64_t ffn { 0 };
    // The first so many layers have no experts but this width; the others share one more of that.
    std::int64_t dense_layers { 0 };
    std::int64_t dense_ffn { 0 };
    std::int64_t shared_ffn { 0 };
    // Of latent attention (MLA): what is kept a token, the rotated part, and the queries' rank.
    std::int64_t kv_rank { 0 };
    std::int64_t rope_dim { 0 };
    std::int64_t q_rank { 0 };
    // A layer; 4 with norms after attention and feed-forward, too.
    std::int64_t norms { 2 };
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
