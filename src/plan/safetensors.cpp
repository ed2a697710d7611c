#include <plan/safetensors.h>

#include <base/json.h>
#include <plan/tensor_parts.h>

#include <algorithm>
#include <map>
#include <set>

namespace sidereal::plan {

namespace {

// The format allows 100 MB; a header of a million tensors stays below this.
constexpr std::uint64_t max_header_bytes = 4u << 20;
constexpr std::uint64_t max_elements = 1ull << 56;

int bits_of(std::string_view type)
{
    static std::map<std::string_view, int> const bits { { "BOOL", 8 }, { "U8", 8 }, { "I8", 8 },
        { "F8_E5M2", 8 }, { "F8_E4M3", 8 }, { "F8_E8M0", 8 }, { "F8_E4M3FNUZ", 8 },
        { "F8_E5M2FNUZ", 8 }, { "I16", 16 }, { "U16", 16 }, { "F16", 16 }, { "BF16", 16 },
        { "I32", 32 }, { "U32", 32 }, { "F32", 32 }, { "I64", 64 }, { "U64", 64 }, { "F64", 64 },
        { "C64", 64 }, { "F6_E2M3", 6 }, { "F6_E3M2", 6 }, { "F4", 4 } };
    auto const found = bits.find(type);
    return found == bits.end() ? 0 : found->second;
}

struct Placed {
    SafetensorsHeader::Tensor tensor;
    std::uint64_t begin { 0 };
    std::uint64_t end { 0 };
};

Result<std::uint64_t> count_of(Json const& value)
{
    if (value.is_int64() && value.get_int64() >= 0)
        return static_cast<std::uint64_t>(value.get_int64());
    if (value.is_uint64())
        return value.get_uint64();
    return fail(ErrorCode::invalid_input, "expected whole numbers from 0");
}

Result<Placed> read_tensor(std::string_view name, JsonObject const& object)
{
    Placed placed;
    placed.tensor.name = std::string(name.substr(0, 1024));
    placed.tensor.type = TRY(get_string(object, "dtype"));
    auto const bits = bits_of(placed.tensor.type);
    if (bits == 0)
        return fail(ErrorCode::invalid_input, "cannot size: dtype '{}' is not known",
            placed.tensor.type.substr(0, 40));
    placed.tensor.elements = 1;
    for (auto const& entry : *TRY(get_array(object, "shape"))) {
        auto const size = TRY(count_of(entry));
        if (size > 0 && placed.tensor.elements > max_elements / size)
            return fail(ErrorCode::invalid_input, "the shape is impossibly large");
        placed.tensor.elements *= size;
    }
    auto const all_bits = placed.tensor.elements * static_cast<std::uint64_t>(bits);
    if (all_bits % 8 != 0)
        return fail(ErrorCode::invalid_input, "{} elements of {} bits fill no whole bytes",
            placed.tensor.elements, bits);
    placed.tensor.bytes = all_bits / 8;
    auto const& offsets = *TRY(get_array(object, "data_offsets"));
    if (offsets.size() != 2)
        return fail(ErrorCode::invalid_input, "data_offsets: expected [begin, end]");
    placed.begin = TRY(count_of(offsets[0]));
    placed.end = TRY(count_of(offsets[1]));
    if (placed.end < placed.begin || placed.end - placed.begin != placed.tensor.bytes)
        return fail(ErrorCode::invalid_input, "data_offsets [{}, {}] do not hold its {} bytes",
            placed.begin, placed.end, placed.tensor.bytes);
    return placed;
}

}

Result<SafetensorsHeader> read_safetensors(ByteSource const& source)
{
    ByteCursor in(source);
    auto const length = TRY(in.integer(8));
    if (length > max_header_bytes || length > in.left())
        return in.fault("a header of {} bytes; at most {} and no more than the file has are taken",
            length, max_header_bytes);
    auto const text = TRY(in.text(length));
    if (!text.starts_with('{'))
        return in.fault("the header is no JSON object");
    auto const json = parse_json(text);
    if (!json)
        return fail(ErrorCode::invalid_input, "{}: header: {}", source.name, json.error().message);
    auto const* object = TRY(as_object(*json, source.name));
    std::vector<Placed> placed;
    for (auto const& pair : *object) {
        auto const name = std::string_view(pair.key());
        if (name == "__metadata__")
            continue;
        if (!pair.value().is_object())
            return fail(ErrorCode::invalid_input, "{}: tensor '{}': expected an object",
                source.name, name.substr(0, 80));
        auto tensor = read_tensor(name, pair.value().get_object());
        if (!tensor)
            return fail(ErrorCode::invalid_input, "{}: tensor '{}': {}", source.name,
                name.substr(0, 80), tensor.error().message);
        placed.push_back(std::move(*tensor));
    }
    std::sort(placed.begin(), placed.end(), [](Placed const& a, Placed const& b) {
        return std::pair(a.begin, a.end) < std::pair(b.begin, b.end);
    });
    SafetensorsHeader header;
    for (auto& tensor : placed) {
        if (tensor.begin != header.total_bytes)
            return fail(ErrorCode::invalid_input, "{}: tensor '{}' begins at {}; expected {}",
                source.name, tensor.tensor.name, tensor.begin, header.total_bytes);
        header.total_bytes = tensor.end;
        header.tensors.push_back(std::move(tensor.tensor));
    }
    auto const whole = 8 + length + header.total_bytes;
    if (whole != source.size)
        return fail(ErrorCode::invalid_input, "{}: has {} bytes; its header says {}{}", source.name,
            source.size, whole,
            whole > source.size ? fmt::format(": {} are missing", whole - source.size) : "");
    return header;
}

namespace {

// Some write it with a decimal point, and some not at all.
Result<std::optional<std::uint64_t>> total_bytes_of(JsonObject const& index, std::string_view name)
{
    auto const metadata = get_object(index, "metadata");
    auto const* total = metadata ? find(**metadata, "total_size") : nullptr;
    if (!total)
        return std::nullopt;
    constexpr double most = 1e15;
    auto const bytes = get_double(**metadata, "total_size");
    if (!bytes || !(*bytes >= 1 && *bytes <= most))
        return fail(ErrorCode::invalid_input,
            "{}: metadata: field 'total_size': expected a number of bytes from 1 to 1e15", name);
    return static_cast<std::uint64_t>(*bytes);
}

}

Result<SafetensorsIndex> read_safetensors_index(std::string_view text, std::string_view name)
{
    auto const json = parse_json(text);
    if (!json)
        return fail(ErrorCode::invalid_input, "{}: {}", name, json.error().message);
    auto const* object = TRY(as_object(*json, name));
    auto const map = get_object(*object, "weight_map");
    if (!map)
        return fail(ErrorCode::invalid_input, "{}: expected the object 'weight_map'", name);
    SafetensorsIndex index { TRY(total_bytes_of(*object, name)), {} };
    std::set<std::string> files;
    for (auto const& pair : **map) {
        if (!pair.value().is_string())
            return fail(ErrorCode::invalid_input, "{}: weight_map: expected names of files", name);
        files.emplace(std::string_view(pair.value().get_string()));
    }
    for (auto const& file : files) {
        if (file.find('/') != std::string::npos || file.starts_with('.'))
            return fail(ErrorCode::invalid_input, "{}: weight_map: '{}' is no plain name of a file",
                name, file);
        index.files.push_back(file);
    }
    return index;
}

void set_bytes(Model& model, SafetensorsHeader const& header)
{
    if (!model.bytes)
        model.bytes = Parts {};
    for (auto const& tensor : header.tensors)
        (*model.bytes).*part_of_tensor(tensor.name) += static_cast<double>(tensor.bytes);
}

void set_total_bytes(Model& model, std::uint64_t total_bytes)
{
    auto const share = static_cast<double>(total_bytes) / model.params.total();
    auto const& p = model.params;
    model.bytes = Parts { p.embedding * share, p.head * share, p.attention * share, p.ffn * share,
        p.experts * share, p.small * share };
}

}
