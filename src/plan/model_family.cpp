#include <plan/model_family.h>

#include <algorithm>
#include <array>

namespace sidereal::plan {

namespace {

constexpr ModelFamily tied(std::string_view type) { return { .type = type, .is_tied = true }; }
constexpr ModelFamily ungated(std::string_view type) { return { .type = type, .ffn_matrices = 2 }; }

constexpr ModelFamily gemma3(std::string_view type)
{
    return { .type = type,
        .is_tied = true,
        .norms = 4,
        .full_every = 6,
        .q_heads = 8,
        .kv_heads = 4,
        .head_dim = 256,
        .vocab = 262'208 };
}

constexpr ModelFamily gated_queries(std::string_view type)
{
    return { .type = type, .is_gated = true };
}

constexpr std::array families {
    // Their own ways.
    gemma3("gemma3"),
    gemma3("gemma3_text"),
    ModelFamily { .type = "gemma2", .is_tied = true, .norms = 4, .full_every = 2 },
    tied("gemma"),
    tied("cohere"),
    ModelFamily { .type = "cohere2", .is_tied = true, .full_every = 4 },
    ModelFamily { .type = "exaone4", .full_every = 4 },
    ModelFamily { .type = "llama4_text", .full_every = 4 },
    gated_queries("qwen3_next"),
    gated_queries("qwen3_5"),
    gated_queries("qwen3_5_text"),
    gated_queries("qwen3_5_moe"),
    gated_queries("qwen3_5_moe_text"),
    tied("smollm3"),
    tied("ernie4_5"),
    tied("ernie4_5_moe"),
    tied("lfm2"),
    tied("mamba"),
    tied("mamba2"),
    tied("falcon_mamba"),
    // Feed-forward parts without a gate.
    ModelFamily { .type = "starcoder2", .ffn_matrices = 2, .is_tied = true },
    ModelFamily { .type = "gpt2", .ffn_matrices = 2, .is_tied = true, .is_four_wide = true },
    ModelFamily { .type = "gpt_bigcode", .ffn_matrices = 2, .is_tied = true, .is_four_wide = true },
    ModelFamily { .type = "bloom", .ffn_matrices = 2, .is_tied = true, .is_four_wide = true },
    ModelFamily { .type = "falcon", .ffn_matrices = 2, .is_tied = true, .is_four_wide = true },
    ModelFamily { .type = "opt", .ffn_matrices = 2, .is_tied = true },
    ungated("gpt_neox"),
    ungated("phi"),
    ungated("nemotron"),
    ungated("nemotron_h"),
    ungated("apertus"),
    ungated("arcee"),
};

// Nothing about them has to be said.
constexpr std::array<std::string_view, 63> plain { "llama", "kimi_linear", "mistral", "mistral3",
    "ministral", "ministral3", "mixtral", "qwen2", "qwen2_moe", "qwen2_vl", "qwen2_vl_text",
    "qwen2_5_vl", "qwen2_5_vl_text", "qwen3", "qwen3_moe", "qwen3_vl", "qwen3_vl_text",
    "qwen3_vl_moe", "qwen3_vl_moe_text", "phi3", "phi4mm", "phimoe", "deepseek", "deepseek_v2",
    "deepseek_v3", "deepseek_v32", "kimi_k2", "kimi_k25", "glm", "glm4", "glm4_moe",
    "glm4_moe_lite", "glm4v_text", "glm4v_moe_text", "glm_moe_dsa", "chatglm", "gpt_oss", "minimax",
    "minimax_m2", "minimax_text_01", "olmo", "olmo2", "olmo3", "olmoe", "granite", "granitemoe",
    "granitemoeshared", "granitemoehybrid", "bamba", "falcon_h1", "jamba", "internlm2", "internlm3",
    "baichuan", "exaone", "seed_oss", "stablelm", "solar", "dots1", "hunyuan_v1_dense",
    "hunyuan_v1_moe", "hunyuan", "aquila" };

constexpr std::array<std::string_view, 24> beyond { "gemma3n", "gemma3n_text", "gemma4",
    "gemma4_text", "mllama", "mllama_text_model", "nemotron-nas", "longcat_flash", "recurrentgemma",
    "recurrent_gemma", "zamba", "zamba2", "rwkv", "rwkv5", "rwkv6", "rwkv7", "mpt", "dbrx", "t5",
    "bert", "roberta", "xlm-roberta", "whisper", "clip" };

}

ModelFamily const* find_family(std::string_view model_type)
{
    for (auto const& family : families) {
        if (family.type == model_type)
            return &family;
    }
    static constexpr ModelFamily ordinary {};
    return std::find(plain.begin(), plain.end(), model_type) == plain.end() ? nullptr : &ordinary;
}

bool is_beyond_config(std::string_view model_type)
{
    return std::find(beyond.begin(), beyond.end(), model_type) != beyond.end();
}

std::vector<std::string_view> const& structural_words()
{
    static std::vector<std::string_view> const words { "mamba", "ssm", "hybrid", "conv", "rwkv",
        "block_config", "cross_attention", "altup", "laurel", "linear_attn", "lightning", "kda",
        "recurrent", "encoder_layers", "per_layer_input", "kv_shared" };
    return words;
}

}
