#include <plan/gguf.h>
#include <plan/model_config.h>
#include <plan/safetensors.h>
#include <plan/test_gguf.h>

#include <gtest/gtest.h>

#include <malloc.h>

#include <algorithm>
#include <atomic>
#include <cstdlib>
#include <functional>
#include <new>

// Counts what this program holds on the heap, for the bounds below.
namespace {

std::atomic<std::size_t> held { 0 };
std::atomic<std::size_t> most_held { 0 };

void* allocate(std::size_t size)
{
    auto* block = std::malloc(size ? size : 1);
    if (!block)
        std::abort();
    auto const now = held += malloc_usable_size(block);
    auto before = most_held.load();
    while (before < now && !most_held.compare_exchange_weak(before, now)) { }
    return block;
}

void release(void* block)
{
    if (!block)
        return;
    held -= malloc_usable_size(block);
    std::free(block);
}

}

void* operator new(std::size_t size) { return allocate(size); }
void* operator new[](std::size_t size) { return allocate(size); }
void* operator new(std::size_t size, std::nothrow_t const&) noexcept { return allocate(size); }
void* operator new[](std::size_t size, std::nothrow_t const&) noexcept { return allocate(size); }
void operator delete(void* block) noexcept { release(block); }
void operator delete[](void* block) noexcept { release(block); }
void operator delete(void* block, std::size_t) noexcept { release(block); }
void operator delete[](void* block, std::size_t) noexcept { release(block); }

