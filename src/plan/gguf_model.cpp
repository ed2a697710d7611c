#include <plan/gguf.h>

#include <plan/tensor_parts.h>

#include <algorithm>
#include <charconv>
#include <functional>
#include <map>

namespace sidereal::plan {

namespace {

// Looks keys up below the architecture's name.
class Keys {
public:
    Keys(GgufHeader const& header, std::string architecture)
        : header_(header)
        , architecture_(std::move(architecture))
    {
    }

    GgufValue const* find(std::string_view name) const
    {
        auto const found = header_.values.find(architecture_ + "." + std::string(name));
        return found == header_.values.end() ? nullptr : &found->second;
    }

    std::int64_t number(std::string_view name, std::int64_t otherwise) const
    {
        return number_of_layer(name, 0, otherwise);
    }

    // Of a scalar, or of the array's entry for the layer.
    std::int64_t number_of_layer(
        std::string_view name, std::size_t layer, std::int64_t otherwise) const
    {
        auto const* value = find(name);
        if (!value)
            return otherwise;
        if (auto const* number = std::get_if<std::int64_t>(&value->content))
            return *number;
        if (auto const* truth = std::get_if<bool>(&value->content))
            return *truth ? 1 : 0;
        auto const* all = std::get_if<std::vector<std::int64_t>>(&value->content);
        return all && layer < all->size() ? (*all)[layer] : otherwise;
    }

