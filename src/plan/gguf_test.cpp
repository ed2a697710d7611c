#include <plan/gguf.h>

#include <base/prng.h>
#include <plan/cache.h>
#include <plan/quant.h>
#include <plan/test_gguf.h>

#include <gtest/gtest.h>

#include <cmath>

namespace sidereal::plan {

namespace {

QuantType const& type(std::string_view id) { return *entry_of(shipped_catalog().quants, id); }

// The header's text, as the beginning of a file that is so long.
ByteSource header_of_file(std::string const& header, std::uint64_t size)
{
    auto source = text_source("test.gguf", header);
    source.size = size;
    return source;
}

Result<Model> read(std::string const& header, std::uint64_t size)
{
    auto const source = header_of_file(header, size);
    auto const read = read_gguf(source, shipped_catalog());
    if (!read)
        return tl::unexpected(read.error());
    return model_of(*read, source, shipped_catalog());
}

std::string fault_of(std::string const& bytes)
{
    auto const model = read(bytes, bytes.size());
    return model ? "" : model.error().message;
}

TEST(Gguf, tensors_and_shape_of_each_known_model_agree)
{
    for (auto const& entry : shipped_catalog().models) {
        auto const file = test_gguf_of(entry, type("F16"), type("F32"));
        auto const model = read(file.header(), file.file_size());
        ASSERT_TRUE(model) << entry.id << ": " << model.error().message;
        auto const known = model_of(entry);
        EXPECT_EQ(model->layers.size(), known.layers.size());
        EXPECT_EQ(model->tied, known.tied);
        // The generator writes no biases.
        EXPECT_NEAR(model->params.total() / known.params.total(), 1, 0.0005) << entry.id;
        EXPECT_NEAR(model->active_params() / known.active_params(), 1, 1e-9) << entry.id;
        EXPECT_EQ(cache_bytes(*model, { 32768, 16 }), cache_bytes(known, { 32768, 16 }));
        auto const weights = size_weights(*model, "", "llama.cpp", shipped_catalog());
        ASSERT_TRUE(weights);
        EXPECT_EQ(weights->confidence, "exact");
        auto const by_config = size_weights(known, "F16", "llama.cpp", shipped_catalog());
        EXPECT_NEAR(weights->bytes.total() / by_config->bytes.total(), 1, 0.015) << entry.id;
    }
}

TEST(Gguf, published_parameter_counts_are_met)
{
    int published = 0;
    for (auto const& entry : shipped_catalog().models) {
        if (!entry.published_params)
            continue;
        ++published;
        EXPECT_NEAR(model_of(entry).params.total() / static_cast<double>(*entry.published_params),
            1, 0.0001)
            << entry.id;
    }
    EXPECT_GE(published, 15);
}

// Four layers of one head of 64, with a window of 128 where the family has windows.
TestGguf small_file(std::string const& architecture)
{
    TestGguf file;
    file.key("general.architecture", architecture);
    auto const key = [&](std::string const& name, std::uint32_t value) {
        file.key(architecture + "." + name, value);
    };
    key("block_count", 4);
    key("embedding_length", 64);
    key("attention.head_count", 1);
    key("attention.sliding_window", 128);
    key("vocab_size", 4096);
    file.tensor("token_embd.weight", { 64, 4096 }, type("F16"));
    for (int i = 0; i < 4; ++i)
        file.tensor(fmt::format("blk.{}.ffn_up.weight", i), { 64, 1024 }, type("F16"));
    return file;
}

std::vector<std::int64_t> windows_of(std::string const& architecture)
{
    auto const file = small_file(architecture);
    auto const model = read(file.header(), file.file_size());
    std::vector<std::int64_t> windows;
    for (auto const& layer : model->layers)
        windows.push_back(layer.window);
    return windows;
}

TEST(Gguf, families_whose_files_do_not_say_which_layers_see_everything)
{
    using Windows = std::vector<std::int64_t>;
    EXPECT_EQ(windows_of("gemma2"), (Windows { 128, 0, 128, 0 }));
    EXPECT_EQ(windows_of("cohere2"), (Windows { 128, 128, 128, 0 }));
    EXPECT_EQ(windows_of("llama4"), (Windows { 8192, 8192, 8192, 0 }));
    EXPECT_EQ(windows_of("phi3"), (Windows { 0, 0, 0, 0 }));
}

TEST(Gguf, layers_that_only_guess_ahead_stay_on_the_disk)
{
    auto file = small_file("glm4moe");
    auto const whole = read(file.header(), file.file_size());
    file.key("glm4moe.nextn_predict_layers", 1);
    auto const model = read(file.header(), file.file_size());
    ASSERT_TRUE(whole && model);
    EXPECT_EQ(model->layers.size(), 3u);
    EXPECT_EQ(whole->bytes->total() - model->bytes->total(), 64 * 1024 * 2);
}

TEST(Gguf, what_goes_with_a_model_is_none)
{
    EXPECT_NE(fault_of(TestGguf().key("general.architecture", "clip").header()).find("mmproj"),
        std::string::npos);
    TestGguf adapter;
    adapter.key("general.architecture", "llama").key("general.type", "adapter");
    EXPECT_NE(fault_of(adapter.header()).find("LoRA"), std::string::npos);
}

TEST(Gguf, a_state_space_beside_attention_counts_both)
{
    auto file = small_file("falcon-h1");
    file.key("falcon-h1.ssm.inner_size", 128).key("falcon-h1.ssm.state_size", 16);
    file.key("falcon-h1.ssm.conv_kernel", 4).key("falcon-h1.ssm.group_count", 1);
    auto const model = read(file.header(), file.file_size());
    ASSERT_TRUE(model) << model.error().message;
    EXPECT_EQ(model->layers[0].kind, LayerKind::attention);
    EXPECT_EQ(model->layers[0].state_bytes, 4.0 * (3 * (128 + 2 * 16) + 16 * 128));
}

TEST(Gguf, a_download_that_broke_off_says_how_many_bytes_are_missing)
{
    auto const& entry = **find_model(shipped_catalog(), "llama-3.2-3b");
    auto const file = test_gguf_of(entry, type("Q8_0"), type("F32"));
    auto const header = file.header();
    auto const source = header_of_file(header, file.file_size() - 1000);
    auto const read = read_gguf(source, shipped_catalog());
    ASSERT_TRUE(read);
    EXPECT_EQ(read->missing_bytes, 1000u);
}

TEST(Gguf, an_unknown_type_is_never_guessed)
{
    TestGguf file;
    QuantType const odd { "odd", 36, 32, 18 };
    file.key("general.architecture", "m");
    file.key("m.block_count", 1).key("m.embedding_length", 64);
    file.key("m.attention.head_count", 2).key("m.feed_forward_length", 128);
    file.tensor("token_embd.weight", { 64, 4096 }, odd);
    auto const model = read(file.header(), file.file_size());
    ASSERT_TRUE(model) << model.error().message;
    auto const weights = size_weights(*model, "", "llama.cpp", shipped_catalog());
    ASSERT_FALSE(weights);
    EXPECT_NE(weights.error().message.find("cannot size"), std::string::npos);
    EXPECT_NE(weights.error().message.find("ggml type 36"), std::string::npos);
}

TEST(Gguf, what_is_no_gguf_is_named)
{
    EXPECT_NE(fault_of("").find("the file ends here"), std::string::npos);
    EXPECT_NE(fault_of("PK\3\4-------------").find("begins with 'GGUF'"), std::string::npos);
    EXPECT_NE(fault_of(std::string("GGUF\1\0\0\0", 8)).find("version 1"), std::string::npos);
    EXPECT_NE(fault_of(std::string("GGUF\0\0\0\3", 8)).find("big-endian"), std::string::npos);
    EXPECT_NE(fault_of(std::string("GGUF\3\0\0\0", 8) + std::string(16, '\xff')).find("tensors"),
        std::string::npos);
}

TEST(Gguf, a_key_or_tensor_that_stands_there_twice_is_refused)
{
    TestGguf keys;
    keys.key("general.architecture", "m").key("general.architecture", "n");
    EXPECT_NE(fault_of(keys.header()).find("stands there twice"), std::string::npos);
    TestGguf tensors;
    tensors.key("general.architecture", "m");
    tensors.tensor("a", { 32 }, type("F32")).tensor("a", { 32 }, type("F32"));
    EXPECT_NE(fault_of(tensors.header()).find("stands there twice"), std::string::npos);
}

TEST(Gguf, every_cut_and_flipped_byte_gives_a_model_or_a_typed_error)
{
    TestGguf file;
    file.key("general.architecture", "m");
    file.key("m.block_count", 2).key("m.embedding_length", 64);
    file.key("m.attention.head_count", 2).key("m.feed_forward_length", 128);
    file.texts("tokenizer.ggml.tokens", 50, "abc");
    file.tensor("token_embd.weight", { 64, 4096 }, type("Q8_0"));
    auto const header = file.header();
    for (std::size_t size = 0; size < header.size() - 32; ++size)
        EXPECT_NE(fault_of(header.substr(0, size)), "") << size;
    Prng prng(5);
    for (int i = 0; i < 3000; ++i) {
        auto bytes = header;
        bytes[prng.below(bytes.size())] = static_cast<char>(prng.below(256));
        auto const model = read(bytes, file.file_size());
        EXPECT_TRUE(model || model.error().code == ErrorCode::invalid_input);
    }
}

TEST(Gguf, only_the_header_is_read)
{
    auto const& entry = **find_model(shipped_catalog(), "llama-3.1-405b");
    auto const file = test_gguf_of(entry, type("Q8_0"), type("F32"));
    auto const header = file.header();
    auto source = header_of_file(header, file.file_size());
    std::uint64_t furthest = 0;
    auto const inner = source.read;
    source.read = [&](std::uint64_t offset, std::size_t size) {
        furthest = std::max(furthest, offset);
        return inner(offset, size);
    };
    ASSERT_TRUE(read_gguf(source, shipped_catalog()));
    EXPECT_LT(furthest, header.size());
    EXPECT_GT(source.size, 400'000'000'000u);
}

}

}