namespace sidereal::plan {

namespace {

constexpr std::size_t most_bytes = 64 << 20;

// The most that is held besides what was held before.
std::size_t bytes_held(std::function<void()> const& work)
{
    auto const before = held.load();
    most_held = before;
    work();
    return most_held.load() - before;
}

std::string number(std::uint64_t value, int bytes)
{
    std::string text;
    for (int i = 0; i < bytes; ++i)
        text += static_cast<char>(value >> (8 * i) & 0xff);
    return text;
}

std::string gguf(std::uint64_t tensors, std::uint64_t values, std::string_view rest = "")
{
    return "GGUF" + number(3, 4) + number(tensors, 8) + number(values, 8) + std::string(rest);
}

std::string key(std::string_view name, std::uint32_t type)
{
    return number(name.size(), 8) + std::string(name) + number(type, 4);
}

// A file of any length whose bytes follow a rule.
ByteSource endless(std::string head, std::uint64_t size, char filler)
{
    return { "endless", size,
        [head = std::move(head), filler](
            std::uint64_t offset, std::size_t bytes) -> Result<std::string> {
            std::string text(bytes, filler);
            for (std::size_t i = 0; i < bytes && offset + i < head.size(); ++i)
                text[i] = head[offset + i];
            return text;
        } };
}

void expect_refused(ByteSource const& source, std::string_view what)
{
    std::string message;
    auto const bytes = bytes_held([&] {
        auto const read = read_gguf(source, shipped_catalog());
        if (read) {
            auto const model = model_of(*read, source, shipped_catalog());
            message = model ? "" : model.error().message;
        } else {
            message = read.error().message;
        }
    });
    EXPECT_FALSE(message.empty()) << what << " was taken";
    EXPECT_NE(message.find(source.name), std::string::npos) << what << ": " << message;
    EXPECT_LT(bytes, most_bytes) << what;
}

TEST(Hostile, gguf_that_promises_more_than_it_holds_is_refused_in_little_memory)
{
    constexpr std::uint64_t huge = 1ull << 62;
    auto const text = [](std::uint64_t length) {
        return key("general.name", 8) + number(length, 8);
    };
    auto const array = [](std::uint32_t type, std::uint64_t length) {
        return key("tokenizer.ggml.tokens", 9) + number(type, 4) + number(length, 8);
    };
    struct Case {
        std::string_view what;
        std::string bytes;
    };
    for (auto const& [what, bytes] : {
             Case { "no bytes", "" },
             Case { "another magic", "GGML" + std::string(100, 'x') },
             Case { "version 1", "GGUF" + number(1, 4) + std::string(100, '\0') },
             Case { "big endian", "GGUF" + std::string("\0\0\0\3", 4) + std::string(100, '\0') },
             Case { "2^62 values", gguf(0, huge) },
             Case { "2^62 tensors", gguf(huge, 0) },
             Case { "a text of 2^62 bytes", gguf(0, 1, text(huge)) },
             Case { "a key of 2^62 bytes", gguf(0, 1, number(huge, 8)) },
             Case { "2^62 texts", gguf(0, 1, array(8, huge)) },
             Case { "2^62 numbers", gguf(0, 1, array(10, huge)) },
             Case { "an array of arrays", gguf(0, 1, array(9, 4)) },
             Case { "an unknown type", gguf(0, 1, array(77, 4)) },
             Case { "a tensor of 2^62 dimensions",
                 gguf(1, 0, number(1, 8) + "x" + number(0xffffffff, 4)) },
         })
        expect_refused(text_source("hostile", bytes), what);
}

TEST(Hostile, gguf_without_end_is_refused_in_little_memory)
{
    constexpr std::uint64_t terabyte = 1ull << 40;
    for (auto const filler : { '\0', '\1', '\xff', 'A' }) {
        expect_refused(endless(gguf(60'000, 60'000), terabyte, filler), "a terabyte of one byte");
        expect_refused(endless(gguf(1u << 20, 1u << 20), terabyte, filler), "a million entries");
        expect_refused(endless(gguf(0, 1, key("a", 9) + number(8, 4) + number(1'999'999, 8)),
                           terabyte, filler),
            "two million texts");
    }
}

TEST(Hostile, gguf_cut_off_anywhere_is_refused)
{
    auto const& catalog = shipped_catalog();
    auto const file = test_gguf_of(**find_model(catalog, "llama-3.2-1b"),
        *entry_of(catalog.quants, "Q4_K"), *entry_of(catalog.quants, "F32"));
    auto const whole = file.header();
    for (std::size_t length = 0; length < 4000; ++length)
        expect_refused(text_source("cut", std::string_view(whole).substr(0, length)), "a header");
}

TEST(Hostile, gguf_with_any_byte_changed_gives_a_model_or_an_error)
{
    auto const& catalog = shipped_catalog();
    auto const file = test_gguf_of(**find_model(catalog, "tinyllama-1.1b"),
        *entry_of(catalog.quants, "Q4_K"), *entry_of(catalog.quants, "F32"));
    auto bytes = file.header();
    std::size_t most = 0;
    for (std::size_t i = 0; i < 2000; ++i) {
        for (auto const flip : { '\x01', '\x80', '\xff' }) {
            auto const before = bytes[i];
            bytes[i] = static_cast<char>(bytes[i] ^ flip);
            auto source = text_source("changed", bytes);
            source.size = file.file_size();
            most = std::max(most, bytes_held([&] {
                if (auto const read = read_gguf(source, catalog))
                    static_cast<void>(model_of(*read, source, catalog));
            }));
            bytes[i] = before;
        }
    }
    EXPECT_LT(most, most_bytes);
}

TEST(Hostile, safetensors_are_refused_in_little_memory)
{
    auto const with_json = [](std::string const& json) { return number(json.size(), 8) + json; };
    std::string nested = "{\"a\":";
    for (int i = 0; i < 100'000; ++i)
        nested += "[";
    for (auto const& bytes : { std::string(), std::string("\xff", 1), number(1ull << 63, 8),
             number(1ull << 30, 8) + "{", with_json("[]"), with_json("{\"a\": 1}"),
             with_json(nested), with_json(R"({"a": {"dtype": "F99", "shape": [1],
                 "data_offsets": [0, 1]}})"),
             with_json(R"({"a": {"dtype": "F32", "shape": [4294967296, 4294967296, 4294967296],
                 "data_offsets": [0, 4]}})"),
             with_json(R"({"a": {"dtype": "F32", "shape": [1], "data_offsets": [4, 0]}})"),
             with_json(R"({"a": {"dtype": "F32", "shape": [-1], "data_offsets": [0, 4]}})"),
             with_json(R"({"a": {"dtype": "F32", "shape": [1], "data_offsets": [0, 1e30]}})"),
             number(4 << 20, 8) + std::string(4 << 20, ' '),
             number(4 << 20, 8) + "{" + std::string((4 << 20) - 1, '"') }) {
        std::string message;
        auto const held_bytes = bytes_held([&] {
            auto const read = read_safetensors(text_source("hostile", bytes));
            message = read ? "" : read.error().message;
        });
        EXPECT_FALSE(message.empty()) << bytes.substr(0, 200);
        EXPECT_LT(held_bytes, most_bytes);
    }
}

TEST(Hostile, configs_are_refused_in_little_memory)
{
    std::string long_list = R"({"model_type": "x", "layer_types": [)";
    for (int i = 0; i < 200'000; ++i)
        long_list += "\"sliding_attention\",";
    long_list += R"("full_attention"]})";
    auto const shaped = [](std::string_view field) {
        return fmt::format(R"({{"model_type": "x", "num_hidden_layers": 32, "hidden_size": 4096,
            "intermediate_size": 11008, "num_attention_heads": 32, "vocab_size": 32000, {}}})",
            field);
    };
    for (auto const& text : { std::string(), std::string("null"), std::string("{}"), long_list,
             std::string(100'000, '['), std::string(R"({"text_config": {"text_config": {}}})"),
             shaped(R"("num_hidden_layers": 1e18)"), shaped(R"("num_key_value_heads": 5)"),
             shaped(R"("head_dim": -1)"), shaped(R"("num_experts": 1000000000)"),
             shaped(R"("num_experts": 8, "num_experts_per_tok": 9)"),
             shaped(R"("num_key_value_heads": 0)") }) {
        std::string message;
        auto const held_bytes = bytes_held([&] {
            auto const model = read_model_config(text, "hostile.json");
            message = model ? "" : model.error().message;
        });
        EXPECT_FALSE(message.empty()) << text.substr(0, 300);
        EXPECT_LT(held_bytes, most_bytes);
    }
}

}

}
