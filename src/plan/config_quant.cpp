#include <plan/config_quant.h>

#include <fmt/format.h>

#include <algorithm>

namespace sidereal::plan {

namespace {

std::string grouped_int(std::int64_t bits, std::int64_t group)
{
    if (bits == 8)
        return "INT8";
    if (bits == 4 && (group == 128 || group == 32))
        return fmt::format("INT4-g{}", group);
    return fmt::format("unknown:{} bits in groups of {}", bits, group);
}

// The first group's weights: {"config_groups": {"group_0": {"weights": {...}}}}.
JsonObject const* weights_of_groups(JsonObject const& quantization)
{
    auto const* groups = find(quantization, "config_groups");
    if (!groups || !groups->is_object() || groups->get_object().empty())
        return nullptr;
    auto const& first = groups->get_object().begin()->value();
    if (!first.is_object())
        return nullptr;
    auto const* weights = find(first.get_object(), "weights");
    return weights && weights->is_object() ? &weights->get_object() : nullptr;
}

std::string compressed_tensors(JsonObject const& quantization)
{
    auto const format = get_string(quantization, "format").value_or("");
    if (format.starts_with("nvfp4"))
        return "NVFP4-ckpt";
    if (format.starts_with("mxfp4"))
        return "MXFP4-ckpt";
    auto const* weights = weights_of_groups(quantization);
    if (!weights)
        return "unknown:compressed-tensors " + format;
    auto const bits = get_int(*weights, "num_bits").value_or(0);
    auto const type = get_string(*weights, "type").value_or("");
    if (type == "float" && bits == 8)
        return "FP8";
    if (type == "float" && bits == 4)
        return "NVFP4-ckpt";
    if (type == "int")
        return grouped_int(bits, get_int(*weights, "group_size").value_or(128));
    return fmt::format("unknown:compressed-tensors {} {}", format, type);
}

std::string mlx(JsonObject const& quantization)
{
    auto const bits = get_int(quantization, "bits").value_or(0);
    auto const group = get_int(quantization, "group_size").value_or(64);
    if (bits == 4 && group == 64)
        return "MLX-4bit";
    return fmt::format("unknown:MLX, {} bits in groups of {}", bits, group);
}

std::string quant_of_method(JsonObject const& quantization)
{
    auto const method = get_string(quantization, "quant_method").value_or("");
    auto const algorithm = get_string(quantization, "quant_algo").value_or("");
    if (method == "fp8" || method == "fbgemm_fp8")
        return find(quantization, "weight_block_size") ? "FP8-block" : "FP8";
    if (method == "mxfp4")
        return "MXFP4-ckpt";
    if (algorithm == "NVFP4" || algorithm == "FP8")
        return algorithm == "FP8" ? "FP8" : "NVFP4-ckpt";
    if (method == "awq" || method == "gptq")
        return grouped_int(get_int(quantization, "bits").value_or(4),
            get_int(quantization, "group_size").value_or(128));
    if (method == "compressed-tensors")
        return compressed_tensors(quantization);
    if (method == "bitsandbytes") {
        if (get_bool(quantization, "load_in_8bit").value_or(false))
            return "INT8";
        return get_bool(quantization, "bnb_4bit_use_double_quant").value_or(true) ? "NF4-dq"
                                                                                  : "NF4";
    }
    if (method.empty() && find(quantization, "bits"))
        return mlx(quantization);
    return "unknown:" + (method.empty() ? algorithm : method);
}

std::string quant_of_type(JsonObject const& config)
{
    for (auto const* name : { "torch_dtype", "dtype" }) {
        auto const type = get_string(config, name);
        if (type && type->find("float16") != std::string::npos)
            return "BF16";
        if (type && *type == "float32")
            return "F32";
    }
    return "";
}

}

std::string quant_of_config(JsonObject const& config)
{
    auto const* text = find(config, "text_config");
    auto const* inner = text && text->is_object() ? &text->get_object() : nullptr;
    // MLX writes its own under "quantization" as well.
    for (auto const* object : { &config, inner }) {
        auto const* found = object ? find(*object, "quantization_config") : nullptr;
        if (!found && object)
            found = find(*object, "quantization");
        if (found && found->is_object())
            return quant_of_method(found->get_object());
    }
    auto type = quant_of_type(config);
    if (type.empty() && inner)
        type = quant_of_type(*inner);
    return type.empty() ? "BF16" : type;
}

}