    bool is_array(std::string_view name) const
    {
        auto const* value = find(name);
        return value && std::holds_alternative<std::vector<std::int64_t>>(value->content);
    }

private:
    GgufHeader const& header_;
    std::string architecture_;
};

bool is_windowed(Keys const& keys, std::string const& architecture, std::size_t layer)
{
    if (keys.is_array("attention.sliding_window_pattern"))
        return keys.number_of_layer("attention.sliding_window_pattern", layer, 0) != 0;
    // llama.cpp keeps everything for it.
    if (architecture == "phi3")
        return false;
    // Families whose files do not say which of their layers see everything.
    static std::map<std::string, std::int64_t, std::less<>> const families { { "gpt-oss", 2 },
        { "gemma2", 2 }, { "gemma3", 6 }, { "gemma3n", 5 }, { "cohere2", 4 }, { "exaone4", 4 },
        { "olmo2", 4 }, { "llama4", 4 } };
    auto const found = families.find(architecture);
    auto const usual = found == families.end() ? 0 : found->second;
    auto const every = keys.number("attention.sliding_window_pattern", usual);
    return every <= 0 || (static_cast<std::int64_t>(layer) + 1) % every != 0;
}

double state_bytes_of(Keys const& keys, std::int64_t hidden)
{
    auto const get = [&](std::string_view name) {
        return static_cast<double>(std::clamp<std::int64_t>(keys.number(name, 0), 0, 1 << 20));
    };
    auto const inner = get("ssm.inner_size");
    auto const state = get("ssm.state_size");
    auto const kept = std::max(get("ssm.conv_kernel") - 1, 0.0);
    auto const short_kept = std::max(get("shortconv.l_cache") - 1, 0.0);
    return 4
        * (kept * (inner + 2 * get("ssm.group_count") * state) + state * inner
            + short_kept * static_cast<double>(hidden));
}

Layer read_layer(
    Keys const& keys, std::string const& architecture, std::size_t index, std::int64_t hidden)
{
    Layer layer;
    layer.q_heads = keys.number_of_layer("attention.head_count", index, 0);
    layer.kv_heads = keys.number_of_layer("attention.head_count_kv", index, layer.q_heads);
    auto const is_hybrid = architecture == "qwen3next" || architecture.starts_with("qwen35");
    auto const every = keys.number("full_attention_interval", is_hybrid ? 4 : 0);
    auto const skipped = every > 0 && (static_cast<std::int64_t>(index) + 1) % every != 0;
    if (layer.q_heads <= 0 || layer.kv_heads == 0 || skipped) {
        layer.kind = LayerKind::recurrent;
        // Layers of Nemotron-H that only feed forward remember nothing.
        auto const is_ffn = architecture.starts_with("nemotron_h")
            && keys.number_of_layer("feed_forward_length", index, 0) > 0;
        layer.state_bytes = is_ffn ? 0 : state_bytes_of(keys, hidden);
        return layer;
    }
    // Attention and a state space side by side.
    if (architecture == "falcon-h1")
        layer.state_bytes = state_bytes_of(keys, hidden);
    auto const usual = hidden / layer.q_heads;
    layer.key_dim = keys.number("attention.key_length", usual);
    layer.value_dim = keys.number("attention.value_length", usual);
    if (auto const rank = keys.number("attention.kv_lora_rank", 0); rank > 0) {
        layer.rope_dim = keys.number("rope.dimension_count", 0);
        layer.latent_dim = rank + layer.rope_dim;
        layer.key_dim = keys.number("attention.key_length_mla", layer.key_dim);
        layer.value_dim = keys.number("attention.value_length_mla", layer.value_dim);
        layer.kv_heads = layer.q_heads;
    }
    auto const window = architecture == "llama4" ? 8192
                                                 : keys.number("attention.sliding_window", 0);
    if (window > 0 && is_windowed(keys, architecture, index))
        layer.window = window;
    return layer;
}

QuantType const* quant_of(Catalog const& catalog, std::uint32_t type)
{
    for (auto const& quant : catalog.quants) {
        if (quant.ggml_type == type)
            return &quant;
    }
    return nullptr;
}

std::string name_of_most(std::map<std::string, double> const& bytes_by_type)
{
    std::string most;
    double largest = 0;
    for (auto const& [type, bytes] : bytes_by_type) {
        if (bytes > largest) {
            largest = bytes;
            most = type;
        }
    }
    return most;
}

// The names that general.file_type has for the mixes.
std::string file_type_name(std::int64_t type)
{
    static std::map<std::int64_t, std::string> const names { { 0, "F32" }, { 1, "F16" },
        { 2, "Q4_0" }, { 3, "Q4_1" }, { 7, "Q8_0" }, { 8, "Q5_0" }, { 9, "Q5_1" }, { 10, "Q2_K" },
        { 11, "Q3_K_S" }, { 12, "Q3_K_M" }, { 13, "Q3_K_L" }, { 14, "Q4_K_S" }, { 15, "Q4_K_M" },
        { 16, "Q5_K_S" }, { 17, "Q5_K_M" }, { 18, "Q6_K" }, { 19, "IQ2_XXS" }, { 20, "IQ2_XS" },
        { 21, "Q2_K_S" }, { 22, "IQ3_XS" }, { 23, "IQ3_XXS" }, { 24, "IQ1_S" }, { 25, "IQ4_NL" },
        { 26, "IQ3_S" }, { 27, "IQ3_M" }, { 28, "IQ2_S" }, { 29, "IQ2_M" }, { 30, "IQ4_XS" },
        { 31, "IQ1_M" }, { 32, "BF16" } };
    auto const found = names.find(type);
    return found == names.end() ? "" : found->second;
}

// Whether it belongs to the layers at the end that only guess ahead: engines leave them on the
// disk.
bool is_guesser(Model const& model, std::string_view name)
{
    constexpr std::string_view block = "blk.";
    if (!name.starts_with(block))
        return false;
    std::size_t index = 0;
    auto const digits = name.substr(block.size());
    auto const [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), index);
    return error == std::errc {} && index >= model.layers.size();
}

void add_tensors(Model& model, std::vector<GgufTensor> const& tensors, Catalog const& catalog,
    std::map<std::string, double>& bytes_by_type)
{
    for (auto const& tensor : tensors) {
        if (is_guesser(model, tensor.name))
            continue;
        auto const part = part_of_tensor(tensor.name);
        auto const elements = static_cast<double>(tensor.elements);
        model.params.*part += elements;
        auto const* quant = quant_of(catalog, tensor.type);
        if (!quant) {
            auto const name = fmt::format("ggml type {}", tensor.type);
            auto& unknown = model.unknown_types;
            if (std::find(unknown.begin(), unknown.end(), name) == unknown.end())
                unknown.push_back(name);
            continue;
        }
        auto const bytes = elements / static_cast<double>(quant->block_elements)
            * static_cast<double>(quant->block_bytes);
        (*model.bytes).*part += bytes;
        bytes_by_type[quant->id] += bytes;
    }
}

// Norms of the first layer that act on the whole width.
std::int64_t norms_of(std::vector<GgufTensor> const& tensors)
{
    std::int64_t count = 0;
    for (auto const* name : { "attn_norm", "ffn_norm", "post_attention_norm", "post_ffw_norm" }) {
        auto const wanted = fmt::format("blk.0.{}.weight", name);
        for (auto const& tensor : tensors)
            count += tensor.name == wanted ? 1 : 0;
    }
    return std::max<std::int64_t>(count, 2);
}

void read_widths(Model& model, Keys const& keys)
{
    for (std::size_t i = 0; i < model.layers.size(); ++i) {
        auto& layer = model.layers[i];
        auto const dense = keys.number_of_layer("feed_forward_length", i, 0);
        auto const expert = keys.number("expert_feed_forward_length", dense);
        auto const leading = keys.number("leading_dense_block_count", 0);
        auto const is_dense = model.experts == 0 || static_cast<std::int64_t>(i) < leading;
        layer.ffn = is_dense ? dense : keys.number("expert_shared_count", 0) * expert;
        layer.expert_ffn = is_dense ? 0 : expert;
    }
}

}

