#include <plan/gguf.h>

#include <algorithm>
#include <bit>
#include <set>
#include <utility>

namespace sidereal::plan {

namespace {

constexpr std::uint64_t max_entries = 65'536;
constexpr std::uint64_t max_header_bytes = 64ull << 20;
constexpr std::uint64_t max_key_bytes = 65'535;
constexpr std::uint64_t max_kept_text = 256;
constexpr std::uint64_t max_kept_array = 4096;
constexpr std::uint64_t max_elements = 1ull << 62;
constexpr std::uint64_t max_texts = 2'000'000;

enum ValueType : std::uint32_t {
    f32 = 6,
    truth = 7,
    text = 8,
    array = 9,
    f64 = 12,
};

// 0 for what has no fixed size.
int size_of_type(std::uint64_t type)
{
    static constexpr std::array<int, 13> sizes { 1, 1, 2, 2, 4, 4, 4, 1, 0, 0, 8, 8, 8 };
    return type < sizes.size() ? sizes[type] : -1;
}

bool is_signed_type(std::uint64_t type) { return type == 1 || type == 3 || type == 5; }

std::int64_t widened(std::uint64_t raw, std::uint64_t type)
{
    auto const bits = 8 * size_of_type(type);
    if (!is_signed_type(type) || bits == 64)
        return static_cast<std::int64_t>(raw);
    auto const shift = 64 - bits;
    return static_cast<std::int64_t>(raw << shift) >> shift;
}

Result<std::uint64_t> read_length(ByteCursor& in, std::uint64_t limit, std::string_view what)
{
    auto const length = TRY(in.integer(8));
    if (length > limit || length > in.left())
        return in.fault("{} has {} bytes; at most {} and no more than the file has are taken", what,
            length, limit);
    return length;
}

bool is_key(std::string_view key)
{
    return !key.empty() && std::all_of(key.begin(), key.end(), [](char letter) {
        return letter > 0x20 && letter < 0x7f;
    });
}

Result<GgufValue> read_array(ByteCursor& in, std::string const& key)
{
    auto const type = TRY(in.integer(4));
    auto const length = TRY(in.integer(8));
    auto const size = size_of_type(type);
    if (size < 0 || type == ValueType::array)
        return in.fault(
            "'{}' is an array of type {}; expected numbers, truths or texts", key, type);
    auto const least = static_cast<std::uint64_t>(size > 0 ? size : 8);
    if (length > in.left() / least)
        return in.fault(
            "'{}' has {} entries; the file has room for {}", key, length, in.left() / least);
    GgufValue value { std::vector<std::int64_t> {}, length };
    if (size == 0) {
        if (length > max_texts)
            return in.fault("'{}' has {} texts; at most {} are taken", key, length, max_texts);
        for (std::uint64_t i = 0; i < length; ++i) {
            auto const text_bytes = TRY(read_length(in, max_header_bytes, "a text"));
            TRY(in.skip(text_bytes));
        }
        return value;
    }
    if (length > max_kept_array || type == ValueType::f32 || type == ValueType::f64) {
        TRY(in.skip(length * least));
        return value;
    }
    std::vector<std::int64_t> entries;
    for (std::uint64_t i = 0; i < length; ++i)
        entries.push_back(widened(TRY(in.integer(size)), type));
    value.content = std::move(entries);
    return value;
}

Result<GgufValue> read_value(ByteCursor& in, std::string const& key)
{
    auto const type = TRY(in.integer(4));
    if (type == ValueType::array)
        return read_array(in, key);
    if (type == ValueType::text) {
        auto const length = TRY(read_length(in, 16u << 20, "'" + key + "'"));
        if (length <= max_kept_text)
            return GgufValue { TRY(in.text(length)), length };
        TRY(in.skip(length));
        return GgufValue { std::string(), length };
    }
    auto const size = size_of_type(type);
    if (size <= 0)
        return in.fault("'{}' has a value of type {}; the format knows 0 to 12", key, type);
    auto const raw = TRY(in.integer(size));
    if (type == ValueType::f32)
        return GgufValue { double { std::bit_cast<float>(static_cast<std::uint32_t>(raw)) } };
    if (type == ValueType::f64)
        return GgufValue { std::bit_cast<double>(raw) };
    if (type == ValueType::truth)
        return GgufValue { raw != 0 };
    return GgufValue { widened(raw, type) };
}

Result<GgufTensor> read_tensor(ByteCursor& in)
{
    GgufTensor tensor;
    auto const length = TRY(read_length(in, 1024, "a tensor's name"));
    tensor.name = TRY(in.text(length));
    if (!is_key(tensor.name))
        return in.fault("a tensor's name is not made of printable ASCII");
    auto const dimensions = TRY(in.integer(4));
    if (dimensions > 4)
        return in.fault("tensor '{}' has {} dimensions; at most 4", tensor.name, dimensions);
    tensor.elements = 1;
    for (std::size_t i = 0; i < dimensions; ++i) {
        tensor.size[i] = TRY(in.integer(8));
        if (tensor.size[i] == 0 || tensor.size[i] > max_elements / tensor.elements)
            return in.fault("tensor '{}' has an impossible size {}", tensor.name, tensor.size[i]);
        tensor.elements *= tensor.size[i];
    }
    tensor.type = static_cast<std::uint32_t>(TRY(in.integer(4)));
    tensor.offset = TRY(in.integer(8));
    return tensor;
}

QuantType const* type_of(GgufTensor const& tensor, Catalog const& catalog)
{
    for (auto const& quant : catalog.quants) {
        if (quant.ggml_type == tensor.type)
            return &quant;
    }
    return nullptr;
}

// Where the tensors end, if each lies where the one before says; stops at an unknown type.
Status check_data(GgufHeader& header, std::uint64_t alignment, ByteCursor const& in,
    ByteSource const& source, Catalog const& catalog)
{
    std::uint64_t expected = 0;
    for (auto const& tensor : header.tensors) {
        auto const* type = type_of(tensor, catalog);
        if (tensor.offset != expected)
            return in.fault(
                "tensor '{}' lies at {}; expected {}", tensor.name, tensor.offset, expected);
        if (!type)
            return {};
        if (tensor.size[0] % type->block_elements != 0)
            return in.fault("tensor '{}': rows of {} do not divide into {} blocks of {}",
                tensor.name, tensor.size[0], type->id, type->block_elements);
        auto const blocks = tensor.elements / type->block_elements;
        if (blocks > max_elements / type->block_bytes)
            return in.fault("tensor '{}' is impossibly large", tensor.name);
        auto const end = expected + blocks * type->block_bytes;
        if (end > max_elements)
            return in.fault("tensor '{}' is impossibly large", tensor.name);
        auto const whole = header.data_offset + end;
        if (whole > source.size)
            header.missing_bytes = whole - source.size;
        expected = end + (alignment - end % alignment) % alignment;
    }
    return {};
}

Result<std::uint64_t> read_alignment(GgufHeader const& header, ByteCursor const& in)
{
    auto const found = header.values.find("general.alignment");
    if (found == header.values.end())
        return std::uint64_t { 32 };
    auto const* number = std::get_if<std::int64_t>(&found->second.content);
    if (!number || *number < 1 || *number > 1 << 20
        || !std::has_single_bit(static_cast<std::uint64_t>(*number)))
        return in.fault("general.alignment must be a power of two up to 1048576");
    return static_cast<std::uint64_t>(*number);
}

Status read_magic(ByteCursor& in)
{
    auto const magic = TRY(in.text(4));
    if (magic != "GGUF")
        return in.fault("a GGUF file begins with 'GGUF'; this is another format");
    auto const version = TRY(in.integer(4));
    if (version == 0x03000000 || version == 0x02000000)
        return in.fault("the file is big-endian: convert it on the machine it was made for");
    if (version == 1)
        return in.fault("version 1 of the format is no longer in use: convert the file anew");
    if (version != 2 && version != 3)
        return in.fault("version {} of the format is unknown; expected 2 or 3", version);
    return {};
}

Status read_values(ByteCursor& in, std::uint64_t count, GgufHeader& header)
{
    for (std::uint64_t i = 0; i < count; ++i) {
        auto const length = TRY(read_length(in, max_key_bytes, "a key"));
        // A long key is legal, yet nothing we look for.
        auto key = TRY(in.text(length));
        if (!is_key(key))
            return in.fault("key {} is not made of printable ASCII", i);
        if (key.size() > max_kept_text)
            key.resize(max_kept_text);
        auto value = TRY(read_value(in, key));
        if (in.at() > max_header_bytes)
            return in.fault("the header is longer than {} bytes", max_header_bytes);
        if (!header.values.emplace(key, std::move(value)).second)
            return in.fault("key '{}' stands there twice", key);
    }
    return {};
}

}

Result<GgufHeader> read_gguf(ByteSource const& source, Catalog const& catalog)
{
    ByteCursor in(source);
    TRY(read_magic(in));
    auto const tensors = TRY(in.integer(8));
    auto const values = TRY(in.integer(8));
    if (tensors > max_entries || tensors > in.left() / 24)
        return in.fault("{} tensors: at most {} and as many as fit the file", tensors, max_entries);
    if (values > max_entries || values > in.left() / 13)
        return in.fault("{} keys: at most {} and as many as fit the file", values, max_entries);
    GgufHeader header;
    TRY(read_values(in, values, header));
    std::set<std::string_view> names;
    header.tensors.reserve(tensors);
    for (std::uint64_t i = 0; i < tensors; ++i) {
        header.tensors.push_back(TRY(read_tensor(in)));
        if (!names.insert(header.tensors.back().name).second)
            return in.fault("tensor '{}' stands there twice", header.tensors.back().name);
    }
    auto const alignment = TRY(read_alignment(header, in));
    header.data_offset = in.at() + (alignment - in.at() % alignment) % alignment;
    TRY(check_data(header, alignment, in, source, catalog));
    return header;
}

}
