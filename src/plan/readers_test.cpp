#include <plan/cache.h>
#include <plan/model_config.h>
#include <plan/quant.h>
#include <plan/safetensors.h>

#include <gtest/gtest.h>

namespace sidereal::plan {

namespace {

std::string framed(std::string const& json, std::size_t data_bytes)
{
    std::string out;
    for (int i = 0; i < 8; ++i)
        out += static_cast<char>(json.size() >> (8 * i) & 0xff);
    return out + json + std::string(data_bytes, '\0');
}

std::string fault_of(std::string const& file)
{
    auto const header = read_safetensors(text_source("x.safetensors", file));
    return header ? "" : header.error().message;
}

TEST(Safetensors, sizes_come_from_the_header)
{
    auto const file = framed(
        R"({"__metadata__":{"a":"b"},"model.embed_tokens.weight":{"dtype":"BF16","shape":[2,3],)"
        R"("data_offsets":[0,12]},"n":{"dtype":"F4","shape":[4],"data_offsets":[12,14]}})",
        14);
    auto const header = read_safetensors(text_source("x.safetensors", file));
    ASSERT_TRUE(header) << header.error().message;
    EXPECT_EQ(header->total_bytes, 14u);
    EXPECT_EQ(header->tensors.size(), 2u);
}

TEST(Safetensors, what_does_not_add_up_is_refused_by_name)
{
    auto const one = [](std::string const& body) { return framed("{\"t\":" + body + "}", 4); };
    EXPECT_NE(fault_of(one(R"({"dtype":"F32","shape":[2],"data_offsets":[0,4]})"))
                  .find("tensor 't': data_offsets"),
        std::string::npos);
    EXPECT_NE(fault_of(one(R"({"dtype":"F32","shape":[1],"data_offsets":[1,5]})"))
                  .find("begins at 1; expected 0"),
        std::string::npos);
    EXPECT_NE(
        fault_of(one(R"({"dtype":"X9","shape":[1],"data_offsets":[0,4]})")).find("cannot size"),
        std::string::npos);
    EXPECT_NE(fault_of(one(R"({"dtype":"F32","shape":[4294967296,4294967296],)"
                           R"("data_offsets":[0,4]})"))
                  .find("impossibly large"),
        std::string::npos);
    EXPECT_NE(fault_of(framed(R"({"t":{"dtype":"F32","shape":[1],"data_offsets":[0,4]}})", 1))
                  .find("3 are missing"),
        std::string::npos);
    EXPECT_NE(fault_of(std::string(8, '\xff')).find("a header of"), std::string::npos);
}

TEST(Safetensors, an_index_may_say_its_size_with_a_point_or_not_at_all)
{
    auto const total = [](std::string_view metadata) {
        return read_safetensors_index(
            fmt::format(R"({{{}"weight_map":{{"a":"1.st"}}}})", metadata), "i");
    };
    EXPECT_EQ(total(R"("metadata":{"total_size":10},)")->total_bytes, 10u);
    EXPECT_EQ(total(R"("metadata":{"total_size":15231233024.0},)")->total_bytes, 15'231'233'024u);
    EXPECT_EQ(total(R"("metadata":{},)")->total_bytes, std::nullopt);
    EXPECT_EQ(total("")->total_bytes, std::nullopt);
    EXPECT_FALSE(total(R"("metadata":{"total_size":-1},)"));
    EXPECT_FALSE(total(R"("metadata":{"total_size":"x"},)"));
}

TEST(Safetensors, an_index_names_each_shard_once_and_no_path)
{
    auto const index = read_safetensors_index(
        R"({"metadata":{"total_size":10},"weight_map":{"a":"1.st","b":"1.st","c":"2.st"}})", "i");
    ASSERT_TRUE(index);
    EXPECT_EQ(index->files, (std::vector<std::string> { "1.st", "2.st" }));
    EXPECT_FALSE(read_safetensors_index(
        R"({"metadata":{"total_size":10},"weight_map":{"a":"../etc/passwd"}})", "i"));
}

constexpr std::string_view llama_8b = R"({"model_type":"llama","num_hidden_layers":32,
"hidden_size":4096,"intermediate_size":14336,"num_attention_heads":32,"num_key_value_heads":8,
"vocab_size":128256,"tie_word_embeddings":false,"torch_dtype":"bfloat16",
"max_position_embeddings":131072})";

TEST(ModelConfig, a_plain_model_counts_as_published)
{
    auto const model = read_model_config(llama_8b, "config.json");
    ASSERT_TRUE(model) << model.error().message;
    EXPECT_EQ(model->params.total(), 8030261248.0);
    EXPECT_EQ(model->quant, "BF16");
    EXPECT_EQ(cache_bytes_per_token(*model, 16), 131072);
}

TEST(ModelConfig, latent_attention_keeps_one_row_a_token)
{
    // The published DeepSeek-V3 shape without its extra prediction layer.
    auto const model = read_model_config(R"({"model_type":"deepseek_v3","num_hidden_layers":61,
"hidden_size":7168,"intermediate_size":18432,"moe_intermediate_size":2048,"n_routed_experts":256,
"num_experts_per_tok":8,"n_shared_experts":1,"first_k_dense_replace":3,"num_attention_heads":128,
"num_key_value_heads":128,"kv_lora_rank":512,"q_lora_rank":1536,"qk_nope_head_dim":128,
"qk_rope_head_dim":64,"v_head_dim":128,"vocab_size":129280,"tie_word_embeddings":false,
"quantization_config":{"quant_method":"fp8","weight_block_size":[128,128]}})",
        "config.json");
    ASSERT_TRUE(model) << model.error().message;
    EXPECT_EQ(cache_bytes_per_token(*model, 16), 61 * 576 * 2);
    EXPECT_NEAR(model->params.total() / 671.0e9, 1, 0.002);
    EXPECT_NEAR(model->active_params() / 37e9, 1, 0.03);
    EXPECT_EQ(model->quant, "FP8-block");
}

