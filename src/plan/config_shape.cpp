#include <plan/config_shape.h>

#include <algorithm>

namespace sidereal::plan {

namespace {

constexpr Range size_range { 1, 1 << 20 };
constexpr Range count_range { 0, 1 << 20 };
constexpr std::int64_t most_layers = 4096;

class Reader {
public:
    Reader(JsonObject const& config, Fields& fields)
        : config_(config)
        , fields_(fields)
    {
    }

    // The first of the names that is there. A list of equal numbers, one a layer, is that number.
    std::int64_t first_of(
        std::initializer_list<std::string_view> names, std::int64_t otherwise, Range range)
    {
        for (auto const name : names) {
            auto const* found = find(config_, name);
            if (found && found->is_array()) {
                auto const all = fields_.numbers(name, range);
                if (std::adjacent_find(all.begin(), all.end(), std::not_equal_to<> {}) != all.end())
                    fields_.fault(name, "differs from layer to layer: give the GGUF of the model");
                return all.empty() ? otherwise : static_cast<std::int64_t>(all.front());
            }
            if (auto const value = fields_.maybe_count(name, range))
                return *value;
        }
        return otherwise;
    }

    std::int64_t count(std::initializer_list<std::string_view> names, std::int64_t otherwise)
    {
        return first_of(names, otherwise, count_range);
    }

    // Of which there must be one, unless the family's own is known.
    std::int64_t needed(
        std::initializer_list<std::string_view> names, std::int64_t usual, Range range)
    {
        auto const found = first_of(names, usual, range);
        if (found < 1)
            fields_.fault(*names.begin(), "is missing: expected a whole number");
        return found;
    }

