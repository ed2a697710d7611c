#include <plan/model_config.h>

#include <base/json.h>
#include <plan/config_quant.h>
#include <plan/config_shape.h>
#include <plan/fields.h>
#include <plan/model_family.h>

#include <algorithm>

namespace sidereal::plan {

namespace {

double wide(std::int64_t count) { return static_cast<double>(count); }

// A gated delta rule.
void make_linear(Layer& layer, ConfigShape const& shape)
{
    layer.kind = LayerKind::recurrent;
    auto const keys = wide(shape.linear_key_heads) * wide(shape.linear_key_dim);
    auto const values = wide(shape.linear_value_heads) * wide(shape.linear_value_dim);
    auto const d = wide(shape.hidden);
    auto const kernel = wide(shape.linear_kernel);
    // Queries, keys, values and a gate in; two rates a head; a short convolution; values out.
    layer.state_params = d * (2 * keys + 2 * values) + 2 * d * wide(shape.linear_value_heads)
        + kernel * (2 * keys + values) + values * d;
    layer.state_bytes = 4
        * (std::max(kernel - 1, 0.0) * (2 * keys + values) + wide(shape.linear_key_dim) * values);
}

// A state space beside or in place of attention: Mamba-2 with heads, Mamba without.
void add_state_space(Layer& layer, ConfigShape const& shape)
{
    auto const& mamba = shape.mamba;
    auto const d = wide(shape.hidden);
    auto const inner = wide(mamba.inner);
    auto const state = wide(mamba.state);
    auto const kernel = wide(mamba.kernel);
    auto const heads = wide(mamba.heads);
    auto convolved = inner;
    if (mamba.heads > 0) {
        convolved += 2 * wide(mamba.groups) * state;
        layer.state_params += d * (inner + convolved + heads) + 3 * heads + inner;
    } else {
        auto const rank = wide(mamba.dt_rank);
        layer.state_params += d * 2 * inner + inner * (rank + 2 * state) + rank * inner
            + inner * (state + 2);
    }
    layer.state_params += convolved * (kernel + 1) + inner * d;
    layer.state_bytes += 4 * (std::max(kernel - 1, 0.0) * convolved + state * inner);
}

// Linear attention of MiniMax: as wide as full attention, with a gate, and a square a head.
void make_lightning(Layer& layer, ConfigShape const& shape)
{
    layer.kind = LayerKind::recurrent;
    auto const width = wide(shape.q_heads) * wide(shape.head_dim);
    layer.state_params = 5 * wide(shape.hidden) * width;
    layer.state_bytes = 4 * width * wide(shape.head_dim);
}

// Kimi's delta attention: a decay and a gate of low rank, and a square a head.
void make_delta(Layer& layer, ConfigShape const& shape)
{
    layer.kind = LayerKind::recurrent;
    auto const d = wide(shape.hidden);
    auto const dim = wide(shape.delta_dim);
    auto const width = wide(shape.delta_heads) * dim;
    auto const kernel = wide(shape.linear_kernel);
    layer.state_params = 4 * d * width + 2 * dim * (d + width) + d * wide(shape.delta_heads)
        + 3 * kernel * width;
    layer.state_bytes = 4 * (std::max(kernel - 1, 0.0) * 3 * width + width * dim);
}

void make_convolution(Layer& layer, ConfigShape const& shape)
{
    layer.kind = LayerKind::recurrent;
    auto const d = wide(shape.hidden);
    layer.state_params = 4 * d * d + d * wide(shape.conv_kept);
    layer.state_bytes = 4 * d * std::max(wide(shape.conv_kept) - 1, 0.0);
}

void make_attention(Layer& layer, ConfigShape const& shape)
{
    layer.q_heads = shape.q_heads;
    layer.kv_heads = shape.kv_heads;
    layer.key_dim = layer.value_dim = shape.head_dim;
    layer.is_gated = shape.is_gated;
    if (shape.latent == 0)
        return;
    layer.kv_heads = shape.q_heads;
    layer.key_dim = shape.nope + shape.rope;
    layer.value_dim = shape.value;
    layer.rope_dim = shape.rope;
    layer.latent_dim = shape.latent + shape.rope;
    layer.q_rank = shape.q_rank;
}

std::string type_of_layer(ConfigShape const& shape, std::size_t index)
{
    if (index < shape.types.size())
        return shape.types[index];
    auto const number = static_cast<std::int64_t>(index) + 1;
    if (shape.full_every > 0)
        return number % shape.full_every == 0 ? "full_attention" : "linear_attention";
    if (shape.window > 0 && number > shape.windows_from)
        return shape.windows_every > 0 && number % shape.windows_every == 0 ? "full_attention"
                                                                            : "sliding_attention";
    return "full_attention";
}

// What a layer remembers with; false for a type that is not known.
bool make_mixer(Layer& layer, ConfigShape const& shape, std::string_view type)
{
    make_attention(layer, shape);
    if (type == "full_attention" || type == "attention" || type == "global_attention") {
        if (shape.is_parallel)
            add_state_space(layer, shape);
    } else if (type == "sliding_attention" || type == "chunked_attention") {
        layer.window = shape.window;
    } else if (type == "linear_attention" && shape.linear_value_heads > 0) {
        make_linear(layer, shape);
    } else if (type == "mamba" || type == "mamba2") {
        layer.kind = LayerKind::recurrent;
        add_state_space(layer, shape);
    } else if (type == "lightning") {
        make_lightning(layer, shape);
    } else if (type == "kda" && shape.delta_heads > 0) {
        make_delta(layer, shape);
    } else if (type == "conv" && shape.conv_kept > 0) {
        make_convolution(layer, shape);
    } else if (type == "none") {
        layer.kind = LayerKind::recurrent;
    } else {
        return false;
    }
    return true;
}

Result<Layer> make_layer(ConfigShape const& shape, std::size_t index, std::string_view name)
{
    Layer layer;
    auto const whole = type_of_layer(shape, index);
    // "mamba+ffn": the second part says what follows, where it is not the same everywhere.
    auto const plus = whole.find('+');
    auto const after = plus == whole.npos ? "" : whole.substr(plus + 1);
    if (!make_mixer(layer, shape, whole.substr(0, plus)) || after == "?")
        return fail(ErrorCode::invalid_input,
            "{}: layer {} is '{}', a type that is not known: give the GGUF of the model", name,
            index, whole);
    auto const number = static_cast<std::int64_t>(index);
    auto sparse = shape.experts > 0 && number >= shape.leading_dense
        && number % shape.sparse_step == shape.sparse_offset % shape.sparse_step;
    if (plus != whole.npos)
        sparse = after == "experts";
    if (sparse || plus == whole.npos || after == "ffn") {
        layer.ffn = sparse ? shape.shared : shape.ffn;
        layer.expert_ffn = sparse ? shape.expert_ffn : 0;
    }
    return layer;
}

// A family that nobody knows is read as a plain transformer if it says nothing that is not.
Result<ModelFamily> family_of(
    JsonObject const& config, std::string_view type, std::string_view name, Model& model)
{
    if (is_beyond_config(type))
        return fail(ErrorCode::invalid_input,
            "{}: cannot size a model_type '{}' from its config: give the GGUF of the model", name,
            type);
    if (auto const* known = find_family(type))
        return *known;
    for (auto const& pair : config) {
        auto const key = std::string_view(pair.key());
        for (auto const word : structural_words()) {
            if (key.find(word) != key.npos && !pair.value().is_null())
                return fail(ErrorCode::invalid_input,
                    "{}: cannot size the model_type '{}', which is not known here and has '{}': "
                    "give the GGUF of the model",
                    name, type, key);
        }
    }
    model.notes.push_back(fmt::format(
        "model_type '{}' is not known: read as a plain transformer whose feed-forward has a gate; "
        "compare the number of parameters with the published one",
        type));
    return ModelFamily {};
}

}

Result<Model> read_model_config(std::string_view text, std::string_view name)
{
    auto const json = parse_json(text);
    if (!json)
        return fail(ErrorCode::invalid_input, "{}: {}", name, json.error().message);
    return read_model_config(*TRY(as_object(*json, name)), name);
}

Result<Model> read_model_config(JsonObject const& outer, std::string_view name)
{
    auto const* config = &outer;
    if (auto const* nested = find(outer, "text_config"); nested && nested->is_object())
        config = &nested->get_object();
    Model model;
    Fields fields(*config, std::string(name));
    auto const type = fields.maybe_text("model_type");
    if (type && type->size() > 100)
        return fail(ErrorCode::invalid_input,
            "{}: field 'model_type': expected at most 100 characters", name);
    model.id = type.value_or("model");
    model.source = "config " + std::string(name);
    auto const family = type ? TRY(family_of(*config, *type, name, model)) : ModelFamily {};
    auto const shape = read_config_shape(*config, fields, family, model.id);
    model.experts = shape.experts;
    model.experts_per_token = shape.experts_per_token;
    model.norms = family.norms;
    model.ffn_matrices = family.ffn_matrices;
    model.hidden = shape.hidden;
    model.vocab = shape.vocab;
    auto const tied = fields.maybe_truth("tie_word_embeddings");
    model.tied = tied.value_or(get_bool(outer, "tie_word_embeddings").value_or(family.is_tied));
    model.max_context = fields.maybe_count("max_position_embeddings", { 1, 1e9 });
    // What else stands there is for others.
    for (auto const& pair : *config)
        fields.skip(std::string_view(pair.key()));
    TRY(fields.finish());
    auto const count = shape.types.empty() ? static_cast<std::size_t>(shape.layers)
                                           : shape.types.size();
    for (std::size_t i = 0; i < count; ++i)
        model.layers.push_back(TRY(make_layer(shape, i, name)));
    model.params = count_params(model);
    model.quant = quant_of_config(outer);
    if (model.quant.starts_with("unknown:"))
        model.unknown_types.push_back("quantisation '" + model.quant.substr(8) + "'");
    if (find(outer, "vision_config"))
        model.notes.emplace_back("its part for images is not counted");
    TRY(check_model(model));
    return model;
}

}