TEST(ModelConfig, a_hybrid_model_grows_only_by_its_full_layers)
{
    auto const model = read_model_config(R"({"model_type":"qwen3_next","num_hidden_layers":48,
"hidden_size":2048,"intermediate_size":5120,"moe_intermediate_size":512,"num_experts":512,
"num_experts_per_tok":10,"shared_expert_intermediate_size":512,"num_attention_heads":16,
"num_key_value_heads":2,"head_dim":256,"full_attention_interval":4,"linear_num_key_heads":16,
"linear_num_value_heads":32,"linear_key_head_dim":128,"linear_value_head_dim":128,
"linear_conv_kernel_dim":4,"vocab_size":151936,"tie_word_embeddings":false})",
        "config.json");
    ASSERT_TRUE(model) << model.error().message;
    EXPECT_EQ(cache_bytes_per_token(*model, 16), 12 * 2 * (256 + 256) * 2);
    EXPECT_NEAR(model->params.total() / 80e9, 1, 0.02);
}

double gigabytes(std::string_view model, std::string_view quant, std::string_view engine)
{
    auto const entry = find_model(shipped_catalog(), model);
    return size_weights(model_of(**entry), quant, engine, shipped_catalog())->bytes.total() / 1e9;
}

TEST(Quant, published_files_are_met)
{
    EXPECT_NEAR(gigabytes("gpt-oss-20b", "", "llama.cpp"), 12.0965, 0.012);
    EXPECT_NEAR(gigabytes("gpt-oss-120b", "", "llama.cpp"), 63.3743, 0.07);
    EXPECT_NEAR(gigabytes("llama-3.1-8b", "Q4_K_M", "llama.cpp"), 8.03 * 4.8944 / 8, 0.03);
    EXPECT_NEAR(gigabytes("llama-3.x-70b", "BF16", "vllm"), 141.11, 0.02);
    EXPECT_NEAR(gigabytes("llama-3.x-70b", "INT4-g128", "vllm"), 39.8, 0.2);
}

TEST(Cache, the_published_rows_are_exact)
{
    auto const bytes = [](std::string_view id, std::int64_t context) {
        return cache_bytes(model_of(**find_model(shipped_catalog(), id)), { context, 16 });
    };
    EXPECT_EQ(bytes("llama-3.x-70b", 1), 327'680);
    EXPECT_EQ(bytes("llama-3.x-70b", 32'768), 10.0 * (1 << 30));
    EXPECT_EQ(bytes("llama-3.1-8b", 1), 131'072);
    EXPECT_EQ(bytes("gpt-oss-120b", 1000), 36'864.0 * 1000 + 36'864.0 * 128);
    EXPECT_EQ(bytes("llama-3.1-8b", 2048), 2 * bytes("llama-3.1-8b", 1024));
}

}

}
