#pragma once

#include <cstdint>
#include <string_view>

namespace sidereal {

enum class LineBreaks : std::uint8_t {
    refused,
    allowed, // and tabs
};
// Unicode category Cc: U+0000..U+001F and U+007F..U+009F.
bool has_control_characters(std::string_view text, LineBreaks line_breaks);

}
