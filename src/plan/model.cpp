#include <plan/model.h>

#include <plan/fields.h>

#include <array>
#include <utility>

namespace sidereal::plan {

namespace {

double times(std::int64_t a, std::int64_t b)
{
    return static_cast<double>(a) * static_cast<double>(b);
}

// The projections of attention in one layer.
double projection_params(Layer const& layer, std::int64_t hidden)
{
    if (layer.kind == LayerKind::recurrent)
        return 0;
    auto const queries = times(layer.q_heads, layer.key_dim);
    auto const out = times(layer.q_heads, layer.value_dim) * static_cast<double>(hidden);
    auto const d = static_cast<double>(hidden);
    if (layer.latent_dim == 0)
        return d
            * ((layer.is_gated ? 2 : 1) * queries
                + times(layer.kv_heads, layer.key_dim + layer.value_dim))
            + out;
    auto const rank = static_cast<double>(layer.latent_dim - layer.rope_dim);
    auto const into_queries = layer.q_rank > 0 ? static_cast<double>(layer.q_rank) * (d + queries)
                                               : d * queries;
    auto const plain = layer.key_dim - layer.rope_dim;
    return into_queries + d * static_cast<double>(layer.latent_dim)
        + rank * times(layer.q_heads, plain + layer.value_dim) + out;
}

double bias_params(Model const& model, ModelEntry const& entry)
{
    double all = 0;
    auto const rows = times(entry.q_heads + 2 * entry.kv_heads, entry.head_dim);
    for (auto const& layer : model.layers) {
        if (entry.attention_bias != "none")
            all += rows;
        if (entry.attention_bias == "qkvo")
            all += static_cast<double>(model.hidden);
        if (entry.expert_bias)
            all += static_cast<double>(model.experts)
                * static_cast<double>(2 * layer.expert_ffn + model.hidden);
    }
    return all;
}

}

double Model::active_params() const
{
    auto const chosen = experts > 0
        ? static_cast<double>(experts_per_token) / static_cast<double>(experts)
        : 0.0;
    return params.attention + params.ffn + params.experts * chosen
        + (tied ? params.embedding : params.head);
}

double Model::prompt_params() const
{
    return active_params() - (tied ? params.embedding : params.head);
}

Parts count_params(Model const& model, ModelEntry const* biases)
{
    Parts parts;
    auto const d = static_cast<double>(model.hidden);
    parts.embedding = times(model.vocab, model.hidden);
    parts.head = model.tied ? 0 : parts.embedding;
    parts.small = d;
    for (auto const& layer : model.layers) {
        parts.attention += projection_params(layer, model.hidden) + layer.state_params;
        parts.ffn += model.ffn_matrices * d * static_cast<double>(layer.ffn);
        parts.small += 2 * d;
        if (layer.expert_ffn == 0)
            continue;
        parts.experts += model.ffn_matrices * d * times(model.experts, layer.expert_ffn);
        // The router is multiplied with each token, as the rest of the layer is.
        parts.ffn += times(model.experts, model.hidden);
    }
    if (biases)
        parts.small += bias_params(model, *biases);
    return parts;
}

Model model_of(ModelEntry const& entry)
{
    Model model;
    model.id = entry.id;
    model.source = "catalogue";
    model.hidden = entry.hidden;
    model.vocab = entry.vocab;
    model.tied = entry.tied_embeddings;
    model.experts = entry.experts;
    model.experts_per_token = entry.experts_per_token;
    model.quant = entry.natural_quant;
    model.norms = entry.norms;
    for (std::int64_t i = 0; i < entry.layers; ++i) {
        Layer layer;
        layer.q_heads = entry.q_heads;
        layer.kv_heads = entry.kv_heads;
        layer.key_dim = layer.value_dim = entry.head_dim;
        if (entry.kv_rank > 0) {
            layer.latent_dim = entry.kv_rank + entry.rope_dim;
            layer.rope_dim = entry.rope_dim;
            layer.q_rank = entry.q_rank;
            layer.key_dim = entry.head_dim + entry.rope_dim;
        }
        auto const is_full = entry.full_attention_every > 0
            && (i + 1) % entry.full_attention_every == 0;
        layer.window = is_full ? 0 : entry.sliding_window;
        if (entry.experts == 0)
            layer.ffn = entry.ffn;
        else if (i < entry.dense_layers)
            layer.ffn = entry.dense_ffn;
        else {
            layer.ffn = entry.shared_ffn;
            layer.expert_ffn = entry.ffn;
        }
        model.layers.push_back(layer);
    }
    model.params = count_params(model, &entry);
    return model;
}

Status check_model(Model const& model)
{
    constexpr std::int64_t most = 1 << 20;
    auto const bad = [&](std::string_view name, std::int64_t value, std::int64_t limit) -> Status {
        return fail(ErrorCode::invalid_input, "{}: {} is {}: expected 1 to {}", model.source, name,
            value, limit);
    };
    if (model.layers.empty() || model.layers.size() > 4096)
        return bad("the number of layers", static_cast<std::int64_t>(model.layers.size()), 4096);
    if (model.hidden < 1 || model.hidden > most)
        return bad("the hidden size", model.hidden, most);
    if (model.vocab < 1 || model.vocab > 1 << 22)
        return bad("the vocabulary", model.vocab, 1 << 22);
    if (model.experts < 0 || model.experts > most)
        return bad("the number of experts", model.experts, most);
    if (model.experts_per_token > model.experts
        || (model.experts > 0 && model.experts_per_token < 1))
        return bad("experts a token", model.experts_per_token, model.experts);
    for (auto const& layer : model.layers) {
        for (auto const value : { layer.q_heads, layer.kv_heads, layer.key_dim, layer.value_dim,
                 layer.latent_dim, layer.window, layer.ffn, layer.expert_ffn, layer.q_rank }) {
            if (value < 0 || value > most)
                return bad("a layer's size", value, most);
        }
        auto const attends = layer.kind == LayerKind::attention;
        if (attends && (layer.q_heads < 1 || layer.key_dim < 1 || layer.value_dim < 1))
            return fail(ErrorCode::invalid_input,
                "{}: {} heads of {} and {}: expected at least 1 of each", model.source,
                layer.q_heads, layer.key_dim, layer.value_dim);
        if (attends && (layer.kv_heads < 1 || layer.q_heads % layer.kv_heads != 0))
            return fail(ErrorCode::invalid_input,
                "{}: {} heads cannot share {} key-value heads evenly", model.source, layer.q_heads,
                layer.kv_heads);
    }
    if (auto const total = model.params.total(); total < 1e5 || total > 1e14)
        return fail(ErrorCode::invalid_input, "{}: {} parameters: expected 1e5 to 1e14",
            model.source, total);
    return {};
}

}
