#pragma once

#include <plan/byte_source.h>
#include <plan/catalog.h>
#include <plan/model.h>

#include <array>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <variant>
#include <vector>

// The header of a GGUF file, versions 2 and 3, little-endian: metadata and the list of tensors. Its
// data is never read. Limits are far above any real file and far below what could hurt.
namespace sidereal::plan {

// Arrays are kept if they hold numbers or truths, one a layer at most; of others only the length.
struct GgufValue {
    std::variant<std::int64_t, double, bool, std::string, std::vector<std::int64_t>> content;
    std::uint64_t length { 1 };
};

struct GgufTensor {
    std::string name;
    std::array<std::uint64_t, 4> size { 1, 1, 1, 1 };
    std::uint32_t type { 0 };
    std::uint64_t offset { 0 };

    std::uint64_t elements = 0;
};

struct GgufHeader {
    std::map<std::string, GgufValue, std::less<>> values;
    std::vector<GgufTensor> tensors;
    // Where the data begins.
    std::uint64_t data_offset { 0 };
    // By which the file is too short; 0 if it is whole.
    std::uint64_t missing_bytes { 0 };
};

// Every offset and size is checked against the catalogue's blocks; a type that is not there is
// kept. invalid_input names the byte.
Result<GgufHeader> read_gguf(ByteSource const& source, Catalog const& catalog);

// The model it describes. Unknown types of tensors are named in the model, not guessed.
Result<Model> model_of(GgufHeader const& header, ByteSource const& source, Catalog const& catalog);

// Adds the tensors of another part of a split file, with 0 and missing bytes if there are any.
Status add_split_part(Model& model, GgufHeader const& part, Catalog const& catalog);

// How many parts the file has been split into, 1 if it has not.
std::int64_t split_count(GgufHeader const& header);

}
