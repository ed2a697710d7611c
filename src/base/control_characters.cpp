#include <base/control_characters.h>

#include <cstddef>

namespace sidereal {

bool has_control_characters(std::string_view text, LineBreaks line_breaks)
{
    for (std::size_t i = 0; i < text.size(); ++i) {
        auto const byte = static_cast<unsigned char>(text[i]);
        bool const is_break = byte == '\n' || byte == '\r' || byte == '\t';
        if (is_break && line_breaks == LineBreaks::allowed)
            continue;
        if (byte < 0x20 || byte == 0x7f)
            return true;
        bool const has_next = i + 1 < text.size();
        if (byte == 0xc2 && has_next && static_cast<unsigned char>(text[i + 1]) < 0xa0)
            return true;
    }
    return false;
}

}
