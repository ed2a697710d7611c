#include <wire/base64.h>

#include <array>
#include <cstdint>

namespace sidereal::wire {

namespace {

constexpr std::string_view alphabet
    = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

constexpr std::uint32_t not_a_digit = 64;

constexpr std::array<std::uint8_t, 256> digits = [] {
    std::array<std::uint8_t, 256> table {};
    table.fill(not_a_digit);
    for (std::size_t i = 0; i < alphabet.size(); ++i)
        table[static_cast<unsigned char>(alphabet[i])] = static_cast<std::uint8_t>(i);
    return table;
}();

std::uint32_t byte_at(std::string_view bytes, std::size_t index)
{
    return index < bytes.size() ? static_cast<unsigned char>(bytes[index]) : 0;
}

}

std::string to_base64(std::string_view bytes)
{
    std::string text;
    text.resize((bytes.size() + 2) / 3 * 4);
    std::size_t to = 0;
    for (std::size_t from = 0; from < bytes.size(); from += 3) {
        auto const group = byte_at(bytes, from) << 16 | byte_at(bytes, from + 1) << 8
            | byte_at(bytes, from + 2);
        for (unsigned shift = 24; shift > 0; shift -= 6)
            text[to++] = alphabet[group >> (shift - 6) & 63];
    }
    auto const padding = (3 - bytes.size() % 3) % 3;
    text.replace(text.size() - padding, padding, padding, '=');
    return text;
}

std::optional<std::string> from_base64(std::string_view text)
{
    if (text.size() % 4 != 0)
        return std::nullopt;
    std::size_t padding = 0;
    while (padding < 2 && padding < text.size() && text[text.size() - 1 - padding] == '=')
        ++padding;
    std::string bytes;
    bytes.reserve(text.size() / 4 * 3);
    for (std::size_t from = 0; from < text.size(); from += 4) {
        auto const last = from + 4 == text.size();
        std::size_t const used = last ? 4 - padding : 4;
        std::uint32_t group = 0;
        for (std::size_t i = 0; i < 4; ++i) {
            auto const digit = i < used ? digits[static_cast<unsigned char>(text[from + i])] : 0;
            if (digit == not_a_digit)
                return std::nullopt;
            group = group << 6 | static_cast<std::uint32_t>(digit);
        }
        // Bits past the last byte must be zero: one spelling for each content.
        if ((used == 2 && (group & 0xffff) != 0) || (used == 3 && (group & 0xff) != 0))
            return std::nullopt;
        for (std::size_t i = 0; i + 1 < used; ++i)
            bytes += static_cast<char>(group >> (16 - 8 * i) & 0xff);
    }
    return bytes;
}

}
