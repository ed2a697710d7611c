#include <plan/cache.h>
#include <plan/model_config.h>
#include <plan/published_points.h>
#include <plan/quant.h>

#include <base/json.h>

#include <gtest/gtest.h>

namespace sidereal::plan {
namespace {

constexpr std::string_view llama_8b = R"({"model_type":"llama","num_hidden_layers":32,
"hidden_size":4096,"intermediate_size":14336,"num_attention_heads":32,"num_key_value_heads":8,
"vocab_size":128256,"tie_word_embeddings":false,"torch_dtype":"bfloat16"})";

std::string with(std::string_view field)
{
    std::string json(llama_8b);
    return json.replace(json.rfind('}'), 1, "," + std::string(field) + "}");
}

std::string fault_of(std::string_view json)
{
    auto const model = read_model_config(json, "config.json");
    return model ? "" : model.error().message;
}

TEST(ModelConfig, published_models_have_their_parameters)
{
    auto const rows = parse_json(published_configs);
    ASSERT_TRUE(rows) << rows.error().message;
    EXPECT_GT(rows->get_array().size(), 40u);
    for (auto const& row : rows->get_array()) {
        auto const& object = row.get_object();
        auto const name = get_string(object, "name").value();
        auto const model = read_model_config(find(object, "config")->get_object(), name);
        ASSERT_TRUE(model) << name << ": " << model.error().message;
        auto const billions = model->params.total() / 1e9;
        EXPECT_NEAR(billions / get_double(object, "billions").value(), 1, 0.005) << name;
        EXPECT_TRUE(model->notes.empty()) << name;
    }
}

TEST(ModelConfig, windows_of_a_family_that_does_not_list_its_layers)
{
    // As gemma-3-27b-it is published: neither a pattern nor a vocabulary.
    auto const model = read_model_config(R"({"model_type":"gemma3","text_config":{
"model_type":"gemma3_text","head_dim":128,"hidden_size":5376,"intermediate_size":21504,
"num_attention_heads":32,"num_hidden_layers":62,"num_key_value_heads":16,"sliding_window":1024},
"vision_config":{}})",
        "config.json");
    ASSERT_TRUE(model) << model.error().message;
    EXPECT_EQ(cache_bytes_per_token(*model, 16), 10 * 16 * (128 + 128) * 2);
    EXPECT_TRUE(model->tied);
    ASSERT_EQ(model->notes.size(), 1u);
    EXPECT_NE(model->notes[0].find("images"), std::string::npos);
}

TEST(ModelConfig, a_state_space_beside_attention_counts_both)
{
    auto const model = read_model_config(R"({"model_type":"falcon_h1","hidden_size":1024,
"intermediate_size":2048,"num_attention_heads":8,"num_key_value_heads":2,"head_dim":64,
"num_hidden_layers":2,"vocab_size":32000,"mamba_d_ssm":1536,"mamba_n_heads":24,"mamba_d_head":64,
"mamba_d_state":128,"mamba_d_conv":4,"mamba_n_groups":1})",
        "config.json");
    ASSERT_TRUE(model) << model.error().message;
    auto const state = 4.0 * (3 * (1536 + 2 * 128) + 128 * 1536);
    EXPECT_EQ(model->layers[0].state_bytes, state);
    EXPECT_EQ(cache_bytes(*model, { 256, 16 }), 2 * (state + 256 * 2 * (64 + 64) * 2));
}

TEST(ModelConfig, a_pattern_of_mixers_and_what_follows_them)
{
    auto const model = read_model_config(R"({"model_type":"nemotron_h","hidden_size":1024,
"intermediate_size":4096,"num_attention_heads":8,"num_key_value_heads":2,"head_dim":128,
"num_hidden_layers":6,"vocab_size":32000,"hybrid_override_pattern":"M-M*-M","mamba_num_heads":16,
"mamba_head_dim":64,"ssm_state_size":128,"conv_kernel":4,"n_groups":8})",
        "config.json");
    ASSERT_TRUE(model) << model.error().message;
    ASSERT_EQ(model->layers.size(), 4u);
    EXPECT_EQ(model->layers[0].ffn, 4096);
    EXPECT_EQ(model->layers[1].ffn, 0);
    EXPECT_EQ(model->layers[2].kind, LayerKind::attention);
    EXPECT_EQ(model->layers[2].ffn, 4096);
    EXPECT_EQ(model->layers[3].ffn, 0);
    EXPECT_EQ(cache_bytes_per_token(*model, 16), 2 * (128 + 128) * 2);
}

TEST(ModelConfig, an_unknown_family_is_said_to_be_guessed)
{
    std::string json(llama_8b);
    json.replace(json.find("llama"), 5, "novel");
    auto const model = read_model_config(json, "config.json");
    ASSERT_TRUE(model) << model.error().message;
    ASSERT_EQ(model->notes.size(), 1u);
    EXPECT_NE(model->notes[0].find("'novel' is not known"), std::string::npos);
    json.replace(json.rfind('}'), 1, R"(,"mamba_d_state":128})");
    EXPECT_NE(fault_of(json).find("has 'mamba_d_state'"), std::string::npos);
}

