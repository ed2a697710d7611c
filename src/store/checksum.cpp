#include <store/checksum.h>

#include <array>
#include <cstddef>

namespace sidereal::store {

namespace {

constexpr std::uint32_t polynomial = 0x82f63b78; // reflected
constexpr std::size_t slices = 8;

using Tables = std::array<std::array<std::uint32_t, 256>, slices>;

constexpr Tables make_tables()
{
    Tables tables {};
    for (std::uint32_t byte = 0; byte < 256; ++byte) {
        auto value = byte;
        for (int bit = 0; bit < 8; ++bit)
            value = (value >> 1) ^ ((value & 1) != 0 ? polynomial : 0);
        tables[0][byte] = value;
    }
    for (std::size_t slice = 1; slice < slices; ++slice) {
        for (std::size_t byte = 0; byte < 256; ++byte) {
            auto const before = tables[slice - 1][byte];
            tables[slice][byte] = (before >> 8) ^ tables[0][before & 0xff];
        }
    }
    return tables;
}

constexpr Tables tables = make_tables();

}

std::uint32_t crc32c(std::string_view bytes)
{
    auto crc = ~std::uint32_t { 0 };
    std::size_t at = 0;
    auto const byte = [&](std::size_t index) {
        return static_cast<std::uint32_t>(static_cast<unsigned char>(bytes[at + index]));
    };
    // Eight bytes at a time, a table for each place (Kounavis and Berry, "slicing by 8").
    for (; at + slices <= bytes.size(); at += slices) {
        crc ^= byte(0) | byte(1) << 8 | byte(2) << 16 | byte(3) << 24;
        crc = tables[7][crc & 0xff] ^ tables[6][crc >> 8 & 0xff] ^ tables[5][crc >> 16 & 0xff]
            ^ tables[4][crc >> 24] ^ tables[3][byte(4)] ^ tables[2][byte(5)] ^ tables[1][byte(6)]
            ^ tables[0][byte(7)];
    }
    for (; at < bytes.size(); ++at)
        crc = (crc >> 8) ^ tables[0][(crc ^ byte(0)) & 0xff];
    return ~crc;
}

}
