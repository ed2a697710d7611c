#pragma once

#include <plan/byte_source.h>
#include <plan/model.h>

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

// The header of a safetensors file, and the index of a sharded one. The data is never read.
namespace sidereal::plan {

struct SafetensorsHeader {
    struct Tensor {
        std::string name;
        std::string type;
        std::uint64_t elements { 0 };
        std::uint64_t bytes { 0 };
    };
    std::vector<Tensor> tensors;
    std::uint64_t total_bytes { 0 };
};

// Strict: sizes agree with shapes and types, and the tensors fill the file without holes or
// overlaps. invalid_input names the tensor.
Result<SafetensorsHeader> read_safetensors(ByteSource const& source);

struct SafetensorsIndex {
    // Of all tensors, if the index says it.
    std::optional<std::uint64_t> total_bytes;
    // The shards, each once.
    std::vector<std::string> files;
};
Result<SafetensorsIndex> read_safetensors_index(std::string_view text, std::string_view name);

// Puts the exact bytes into a model whose shape comes from the config.json beside the file. Where
// no tensor tells the parts apart, shares follow the shape's.
void set_bytes(Model& model, SafetensorsHeader const& header);
void set_total_bytes(Model& model, std::uint64_t total_bytes);

}
