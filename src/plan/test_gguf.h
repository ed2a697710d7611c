#pragma once

#include <plan/catalog.h>
#include <plan/gguf.h>

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

// Writes GGUF headers byte by byte, for tests and benchmarks; the data behind them is not there.
namespace sidereal::plan {

class TestGguf {
public:
    TestGguf& key(std::string_view name, std::string_view text)
    {
        return begin(name, 8).text(values_, text);
    }
    TestGguf& key(std::string_view name, std::uint32_t number)
    {
        return begin(name, 4).integer(values_, number, 4);
    }
    TestGguf& texts(std::string_view name, std::uint64_t count, std::string_view each)
    {
        begin(name, 9).integer(values_, 8, 4).integer(values_, count, 8);
        for (std::uint64_t i = 0; i < count; ++i)
            text(values_, each);
        return *this;
    }
    TestGguf& tensor(
        std::string_view name, std::vector<std::uint64_t> const& sizes, QuantType const& type)
    {
        std::uint64_t elements = 1;
        text(tensors_, name).integer(tensors_, sizes.size(), 4);
        for (auto const size : sizes) {
            integer(tensors_, size, 8);
            elements *= size;
        }
        integer(tensors_, static_cast<std::uint64_t>(type.ggml_type), 4);
        integer(tensors_, data_bytes_, 8);
        data_bytes_ += (elements / type.block_elements * type.block_bytes + 31) / 32 * 32;
        ++tensor_count_;
        return *this;
    }

    std::string header() const
    {
        std::string out = "GGUF";
        TestGguf spare;
        spare.integer(out, 3, 4);
        spare.integer(out, tensor_count_, 8).integer(out, value_count_, 8);
        out += values_ + tensors_;
        out.resize((out.size() + 31) / 32 * 32, '\0');
        return out;
    }
    std::uint64_t file_size() const { return header().size() + data_bytes_; }

private:
    TestGguf& begin(std::string_view name, std::uint32_t type)
    {
        ++value_count_;
        return text(values_, name).integer(values_, type, 4);
    }
    TestGguf& integer(std::string& out, std::uint64_t value, int bytes)
    {
        for (int i = 0; i < bytes; ++i)
            out += static_cast<char>(value >> (8 * i) & 0xff);
        return *this;
    }
    TestGguf& text(std::string& out, std::string_view content)
    {
        integer(out, content.size(), 8);
        out += content;
        return *this;
    }

    std::string values_;
    std::string tensors_;
    std::uint64_t value_count_ { 0 };
    std::uint64_t tensor_count_ { 0 };
    std::uint64_t data_bytes_ { 0 };
};

// The header a converter would write for a model of the catalogue, every matrix in one type.
inline TestGguf test_gguf_of(ModelEntry const& model, QuantType const& type, QuantType const& small)
{
    TestGguf file;
    auto const number = [](std::int64_t value) { return static_cast<std::uint64_t>(value); };
    auto const key = [&](std::string_view name, std::int64_t value) {
        file.key("m." + std::string(name), static_cast<std::uint32_t>(value));
    };
    file.key("general.architecture", "m");
    key("block_count", model.layers);
    key("embedding_length", model.hidden);
    key("attention.head_count", model.q_heads);
    key("attention.head_count_kv", model.kv_heads);
    key("attention.key_length", model.head_dim + model.rope_dim);
    key("attention.value_length", model.head_dim);
    key("feed_forward_length", model.dense_layers > 0 ? model.dense_ffn : model.ffn);
    if (model.experts > 0) {
        key("expert_count", model.experts);
        key("expert_used_count", model.experts_per_token);
        key("expert_feed_forward_length", model.ffn);
        key("leading_dense_block_count", model.dense_layers);
        key("expert_shared_count", model.shared_ffn / model.ffn);
    }
    if (model.kv_rank > 0) {
        key("attention.kv_lora_rank", model.kv_rank);
        key("attention.q_lora_rank", model.q_rank);
        key("rope.dimension_count", model.rope_dim);
    }
    if (model.sliding_window > 0) {
        key("attention.sliding_window", model.sliding_window);
        key("attention.sliding_window_pattern", model.full_attention_every);
    }
    file.texts("tokenizer.ggml.tokens", number(model.vocab), "token");
    auto const d = number(model.hidden);
    auto const queries = number(model.q_heads * model.head_dim);
    auto const rows = number(model.kv_heads * model.head_dim);
    file.tensor("token_embd.weight", { d, number(model.vocab) }, type);
    if (!model.tied_embeddings)
        file.tensor("output.weight", { d, number(model.vocab) }, type);
    file.tensor("output_norm.weight", { d }, small);
    for (std::int64_t i = 0; i < model.layers; ++i) {
        auto const block = fmt::format("blk.{}.", i);
        if (model.kv_rank > 0) {
            auto const rank = number(model.kv_rank);
            auto const heads = number(model.q_heads);
            auto const q_rank = number(model.q_rank);
            file.tensor(block + "attn_q_a.weight", { d, q_rank }, type);
            file.tensor(block + "attn_q_b.weight",
                { q_rank, number(model.q_heads * (model.head_dim + model.rope_dim)) }, type);
            file.tensor(block + "attn_kv_a_mqa.weight",
                { d, number(model.kv_rank + model.rope_dim) }, type);
            file.tensor(
                block + "attn_kv_b.weight", { rank, heads * 2 * number(model.head_dim) }, type);
        } else {
            file.tensor(block + "attn_q.weight", { d, queries }, type);
            file.tensor(block + "attn_k.weight", { d, rows }, type);
            file.tensor(block + "attn_v.weight", { d, rows }, type);
        }
        file.tensor(block + "attn_output.weight", { queries, d }, type);
        file.tensor(block + "attn_norm.weight", { d }, small);
        file.tensor(block + "ffn_norm.weight", { d }, small);
        auto const is_dense = model.experts == 0 || i < model.dense_layers;
        auto const add = [&](std::string_view suffix, std::uint64_t width, std::uint64_t experts) {
            for (auto const* name : { "ffn_up", "ffn_gate", "ffn_down" }) {
                auto const down = std::string_view(name) == "ffn_down";
                std::vector<std::uint64_t> sizes { down ? width : d, down ? d : width };
                if (experts > 0)
                    sizes.push_back(experts);
                file.tensor(fmt::format("{}{}{}.weight", block, name, suffix), sizes, type);
            }
        };
        if (is_dense) {
            add("", number(model.experts > 0 ? model.dense_ffn : model.ffn), 0);
            continue;
        }
        file.tensor(block + "ffn_gate_inp.weight", { d, number(model.experts) }, small);
        add("_exps", number(model.ffn), number(model.experts));
        if (model.shared_ffn > 0)
            add("_shexp", number(model.shared_ffn), 0);
    }
    return file;
}

}
