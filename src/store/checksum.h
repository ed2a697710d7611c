#pragma once

#include <cstdint>
#include <string_view>

namespace sidereal::store {

// CRC-32C (Castagnoli, as in RFC 3720), which finds every burst of up to 32 wrong bits.
std::uint32_t crc32c(std::string_view bytes);

}
