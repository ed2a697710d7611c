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

// A file in the making, with the types of its large and its small tensors.
struct GgufDraft {
    ModelEntry const& model;
    QuantType const& type;
    QuantType const& small;
    TestGguf file {};

    void key(std::string_view name, std::int64_t value)
    {
        file.key("m." + std::string(name), static_cast<std::uint32_t>(value));
    }
    void tensor(std::string const& name, std::vector<std::int64_t> const& sizes, bool is_small)
    {
        file.tensor(name + ".weight", { sizes.begin(), sizes.end() }, is_small ? small : type);
    }
    void large(std::string const& name, std::vector<std::int64_t> const& sizes)
    {
        tensor(name, sizes, false);
    }
};

inline void draft_keys(GgufDraft& draft)
{
    auto const& model = draft.model;
    draft.file.key("general.architecture", "m");
    draft.key("block_count", model.layers);
    draft.key("embedding_length", model.hidden);
    draft.key("attention.head_count", model.q_heads);
    draft.key("attention.head_count_kv", model.kv_heads);
    draft.key("attention.key_length", model.head_dim + model.rope_dim);
    draft.key("attention.value_length", model.head_dim);
    draft.key("feed_forward_length", model.dense_layers > 0 ? model.dense_ffn : model.ffn);
    if (model.experts > 0) {
        draft.key("expert_count", model.experts);
        draft.key("expert_used_count", model.experts_per_token);
        draft.key("expert_feed_forward_length", model.ffn);
        draft.key("leading_dense_block_count", model.dense_layers);
        draft.key("expert_shared_count", model.shared_ffn / model.ffn);
    }
    if (model.kv_rank > 0) {
        draft.key("attention.kv_lora_rank", model.kv_rank);
        draft.key("attention.q_lora_rank", model.q_rank);
        draft.key("rope.dimension_count", model.rope_dim);
    }
    if (model.sliding_window > 0) {
        draft.key("attention.sliding_window", model.sliding_window);
        draft.key("attention.sliding_window_pattern", model.full_attention_every);
    }
    draft.file.texts("tokenizer.ggml.tokens", static_cast<std::uint64_t>(model.vocab), "token");
}

inline void draft_attention(GgufDraft& draft, std::string const& block)
{
    auto const& model = draft.model;
    auto const d = model.hidden;
    if (model.kv_rank > 0) {
        draft.large(block + "attn_q_a", { d, model.q_rank });
        draft.large(block + "attn_q_b",
            { model.q_rank, model.q_heads * (model.head_dim + model.rope_dim) });
        draft.large(block + "attn_kv_a_mqa", { d, model.kv_rank + model.rope_dim });
        draft.large(block + "attn_kv_b", { model.kv_rank, model.q_heads * 2 * model.head_dim });
    } else {
        draft.large(block + "attn_q", { d, model.q_heads * model.head_dim });
        draft.large(block + "attn_k", { d, model.kv_heads * model.head_dim });
        draft.large(block + "attn_v", { d, model.kv_heads * model.head_dim });
    }
    draft.large(block + "attn_output", { model.q_heads * model.head_dim, d });
    draft.tensor(block + "attn_norm", { d }, true);
    draft.tensor(block + "ffn_norm", { d }, true);
}

inline void draft_feed_forward(GgufDraft& draft, std::string const& block, std::int64_t layer)
{
    auto const& model = draft.model;
    auto const d = model.hidden;
    auto const add = [&](std::string const& suffix, std::int64_t width, std::int64_t experts) {
        for (auto const* name : { "ffn_up", "ffn_gate", "ffn_down" }) {
            auto const down = std::string_view(name) == "ffn_down";
            std::vector<std::int64_t> sizes { down ? width : d, down ? d : width };
            if (experts > 0)
                sizes.push_back(experts);
            draft.large(block + name + suffix, sizes);
        }
    };
    if (model.experts == 0 || layer < model.dense_layers) {
        add("", model.experts > 0 ? model.dense_ffn : model.ffn, 0);
        return;
    }
    draft.tensor(block + "ffn_gate_inp", { d, model.experts }, true);
    add("_exps", model.ffn, model.experts);
    if (model.shared_ffn > 0)
        add("_shexp", model.shared_ffn, 0);
}

// The header a converter would write for a model of the catalogue, every matrix in one type.
inline TestGguf test_gguf_of(ModelEntry const& model, QuantType const& type, QuantType const& small)
{
    GgufDraft draft { model, type, small };
    draft_keys(draft);
    draft.large("token_embd", { model.hidden, model.vocab });
    if (!model.tied_embeddings)
        draft.large("output", { model.hidden, model.vocab });
    draft.tensor("output_norm", { model.hidden }, true);
    for (std::int64_t i = 0; i < model.layers; ++i) {
        auto const block = fmt::format("blk.{}.", i);
        draft_attention(draft, block);
        draft_feed_forward(draft, block, i);
    }
    return draft.file;
}

}