TEST(ModelConfig, what_a_config_does_not_tell_enough_of_is_refused)
{
    std::string json(llama_8b);
    json.replace(json.find("llama"), 5, "rwkv7");
    EXPECT_NE(fault_of(json).find("give the GGUF"), std::string::npos);
    EXPECT_NE(fault_of(with(R"("layer_types":["full_attention","sparse_attention"])"))
                  .find("layer 1 is 'sparse_attention'"),
        std::string::npos);
    EXPECT_NE(fault_of(with(R"("moe_intermediate_size":[1024,2048])"))
                  .find("field 'moe_intermediate_size': differs"),
        std::string::npos);
}

TEST(ModelConfig, layers_that_are_not_there_are_refused)
{
    auto const kimi = [](std::string_view layers, std::string_view delta) {
        return fault_of(fmt::format(R"({{"model_type":"kimi_linear","num_hidden_layers":{},
"hidden_size":64,"intermediate_size":256,"num_attention_heads":2,"vocab_size":32000,
"linear_attn_config":{{"kda_layers":{},"head_dim":32,"num_heads":2,"short_conv_kernel_size":4}}}})",
            layers, delta));
    };
    EXPECT_EQ(kimi("4", "[1,2,3]"), "");
    EXPECT_NE(kimi("4", "[5]").find("field 'kda_layers': expected numbers from 1 to 4, not 5"),
        std::string::npos);
    EXPECT_NE(kimi("4", "[0]").find("kda_layers"), std::string::npos);
    EXPECT_NE(kimi("0", "[1]").find("num_hidden_layers"), std::string::npos);
    EXPECT_NE(kimi("-1", "[-1e300]").find("num_hidden_layers"), std::string::npos);
}

TEST(ModelConfig, heads_of_nothing_are_refused)
{
    std::string json(llama_8b);
    auto const heads = json.find("32,\"num_key");
    EXPECT_NE(fault_of(json.replace(heads, 2, "8192")).find("heads of 0"), std::string::npos);
    auto const model = read_model_config(with(R"("head_dim":0)"), "config.json");
    ASSERT_TRUE(model) << model.error().message;
    EXPECT_EQ(model->layers[0].key_dim, 128);
    EXPECT_NE(fault_of(with(R"("head_dim":-1)")).find("head_dim"), std::string::npos);
    EXPECT_NE(fault_of(fmt::format(R"({{"model_type":"{}"}})", std::string(5000, 'x')))
                  .find("at most 100"),
        std::string::npos);
}

std::string quant_in(std::string_view field)
{
    auto const model = read_model_config(with(field), "config.json");
    return !model                      ? model.error().message
        : model->unknown_types.empty() ? model->quant
                                       : model->unknown_types[0];
}

TEST(ModelConfig, the_ways_to_write_down_a_quantisation)
{
    EXPECT_EQ(quant_in(R"("quantization_config":{"quant_method":"gptq","bits":8})"), "INT8");
    EXPECT_EQ(quant_in(R"("quantization_config":{"quant_method":"awq","bits":4,"group_size":32})"),
        "INT4-g32");
    EXPECT_EQ(quant_in(R"("quantization_config":{"quant_method":"gptq","bits":3})"),
        "quantisation '3 bits in groups of 128'");
    EXPECT_EQ(
        quant_in(R"("quantization_config":{"quant_method":"bitsandbytes","load_in_8bit":true})"),
        "INT8");
    EXPECT_EQ(quant_in(R"("quantization_config":{"quant_method":"compressed-tensors",
"format":"pack-quantized","config_groups":{"group_0":{"weights":{"num_bits":4,"type":"int",
"group_size":128}}}})"),
        "INT4-g128");
    EXPECT_EQ(quant_in(R"("quantization_config":{"quant_method":"compressed-tensors",
"format":"float-quantized","config_groups":{"group_0":{"weights":{"num_bits":8,
"type":"float"}}}})"),
        "FP8");
    EXPECT_EQ(quant_in(R"("quantization":{"group_size":64,"bits":4})"), "MLX-4bit");
    EXPECT_EQ(quant_in(R"("quantization":{"group_size":64,"bits":3})"),
        "quantisation 'MLX, 3 bits in groups of 64'");
    EXPECT_EQ(quant_in(R"("quantization_config":{"quant_method":"hqq"})"), "quantisation 'hqq'");
}

TEST(ModelConfig, faults_name_the_field)
{
    auto const fault = [](std::string_view json) {
        auto const model = read_model_config(json, "config.json");
        return model ? "" : model.error().message;
    };
    EXPECT_NE(fault("{}").find("field 'num_hidden_layers': is missing"), std::string::npos);
    EXPECT_NE(fault(R"({"num_hidden_layers":-1})").find("num_hidden_layers"), std::string::npos);
    EXPECT_NE(fault("[").find("config.json"), std::string::npos);
}

TEST(Quant, a_method_that_nobody_knows_cannot_be_sized)
{
    std::string json(llama_8b);
    json.replace(json.rfind('}'), 1, R"(,"quantization_config":{"quant_method":"magic"}})");
    auto const model = read_model_config(json, "config.json");
    ASSERT_TRUE(model);
    EXPECT_FALSE(size_weights(*model, "", "vllm", shipped_catalog()));
}

}
}