    bool is_true(std::string_view name) { return fields_.maybe_truth(name).value_or(false); }

private:
    JsonObject const& config_;
    Fields& fields_;
};

void read_attention(ConfigShape& shape, Reader& reader, ModelFamily const& family)
{
    shape.q_heads = reader.needed(
        { "num_attention_heads", "n_head", "n_heads" }, family.q_heads, size_range);
    auto const usual_kv = family.kv_heads > 0 ? family.kv_heads : shape.q_heads;
    shape.kv_heads = reader.count(
        { "num_key_value_heads", "num_kv_heads", "multi_query_group_num" }, usual_kv);
    if (family.type == "falcon" && !reader.is_true("new_decoder_architecture"))
        shape.kv_heads = reader.is_true("multi_query") ? 1 : shape.q_heads;
    auto const usual = family.head_dim > 0
        ? family.head_dim
        : shape.hidden / std::max<std::int64_t>(shape.q_heads, 1);
    shape.head_dim = reader.count({ "head_dim", "attention_head_dim", "kv_channels" }, usual);
    // Some write 0 for what follows from the others.
    if (shape.head_dim == 0)
        shape.head_dim = usual;
    shape.is_gated = family.is_gated;
    shape.latent = reader.count({ "kv_lora_rank" }, 0);
    shape.q_rank = reader.count({ "q_lora_rank" }, 0);
    shape.nope = reader.count({ "qk_nope_head_dim" }, 0);
    shape.rope = reader.count({ "qk_rope_head_dim" }, 0);
    shape.value = reader.count({ "v_head_dim" }, shape.head_dim);
}

void read_windows(ConfigShape& shape, Reader& reader, Fields& fields, ModelFamily const& family)
{
    shape.window = reader.count({ "sliding_window", "attention_chunk_size" }, 0);
    auto const is_used = fields.maybe_truth("use_sliding_window");
    if (is_used == false)
        shape.window = 0;
    if (is_used == true)
        shape.windows_from = reader.count({ "max_window_layers" }, 0);
    shape.full_every = reader.count({ "full_attention_interval" }, 0);
    shape.windows_every = reader.count(
        { "sliding_window_pattern", "_sliding_window_pattern" }, family.full_every);
}

void read_widths(ConfigShape& shape, Reader& reader, ModelFamily const& family)
{
    auto const usual = family.is_four_wide ? 4 * shape.hidden : 0;
    shape.ffn = reader.count(
        { "intermediate_size", "ffn_hidden_size", "ffn_dim", "n_inner", "block_ff_dim" }, usual);
    shape.experts = reader.count(
        { "num_experts", "num_local_experts", "n_routed_experts", "moe_num_experts" }, 0);
    shape.experts_per_token = reader.count({ "num_experts_per_tok", "num_experts_per_token",
                                               "experts_per_token", "moe_topk", "moe_k" },
        0);
    shape.expert_ffn = reader.count({ "moe_intermediate_size" }, shape.ffn);
    auto const shared = reader.count(
        { "n_shared_experts", "num_shared_experts", "moe_num_shared_experts", "num_shared_expert" },
        0);
    auto const width = reader.count({ "shared_expert_intermediate_size", "shared_intermediate_size",
                                        "moe_shared_expert_intermediate_size" },
        0);
    shape.shared = width > 0 ? width * std::max<std::int64_t>(shared, 1)
                             : shared * shape.expert_ffn;
    shape.leading_dense = reader.count({ "first_k_dense_replace", "moe_layer_start_index" }, 0);
    shape.sparse_step = std::max<std::int64_t>(
        reader.count({ "decoder_sparse_step", "interleave_moe_layer_step", "expert_layer_period",
                         "moe_layer_interval" },
            1),
        1);
    shape.sparse_offset = reader.count({ "expert_layer_offset" }, shape.sparse_step - 1);
}

// What is shared and what is dense goes by other names in a few families.
void mend_widths(ConfigShape& shape, Reader& reader, std::string_view type)
{
    if (type == "llama4_text") {
        shape.shared = shape.ffn;
        shape.ffn = reader.count({ "intermediate_size_mlp" }, shape.ffn);
    } else if (type == "granitemoehybrid" && shape.experts == 0) {
        shape.ffn = shape.shared;
    } else if (type == "lfm2" && reader.is_true("block_auto_adjust_ff_dim")) {
        auto const multiple = std::max<std::int64_t>(reader.count({ "block_multiple_of" }, 256), 1);
        shape.ffn = (2 * shape.ffn / 3 + multiple - 1) / multiple * multiple;
    }
}

void read_linear(ConfigShape& shape, Reader& reader)
{
    shape.linear_key_heads = reader.count({ "linear_num_key_heads" }, 0);
    shape.linear_value_heads = reader.count({ "linear_num_value_heads" }, 0);
    shape.linear_key_dim = reader.count({ "linear_key_head_dim" }, 0);
    shape.linear_value_dim = reader.count({ "linear_value_head_dim" }, shape.linear_key_dim);
    shape.linear_kernel = reader.count({ "linear_conv_kernel_dim" }, shape.linear_kernel);
    shape.conv_kept = reader.count({ "conv_L_cache" }, 0);
}

void read_mamba(ConfigShape& shape, Reader& reader, std::string_view type)
{
    auto& mamba = shape.mamba;
    auto const is_alone = type == "mamba" || type == "mamba2" || type == "falcon_mamba";
    mamba.heads = is_alone ? reader.count({ "num_heads" }, 0)
                           : reader.count({ "mamba_n_heads", "mamba_num_heads" }, 0);
    mamba.head_dim = is_alone ? reader.count({ "head_dim" }, 0)
                              : reader.count({ "mamba_d_head", "mamba_head_dim" }, 0);
    mamba.state = reader.count({ "mamba_d_state", "ssm_state_size", "state_size" }, 0);
    mamba.groups = reader.count({ "mamba_n_groups", "n_groups" }, 1);
    mamba.kernel = reader.count({ "mamba_d_conv", "conv_kernel" }, 4);
    mamba.dt_rank = reader.count({ "mamba_dt_rank", "time_step_rank" }, 0);
    auto const wide = reader.count({ "mamba_expand", "expand" }, 2) * shape.hidden;
    mamba.inner = reader.count(
        { "mamba_d_ssm" }, mamba.heads > 0 ? mamba.heads * mamba.head_dim : wide);
    shape.is_parallel = type == "falcon_h1";
}

// "M-" of Nemotron-H is one layer: a state space and what follows it.
std::vector<std::string> layers_of_pattern(std::string_view pattern)
{
    std::vector<std::string> types;
    auto takes_ffn = false;
    for (auto const letter : pattern) {
        if (letter == 'M' || letter == '*') {
            types.emplace_back(letter == 'M' ? "mamba+" : "attention+");
            takes_ffn = true;
            continue;
        }
        if (!takes_ffn)
            types.emplace_back("none+");
        types.back() += letter == 'E' ? "experts" : letter == '-' ? "ffn" : "?";
        takes_ffn = false;
    }
    return types;
}

// {"kda_layers": [1, 2, 3, 5], …}: the layers, counted from 1, with delta attention.
std::vector<std::string> read_delta(ConfigShape& shape, Fields& fields, JsonObject const& config)
{
    auto const* found = find(config, "linear_attn_config");
    if (!found || !found->is_object()) {
        fields.fault("linear_attn_config", "is missing: expected an object");
        return {};
    }
    Fields inner(found->get_object(), fields.where() + ": linear_attn_config");
    shape.delta_heads = inner.count("num_heads", size_range);
    shape.delta_dim = inner.count("head_dim", size_range);
    shape.linear_kernel = inner.count("short_conv_kernel_size", { 1, 64 });
    std::vector<std::string> types(
        static_cast<std::size_t>(std::clamp<std::int64_t>(shape.layers, 0, most_layers)),
        "full_attention");
    if (types.empty())
        return types;
    for (auto const number : inner.numbers("kda_layers", { 1, static_cast<double>(types.size()) }))
        types.at(static_cast<std::size_t>(number) - 1) = "kda";
    inner.skip("full_attn_layers");
    fields.take(inner.finish());
    return types;
}

std::vector<std::string> read_types(ConfigShape& shape, Reader& reader, Fields& fields,
    std::string_view type, JsonObject const& config)
{
    if (type == "nemotron_h")
        return layers_of_pattern(fields.text("hybrid_override_pattern"));
    if (type == "minimax_text_01") {
        std::vector<std::string> types;
        for (auto const kind : fields.numbers("attn_type_list", { 0, 1 }))
            types.emplace_back(kind > 0 ? "full_attention" : "lightning");
        return types;
    }
    auto const count = static_cast<std::size_t>(
        std::clamp<std::int64_t>(shape.layers, 0, most_layers));
    if (type == "mamba" || type == "mamba2" || type == "falcon_mamba")
        return std::vector<std::string>(count, "mamba");
    if (type == "kimi_linear")
        return read_delta(shape, fields, config);
    if (type == "jamba") {
        auto const period = std::max<std::int64_t>(reader.count({ "attn_layer_period" }, 8), 1);
        auto const offset = reader.count({ "attn_layer_offset" }, 4);
        std::vector<std::string> types(count, "mamba");
        for (auto i = offset; i < shape.layers; i += period)
            types[static_cast<std::size_t>(i)] = "attention";
        return types;
    }
    auto const* name = find(config, "layers_block_type") ? "layers_block_type" : "layer_types";
    return fields.texts(name);
}

}

ConfigShape read_config_shape(
    JsonObject const& config, Fields& fields, ModelFamily const& family, std::string_view type)
{
    Reader reader(config, fields);
    ConfigShape shape;
    shape.layers = reader.needed({ "num_hidden_layers", "n_layer", "n_layers", "num_layers" }, 0,
        { 1, static_cast<double>(most_layers) });
    shape.hidden = reader.needed({ "hidden_size", "n_embd", "d_model", "n_embed" }, 0, size_range);
    shape.vocab = reader.needed(
        { "vocab_size", "padded_vocab_size" }, family.vocab, { 1, 1 << 22 });
    read_mamba(shape, reader, type);
    shape.types = read_types(shape, reader, fields, type, config);
    auto const is_attending = shape.types.empty() || type == "nemotron_h"
        || std::any_of(shape.types.begin(), shape.types.end(),
            [](std::string const& kind) { return kind != "mamba"; });
    if (is_attending)
        read_attention(shape, reader, family);
    read_windows(shape, reader, fields, family);
    if (is_attending) {
        read_widths(shape, reader, family);
        mend_widths(shape, reader, type);
    }
    read_linear(shape, reader);
    return shape;
}

}
