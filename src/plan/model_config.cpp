#include <plan/model_config.h>

#include <base/json.h>
#include <plan/fields.h>

#include <algorithm>

namespace sidereal::plan {

namespace {

constexpr Range size_range { 1, 1 << 20 };
constexpr Range count_range { 0, 1 << 20 };

struct Shape {
    std::int64_t layers { 0 };
    std::int64_t hidden { 0 };
    std::int64_t ffn { 0 };
    std::int64_t expert_ffn { 0 };
    std::int64_t shared { 0 };
    std::int64_t leading_dense { 0 };
    std::int64_t sparse_step { 1 };
    std::int64_t q_heads { 0 };
    std::int64_t kv_heads { 0 };
    std::int64_t head_dim { 0 };
    std::int64_t window { 0 };
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
    std::vector<std::string> layer_types;
};

std::int64_t first_of(
    Fields& fields, std::initializer_list<std::string_view> names, std::int64_t otherwise)
{
    for (auto const name : names) {
        if (auto const value = fields.maybe_count(name, count_range))
            return *value;
    }
    return otherwise;
}

Shape read_shape(Fields& fields, Model& model)
{
    Shape shape;
    shape.layers = fields.count("num_hidden_layers", { 1, 4096 });
    shape.hidden = fields.count("hidden_size", size_range);
    shape.q_heads = fields.count("num_attention_heads", size_range);
    shape.kv_heads = first_of(fields, { "num_key_value_heads" }, shape.q_heads);
    shape.head_dim = first_of(
        fields, { "head_dim" }, shape.hidden / std::max<std::int64_t>(shape.q_heads, 1));
    model.experts = first_of(fields, { "num_experts", "num_local_experts", "n_routed_experts" }, 0);
    model.experts_per_token = first_of(fields, { "num_experts_per_tok", "experts_per_token" }, 0);
    shape.ffn = first_of(fields, { "intermediate_size" }, 0);
    shape.expert_ffn = first_of(fields, { "moe_intermediate_size" }, shape.ffn);
    auto const shared_width = first_of(fields, { "shared_expert_intermediate_size" }, 0);
    shape.shared = first_of(fields, { "n_shared_experts" }, 0) * shape.expert_ffn + shared_width;
    shape.leading_dense = first_of(fields, { "first_k_dense_replace" }, 0);
    shape.sparse_step = std::max<std::int64_t>(first_of(fields, { "decoder_sparse_step" }, 1), 1);
    shape.window = first_of(fields, { "sliding_window" }, 0);
    if (fields.maybe_truth("use_sliding_window") == false)
        shape.window = 0;
    shape.full_every = first_of(fields, { "full_attention_interval" }, 0);
    shape.windows_every = first_of(fields, { "sliding_window_pattern" }, 0);
    shape.latent = first_of(fields, { "kv_lora_rank" }, 0);
    shape.q_rank = first_of(fields, { "q_lora_rank" }, 0);
    shape.nope = first_of(fields, { "qk_nope_head_dim" }, 0);
    shape.rope = first_of(fields, { "qk_rope_head_dim" }, 0);
    shape.value = first_of(fields, { "v_head_dim" }, shape.head_dim);
    shape.linear_key_heads = first_of(fields, { "linear_num_key_heads" }, 0);
    shape.linear_value_heads = first_of(fields, { "linear_num_value_heads" }, 0);
    shape.linear_key_dim = first_of(fields, { "linear_key_head_dim" }, 0);
    shape.linear_value_dim = first_of(fields, { "linear_value_head_dim" }, shape.linear_key_dim);
    shape.linear_kernel = first_of(fields, { "linear_conv_kernel_dim" }, 0);
    shape.layer_types = fields.texts("layer_types");
    return shape;
}

void make_linear(Layer& layer, Shape const& shape)
{
    layer.kind = LayerKind::recurrent;
    auto const keys = static_cast<double>(shape.linear_key_heads)
        * static_cast<double>(shape.linear_key_dim);
    auto const values = static_cast<double>(shape.linear_value_heads)
        * static_cast<double>(shape.linear_value_dim);
    auto const d = static_cast<double>(shape.hidden);
    auto const kernel = static_cast<double>(shape.linear_kernel);
    // Queries, keys, values and a gate in; two rates a head; a short convolution; values out.
    layer.state_params = d * (2 * keys + 2 * values)
        + 2 * d * static_cast<double>(shape.linear_value_heads) + kernel * (2 * keys + values)
        + values * d;
    layer.state_bytes = 4
        * (std::max(kernel - 1, 0.0) * (2 * keys + values)
            + static_cast<double>(shape.linear_key_dim) * values);
}

std::string type_of_layer(Shape const& shape, std::size_t index)
{
    if (index < shape.layer_types.size())
        return shape.layer_types[index];
    auto const number = static_cast<std::int64_t>(index) + 1;
    if (shape.full_every > 0)
        return number % shape.full_every == 0 ? "full_attention" : "linear_attention";
    if (shape.window > 0)
        return shape.windows_every > 0 && number % shape.windows_every == 0 ? "full_attention"
                                                                            : "sliding_attention";
    return "full_attention";
}

Layer make_layer(Shape const& shape, Model const& model, std::size_t index)
{
    Layer layer;
    layer.q_heads = shape.q_heads;
    layer.kv_heads = shape.kv_heads;
    layer.key_dim = layer.value_dim = shape.head_dim;
    if (shape.latent > 0) {
        layer.kv_heads = shape.q_heads;
        layer.key_dim = shape.nope + shape.rope;
        layer.value_dim = shape.value;
        layer.rope_dim = shape.rope;
        layer.latent_dim = shape.latent + shape.rope;
        layer.q_rank = shape.q_rank;
    }
    auto const type = type_of_layer(shape, index);
    if (type == "linear_attention")
        make_linear(layer, shape);
    else if (type == "sliding_attention")
        layer.window = shape.window;
    auto const number = static_cast<std::int64_t>(index);
    auto const sparse = model.experts > 0 && number >= shape.leading_dense
        && (number + 1) % shape.sparse_step == 0;
    layer.ffn = sparse ? shape.shared : shape.ffn;
    layer.expert_ffn = sparse ? shape.expert_ffn : 0;
    return layer;
}

std::string quant_of(JsonObject const& config)
{
    if (auto const* found = find(config, "quantization_config"); found && found->is_object()) {
        auto const& quantization = found->get_object();
        auto const method = get_string(quantization, "quant_method").value_or("");
        auto const group = get_int(quantization, "group_size").value_or(128);
        auto const algorithm = get_string(quantization, "quant_algo").value_or("");
        if (method == "fp8")
            return find(quantization, "weight_block_size") ? "FP8-block" : "FP8";
        if (method == "mxfp4")
            return "MXFP4-ckpt";
        if (algorithm == "NVFP4" || algorithm == "FP8")
            return algorithm == "FP8" ? "FP8" : "NVFP4-ckpt";
        if ((method == "awq" || method == "gptq") && (group == 128 || group == 32))
            return fmt::format("INT4-g{}", group);
        if (method == "bitsandbytes")
            return "NF4-dq";
        return "unknown:" + method;
    }
    for (auto const* name : { "torch_dtype", "dtype" }) {
        auto const type = get_string(config, name);
        if (type && type->find("float16") != std::string::npos)
            return "BF16";
        if (type && *type == "float32")
            return "F32";
    }
    return "BF16";
}

}

Result<Model> read_model_config(std::string_view text, std::string_view name)
{
    auto const json = parse_json(text);
    if (!json)
        return fail(ErrorCode::invalid_input, "{}: {}", name, json.error().message);
    auto const* outer = TRY(as_object(*json, name));
    auto const* config = outer;
    if (auto const* nested = find(*outer, "text_config"); nested && nested->is_object())
        config = &nested->get_object();
    Model model;
    Fields fields(*config, std::string(name));
    auto const shape = read_shape(fields, model);
    model.id = fields.maybe_text("model_type").value_or("model");
    model.source = "config " + std::string(name);
    if (model.id.starts_with("gemma2") || model.id.starts_with("gemma3"))
        model.norms = 4;
    model.hidden = shape.hidden;
    model.vocab = fields.count("vocab_size", { 1, 1 << 22 });
    auto const tied = fields.maybe_truth("tie_word_embeddings");
    model.tied = tied.value_or(get_bool(*outer, "tie_word_embeddings").value_or(false));
    model.max_context = fields.maybe_count("max_position_embeddings", { 1, 1e9 });
    // What else stands there is for others.
    for (auto const& pair : *config)
        fields.skip(std::string_view(pair.key()));
    TRY(fields.finish());
    for (std::size_t i = 0; i < static_cast<std::size_t>(shape.layers); ++i)
        model.layers.push_back(make_layer(shape, model, i));
    model.params = count_params(model);
    model.quant = quant_of(*outer);
    if (model.quant.starts_with("unknown:"))
        model.unknown_types.push_back("quantisation '" + model.quant.substr(8) + "'");
    TRY(check_model(model));
    return model;
}

}