std::int64_t split_count(GgufHeader const& header)
{
    auto const found = header.values.find("split.count");
    if (found == header.values.end())
        return 1;
    auto const* count = std::get_if<std::int64_t>(&found->second.content);
    return count ? std::clamp<std::int64_t>(*count, 1, 65535) : 1;
}

Result<Model> model_of(GgufHeader const& header, ByteSource const& source, Catalog const& catalog)
{
    auto const named = header.values.find("general.architecture");
    auto const* architecture = named == header.values.end()
        ? nullptr
        : std::get_if<std::string>(&named->second.content);
    auto const kind = header.values.find("general.type");
    auto const* kind_name = kind == header.values.end()
        ? nullptr
        : std::get_if<std::string>(&kind->second.content);
    if (kind_name && *kind_name == "adapter")
        return fail(ErrorCode::invalid_input,
            "{}: is an adapter (LoRA): give the model that it goes with", source.name);
    if (architecture && *architecture == "clip")
        return fail(ErrorCode::invalid_input,
            "{}: is the part of a model that sees or hears (mmproj): give the language model's "
            "file",
            source.name);
    if (!architecture || architecture->empty())
        return fail(ErrorCode::invalid_input,
            "{}: key 'general.architecture' is missing: it is no model, or a later part of a "
            "split one; give the part -00001-of-…",
            source.name);
    Keys const keys(header, *architecture);
    Model model;
    model.id = *architecture;
    model.source = "GGUF file " + source.name;
    model.hidden = keys.number("embedding_length", 0);
    model.vocab = keys.number("vocab_size", 0);
    if (auto const tokens = header.values.find("tokenizer.ggml.tokens");
        model.vocab == 0 && tokens != header.values.end())
        model.vocab = static_cast<std::int64_t>(
            std::min<std::uint64_t>(tokens->second.length, 1u << 31));
    model.experts = keys.number("expert_count", 0);
    model.experts_per_token = keys.number("expert_used_count", 0);
    if (auto const context = keys.number("context_length", 0); context > 0)
        model.max_context = context;
    auto const layers = keys.number("block_count", 0);
    if (layers < 1 || layers > 4096)
        return fail(ErrorCode::invalid_input, "{}: {}.block_count is {}: expected 1 to 4096",
            source.name, *architecture, layers);
    auto const guessing = std::clamp<std::int64_t>(
        keys.number("nextn_predict_layers", 0), 0, layers - 1);
    for (std::int64_t i = 0; i < layers - guessing; ++i)
        model.layers.push_back(
            read_layer(keys, *architecture, static_cast<std::size_t>(i), model.hidden));
    read_widths(model, keys);
    model.bytes = Parts {};
    std::map<std::string, double> bytes_by_type;
    add_tensors(model, header.tensors, catalog, bytes_by_type);
    if (model.vocab == 0 && model.hidden > 0)
        model.vocab = static_cast<std::int64_t>(model.params.embedding) / model.hidden;
    model.tied = model.params.head == 0;
    model.norms = norms_of(header.tensors);
    if (auto const type = header.values.find("general.file_type"); type != header.values.end()) {
        if (auto const* number = std::get_if<std::int64_t>(&type->second.content))
            model.quant = file_type_name(*number);
    }
    if (model.quant.empty())
        model.quant = name_of_most(bytes_by_type);
    if (split_count(header) == 1)
        TRY(check_model(model));
    return model;
}

Status add_split_part(Model& model, GgufHeader const& part, Catalog const& catalog)
{
    std::map<std::string, double> bytes_by_type;
    add_tensors(model, part.tensors, catalog, bytes_by_type);
    model.tied = model.params.head == 0;
    return {};
}

}
