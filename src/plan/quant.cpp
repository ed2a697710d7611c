#include <plan/quant.h>

#include <plan/engine_name.h>

#include <fmt/ranges.h>

#include <algorithm>
#include <array>
#include <optional>

namespace sidereal::plan {

namespace {

constexpr double q8_bits = 8.5;
constexpr double q6_k_bits = 6.5625;

// Bits a weight of each part.
struct Bits {
    double embedding { 16 };
    double head { 16 };
    double attention { 16 };
    double ffn { 16 };
    double experts { 16 };
    double small { 32 };
    std::string confidence { "high" };
    std::string formula;
};

Bits uniform(double bits, std::string formula, std::string confidence)
{
    return { bits, bits, bits, bits, bits, 32, std::move(confidence), std::move(formula) };
}

// llama.cpp's medium mixes: the down projection and the values get Q6_K in the first and the last
// eighth of the layers and in every third one between.
double share_of_better_layers(std::size_t layers)
{
    std::size_t better = 0;
    auto const eighth = layers / 8;
    for (std::size_t i = 0; i < layers; ++i) {
        if (i < eighth || i >= 7 * layers / 8 || (i - eighth) % 3 == 2)
            ++better;
    }
    return layers ? static_cast<double>(better) / static_cast<double>(layers) : 0;
}

Bits medium_mix(Model const& model, double base)
{
    auto const share = share_of_better_layers(model.layers.size());
    auto const extra = (q6_k_bits - base) * share;
    double values = 0;
    for (auto const& layer : model.layers)
        values += static_cast<double>(model.hidden) * static_cast<double>(layer.kv_heads)
            * static_cast<double>(layer.value_dim);
    auto const of_attention = model.params.attention > 0 ? values / model.params.attention : 0;
    auto const down = 1.0 / model.ffn_matrices;
    Bits bits;
    bits.embedding = model.tied ? q6_k_bits : base;
    bits.head = q6_k_bits;
    bits.attention = base + extra * of_attention;
    bits.ffn = base + extra * down;
    bits.experts = bits.ffn;
    bits.formula = fmt::format("{} bits; Q6_K for the head and, in {:.0f} % of the layers, for "
                               "values and down projections",
        base, 100 * share);
    return bits;
}

Bits gpt_oss()
{
    Bits bits;
    bits.embedding = bits.head = bits.attention = bits.ffn = q8_bits;
    bits.experts = 4.25;
    bits.formula = "experts MXFP4 (4.25 bits), the rest Q8_0 (8.5), norms and biases F32";
    return bits;
}

Bits of_scheme(QuantScheme const& scheme)
{
    auto bits = uniform(scheme.bits_per_weight,
        fmt::format("{}: {} bits", scheme.name, scheme.bits_per_weight), "high");
    bits.small = 16;
    if (scheme.bf16_embedding) {
        bits.embedding = bits.head = 16;
        bits.formula += ", embedding and head bf16";
    }
    return bits;
}

std::string lower(std::string_view text)
{
    std::string result(text);
    for (auto& letter : result) {
        if (letter >= 'A' && letter <= 'Z')
            letter = static_cast<char>(letter + 32);
    }
    return result;
}

template<typename Entry>
Entry const* by_any_case(std::vector<Entry> const& entries, std::string_view id)
{
    auto const wanted = lower(id);
    for (auto const& entry : entries) {
        if (lower(entry.id) == wanted)
            return &entry;
    }
    return nullptr;
}

QuantScheme const* scheme_of(std::string_view quant, Catalog const& catalog)
{
    if (auto const* scheme = by_any_case(catalog.schemes, quant))
        return scheme;
    return by_any_case(catalog.schemes, fmt::format("{}-ckpt", quant));
}

std::optional<Bits> bits_of_file(Model const& model, std::string_view quant, Catalog const& catalog)
{
    auto const name = lower(quant);
    if (name == "gptoss")
        return gpt_oss();
    if (name == "q4_k_m")
        return medium_mix(model, 4.5);
    if (name == "q5_k_m")
        return medium_mix(model, 5.5);
    auto const is_plain = name == "q8_0" || name == "q6_k" || name == "f16" || name == "iq4_nl";
    if (auto const* type = by_any_case(catalog.file_types, quant); type && !is_plain)
        return uniform(type->bits_per_weight,
            fmt::format("average of a whole {} file: {} bits", type->id, type->bits_per_weight),
            "medium");
    if (auto const* type = by_any_case(catalog.quants, quant)) {
        auto bits = uniform(type->bits_per_weight(),
            fmt::format("{}: {} bits", type->id, type->bits_per_weight()), "high");
        // llama.cpp keeps the head of the old four- and five-bit types in Q6_K.
        if (name.starts_with("q4_") || name.starts_with("q5_")) {
            bits.head = q6_k_bits;
            if (model.tied)
                bits.embedding = q6_k_bits;
        }
        return bits;
    }
    return {};
}

std::optional<Bits> bits_of(
    Model const& model, std::string_view quant, std::string_view engine, Catalog const& catalog)
{
    auto const* scheme = scheme_of(quant, catalog);
    if (scheme && !is_llama_cpp(engine))
        return of_scheme(*scheme);
    if (auto file = bits_of_file(model, quant, catalog))
        return file;
    if (scheme)
        return of_scheme(*scheme);
    return {};
}

std::vector<std::string_view> known_quants(Catalog const& catalog)
{
    std::vector<std::string_view> names { "GPTOSS", "Q4_K_M", "Q5_K_M" };
    auto const add = [&](std::string_view name) {
        if (std::find(names.begin(), names.end(), name) == names.end())
            names.push_back(name);
    };
    for (auto const& type : catalog.quants)
        add(type.id);
    for (auto const& type : catalog.file_types)
        add(type.id);
    for (auto const& scheme : catalog.schemes)
        add(scheme.id);
    return names;
}

// As the catalogue writes it.
std::string spelled(std::string_view quant, Catalog const& catalog)
{
    for (auto const* mix : { "GPTOSS", "Q4_K_M", "Q5_K_M" }) {
        if (lower(mix) == lower(quant))
            return mix;
    }
    if (auto const* type = by_any_case(catalog.quants, quant))
        return type->id;
    if (auto const* type = by_any_case(catalog.file_types, quant))
        return type->id;
    auto const* scheme = by_any_case(catalog.schemes, quant);
    return scheme ? scheme->id : std::string(quant);
}

}

Result<Weights> size_weights(
    Model const& model, std::string_view quant, std::string_view engine, Catalog const& catalog)
{
    if (!model.unknown_types.empty())
        return fail(ErrorCode::invalid_input,
            "cannot size {}: its tensors have types that the catalogue does not know: {}",
            model.source, fmt::join(model.unknown_types, ", "));
    auto const wanted = quant.empty() ? std::string_view(model.quant) : quant;
    if (model.bytes && (quant.empty() || lower(quant) == lower(model.quant)))
        return Weights { *model.bytes, model.quant, "sum over the file's tensors", "exact" };
    if (wanted.empty())
        return fail(ErrorCode::invalid_input,
            "cannot size {}: no quant is given; say one with --quant, as in Q4_K_M; 'sidereal plan "
            "catalog quants' lists them",
            model.id);
    auto const bits = bits_of(model, wanted, engine, catalog);
    if (!bits)
        return fail(ErrorCode::invalid_input, "cannot size {}: {}", model.id,
            no_such_entry("quant", wanted, known_quants(catalog)).message);
    Weights weights;
    auto const& p = model.params;
    weights.bytes = { p.embedding * bits->embedding / 8, p.head * bits->head / 8,
        p.attention * bits->attention / 8, p.ffn * bits->ffn / 8, p.experts * bits->experts / 8,
        p.small * bits->small / 8 };
    weights.quant = spelled(wanted, catalog);
    weights.formula = bits->formula;
    weights.confidence = bits->confidence;
    return weights;
}

Result<double> cache_bits(std::string_view type, Catalog const& catalog)
{
    auto const name = lower(type);
    if (name == "fp8" || name == "fp8_e4m3" || name == "fp8_e5m2")
        return 8.0;
    // One scale a token and head.
    if (name == "int8")
        return 8.08;
    if (auto const* quant = by_any_case(catalog.quants, type))
        return quant->bits_per_weight();
    return fail(ErrorCode::invalid_input,
        "cannot size the cache: no type '{}'; say fp8, int8 or a tensor type of 'plan catalog "
        "quants', f16 and q8_0 among them",
        type);
}

std::vector<std::string> quant_ladder(std::string_view engine)
{
    if (engine == "mlx")
        return { "BF16", "MLX-4bit" };
    if (!is_llama_cpp(engine))
        return { "BF16", "FP8", "INT4-g128" };
    return { "BF16", "Q8_0", "Q6_K", "Q5_K_M", "Q4_K_M", "IQ4_XS", "IQ3_M", "Q2_K", "IQ2_XS" };
}

std::string quant_class(std::string_view quant)
{
    auto const name = lower(quant);
    for (auto const* floating : { "f16", "bf16", "f32", "f64" }) {
        if (name == floating)
            return "float";
    }
    if (name.starts_with("iq"))
        return "i-quant";
    for (auto const digit : { '2', '3', '4', '5', '6', '8' }) {
        if (name.find(digit) != std::string::npos)
            return fmt::format("{}-bit", digit);
    }
    return name == "gptoss" ? "4-bit" : "other";
}

}
